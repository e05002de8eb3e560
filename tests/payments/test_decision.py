import pytest
from pydantic import ValidationError

from payments.decision import Decision
from tests.payments.made import AT, reroute


@pytest.mark.parametrize(("kind", "action"), [("edit", None), ("approve", reroute()), ("reject", reroute())])
def test_an_edit_carries_an_action_and_nothing_else_does(kind: str, action: object) -> None:
    with pytest.raises(ValidationError, match="an edit carries an action, and nothing else does"):
        Decision.model_validate({"type": kind, "by": "ada", "at": AT, "action": action})


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Decision.model_validate({"type": "approve", "by": "ada", "at": "2026-03-02T12:00:00"})


@pytest.mark.parametrize("note", ["", " \n"])
def test_a_response_without_words_is_none(note: str) -> None:
    with pytest.raises(ValidationError, match="a response carries words"):
        Decision(type="respond", by="ada", at=AT, note=note)


def test_a_decision_says_who_chose_what_and_when() -> None:
    said = Decision(type="respond", by="ada", at=AT, note="Look again.", question=2)
    assert said.words == "ada chose to respond at 2026-03-02 12:00:00 UTC"
