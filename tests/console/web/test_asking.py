"""What a person may answer, what may be changed, and how a form is read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.standing import History
from console.web.access.people import Person, Role
from console.web.incidents.asking import ask_of, changes_in
from payments.action import Action, AdjustRetryPolicy, Alert
from payments.decision import Decision
from payments.errors import InputError
from payments.incident import Incident, Status
from payments.segment import Segment
from payments.verdict import Check
from tests.console.examples import NOON, REROUTE, incident, plan

ASHA = Person("asha", Role.APPROVER)
NOW = History(now=NOON + timedelta(seconds=30))
RETRY = AdjustRetryPolicy(scope=Segment.of(merchant="m"), max_attempts=2, backoff_s=30.0)


def proposing(action: Action) -> Incident:
    return incident().model_copy(update={"plan": plan(action)})


def too_old(limit_s: float) -> Incident:
    old = incident()
    assert old.verdict is not None
    age = Check(name="proposal_age", passed=True, sentence="Young.", on_failure="block", limit=limit_s)
    return old.model_copy(update={"verdict": old.verdict.model_copy(update={"checks": (age,)})})


def test_a_waiting_incident_asks_its_question() -> None:
    ask = ask_of(incident(), NOW, ASHA)
    assert ask is not None
    assert (ask.question, ask.not_at_all, ask.no_approval, ask.no_reply) == (1, "", "", "")
    assert ask.lines[0] == "Question 1."


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.WAITING])
def test_any_other_incident_asks_nothing(status: Status) -> None:
    assert ask_of(incident(status), NOW, ASHA) is None


def test_a_question_that_was_answered_is_not_asked_until_the_run_goes_on() -> None:
    answered = History(now=NOON, decisions=(Decision(type="approve", by="ravi", at=NOON),))
    assert ask_of(incident(), answered, ASHA) is None


def test_a_viewer_may_not_decide() -> None:
    ask = ask_of(incident(), NOW, Person("vera", Role.VIEWER))
    assert ask is not None
    assert ask.not_at_all == "You look as viewer: an approver decides."


@pytest.mark.parametrize("name", ["asha", "Asha", " ASHA "])
def test_who_stands_behind_a_proposal_may_not_approve_it_again(name: str) -> None:
    ask = ask_of(incident().model_copy(update={"approvers": (name,)}), NOW, ASHA)
    assert ask is not None
    assert "somebody else" in ask.no_approval
    assert ask.no_reply == ""


@pytest.mark.parametrize(("limit_s", "may"), [(30.0, True), (29.0, False)])
def test_a_proposal_may_be_approved_until_it_is_too_old(limit_s: float, may: bool) -> None:
    ask = ask_of(too_old(limit_s), NOW, ASHA)
    assert ask is not None
    assert (ask.no_approval == "") is may


def test_in_a_world_that_is_gone_nothing_may_be_approved_or_asked_again() -> None:
    ask = ask_of(incident(), History(now=None), ASHA)
    assert ask is not None
    assert "is gone" in ask.no_approval
    assert ask.no_reply == ask.no_approval


@pytest.mark.parametrize(
    ("action", "names"),
    [
        (REROUTE, ["share", "to-0", "to-1"]),
        (REROUTE.model_copy(update={"to": {"unipay": 1.0}}), ["share"]),
        (RETRY, ["max_attempts", "backoff_s"]),
        (Alert(scope=Segment.of(), message="look"), []),
    ],
)
def test_what_may_be_changed_follows_from_the_action(action: Action, names: list[str]) -> None:
    ask = ask_of(proposing(action), NOW, ASHA)
    assert ask is not None
    assert [field.name for field in ask.fields] == names


def test_the_bounds_of_a_field_are_those_of_the_action() -> None:
    ask = ask_of(proposing(RETRY), NOW, ASHA)
    assert ask is not None
    assert [(field.low, field.high) for field in ask.fields] == [("1", "10"), ("0", "86400")]
    ask = ask_of(incident(), NOW, ASHA)
    assert ask is not None
    assert (ask.fields[0].low, ask.fields[0].high) == ("1", "100")


def test_a_form_that_was_left_as_it_was_shown_changes_nothing() -> None:
    odd = REROUTE.model_copy(update={"share": 0.98765, "to": {"swiftgate": 0.61234, "unipay": 0.38766}})
    ask = ask_of(proposing(odd), NOW, ASHA)
    assert ask is not None
    assert changes_in({field.name: field.value for field in ask.fields}, odd) == {}


def test_a_changed_share_leaves_the_targets_exactly_as_they_were() -> None:
    assert changes_in({"share": "10", "to-0": "60", "to-1": "40"}, REROUTE) == {"share": 0.1}


def test_changed_parts_are_fractions_of_one() -> None:
    changes = changes_in({"share": "98", "to-0": "25", "to-1": "75"}, REROUTE)
    assert changes == {"to": {"swiftgate": 0.25, "unipay": 0.75}}


def test_a_target_that_gets_nothing_is_left_out() -> None:
    assert changes_in({"to-0": "0", "to-1": "100"}, REROUTE) == {"to": {"unipay": 1.0}}


def test_rounded_parts_are_made_to_add_up() -> None:
    three = REROUTE.model_copy(update={"to": {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}})
    changes = changes_in({"to-0": "33.4", "to-1": "33.4"}, three)
    assert sum(changes["to"].values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"share": "ten"}, "Share to move is 'ten', which is no number"),
        ({"to-0": "50"}, "add up to 90 %, they must add up to 100 %"),
        ({"to-0": "1e999"}, "add up to inf %"),
        ({"to-0": "nan"}, "add up to nan %"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(form: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        changes_in(form, REROUTE)


@given(
    st.dictionaries(st.sampled_from(["share", "to-0", "to-1", "to-9", "kind", "scope"]), st.text(max_size=8))
)
def test_whatever_a_form_holds_gives_known_changes_or_a_sentence(form: dict[str, str]) -> None:
    try:
        changes = changes_in(form, REROUTE)
    except InputError:
        return
    assert changes.keys() <= {"share", "to"}
