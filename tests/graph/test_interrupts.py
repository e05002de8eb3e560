"""The question to a human, and the answers of three kinds of inboxes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.interrupts import ask_payload, read_answer
from graph.state import CrewState
from payments.action import Reroute
from payments.decision import Decision
from payments.errors import RefusedError
from tests.graph.made import NOON, REROUTE, Left, decision, plan

PLAN = plan()
NAME = REROUTE.kind.value
LESS = REROUTE.model_copy(update={"share": 0.25})
LESS_ARGS = LESS.model_dump(mode="json", exclude={"kind"})
AS_TEXT = {name: value if isinstance(value, str) else json.dumps(value) for name, value in LESS_ARGS.items()}


def read(answer: object) -> Decision:
    return read_answer(answer, PLAN, NOON)


@pytest.mark.parametrize(
    "answer",
    [
        {"decisions": [{"type": "approve"}]},
        [{"type": "accept", "args": None}],
        {"type": "accept"},
        "approve",
        "accept",
        decision("approve").model_dump(mode="json"),
    ],
)
def test_every_inbox_can_approve(answer: object) -> None:
    read_decision = read(answer)
    assert (read_decision.type, read_decision.action, read_decision.at) == ("approve", None, NOON)


@pytest.mark.parametrize(
    "answer",
    [
        {"decisions": [{"type": "reject", "message": "not now"}]},
        {"type": "reject", "message": "not now"},
        decision("reject", note="not now").model_dump(mode="json"),
    ],
)
def test_every_inbox_can_reject_with_words(answer: object) -> None:
    assert (read(answer).type, read(answer).note) == ("reject", "not now")


@pytest.mark.parametrize(
    "answer",
    [
        [{"type": "response", "args": "unipay is back"}],
        {"decisions": [{"type": "respond", "message": "unipay is back"}]},
        decision("respond", note="unipay is back").model_dump(mode="json"),
    ],
)
def test_every_inbox_can_respond_with_words(answer: object) -> None:
    assert (read(answer).type, read(answer).note) == ("respond", "unipay is back")


@pytest.mark.parametrize("answer", [[{"type": "ignore", "args": None}], "ignore", {"type": "ignore"}])
def test_every_inbox_can_ignore(answer: object) -> None:
    assert (read(answer).type, read(answer).note) == ("ignore", "")


def test_an_answer_that_names_no_question_answers_the_one_that_is_asked() -> None:
    assert read_answer("approve", PLAN, NOON, 3).question == 3
    assert read_answer({"type": "approve", "question": 2}, PLAN, NOON, 3).question == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"decisions": [{"type": "edit", "edited_action": {"name": NAME, "args": LESS_ARGS}}]},
        {"decisions": [{"type": "edit", "edited_action": {"name": NAME, "args": {"share": 0.25}}}]},
        [{"type": "edit", "args": {"action": NAME, "args": AS_TEXT}}],
        [{"type": "edit", "args": {"action": NAME, "args": {"share": "0.25"}}}],
        decision("edit", LESS).model_dump(mode="json"),
    ],
    ids=["current", "current, one argument", "Agent Inbox, all as text", "Agent Inbox, one as text", "own"],
)
def test_every_inbox_can_edit(answer: object) -> None:
    assert read(answer).action == LESS


def test_who_answered_is_kept_where_the_inbox_says_it() -> None:
    assert read(decision("approve").model_dump(mode="json")).by == "dana"
    assert read("approve").by == "studio"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "neither a decision nor a list"),
        ([], "neither a decision nor a list"),
        (7, "neither a decision nor a list"),
        ({"decisions": []}, "neither a decision nor a list"),
        ({"decisions": ["approve"]}, "neither a decision nor a list"),
        ({}, "answer of type None"),
        ({"type": "perhaps"}, "answer of type 'perhaps'"),
        ({"type": ["approve"]}, "answer of type"),
        ({"type": "edit"}, "edited arguments as an object, got None"),
        ({"type": "edit", "edited_action": "share=1"}, "edited arguments as an object, got 'share=1'"),
        ({"type": "edit", "args": {"action": NAME, "args": "share=1"}}, "must be an object, got 'share=1'"),
        ({"type": "edit", "args": {"share": "most"}}, "share: .*got 'most'"),
        ({"type": "edit", "args": {"share": "1.5"}}, "share: .*got '1.5'"),
        ({"type": "edit", "args": {"share": "nan"}}, "share: .*got 'nan'"),
        ({"type": "edit", "args": {"to": "everywhere"}}, "to: .*got 'everywhere'"),
        ({"type": "edit", "args": {"speed": "9"}}, "speed: .*got '9'"),
        ({"type": "edit", "args": {"kind": "take_no_action"}}, "cannot make it 'take_no_action'"),
        ({"type": "edit", "args": {"limits_per_s": {"b": "inf"}}}, "limits_per_s.b: .*finite"),
        (
            {"type": "edit", "edited_action": {"name": "suppress_failing_path", "args": {}}},
            "cannot make it 'suppress_failing_path'",
        ),
        ([{"type": "response", "args": "  "}], "a response carries words"),
        ({"type": "approve", "question": "second"}, "question: .*got 'second'"),
        ({"type": "approve", "question": -1}, "question: .*got -1"),
        ({"type": "approve", "by": 7}, "by: .*got 7"),
        ({"type": "approve", "at": "at noon"}, "at: .*got 'at noon'"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_with_what_is_wrong(answer: object, complaint: str) -> None:
    with pytest.raises(RefusedError, match=complaint):
        read(answer)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEYS = st.sampled_from(
    ["type", "args", "action", "edited_action", "decisions", "share", "to", "by", "note", "question"]
)
WORDS = st.sampled_from(["edit", "approve", "reject", "accept", "respond", "ignore", NAME])
ANSWERS = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner | WORDS, max_size=4),
    max_leaves=8,
)


@given(ANSWERS)
def test_any_answer_is_either_understood_or_refused(answer: object) -> None:
    try:
        understood = read(answer)
    except RefusedError:
        return
    assert understood.type in {"approve", "edit", "reject", "respond", "ignore"}
    assert understood.action is None or isinstance(understood.action, Reroute)


def test_the_card_shows_the_proposal_in_both_forms_and_why_a_human_is_asked(asked_state: CrewState) -> None:
    card = ask_payload(asked_state)
    (request,) = card["action_requests"]
    (review,) = card["review_configs"]
    proposed = asked_state["plan"]["action"]
    assert request["args"] == request["arguments"] == {k: v for k, v in proposed.items() if k != "kind"}
    assert request["name"] == review["action_name"] == proposed["kind"]
    assert review["allowed_decisions"] == ["approve", "edit", "reject", "respond", "ignore"]
    assert card["action_request"] == {"action": request["name"], "args": request["args"]}
    assert card["config"] == dict.fromkeys(
        ("allow_accept", "allow_edit", "allow_respond", "allow_ignore"), True
    )
    assert card["description"] == request["description"]
    assert (card["question"], card["refused"]) == (1, None)
    assert asked_state["diagnosis"]["sentence"] in request["description"]
    assert any("confidence" in sentence.lower() for sentence in card["failed_checks"])


def test_the_card_is_plain_json_and_the_same_each_time(asked_state: CrewState, asked: Left) -> None:
    card = ask_payload(asked_state)
    assert json.loads(json.dumps(card)) == card == ask_payload(asked_state)
    assert card["incident_id"] == asked.incident_id


def test_the_card_of_a_later_question_shows_the_answers_before_it_and_why_one_was_refused(
    asked_state: CrewState,
) -> None:
    answer = decision("respond", note="unipay is back").model_dump(mode="json")
    later = CrewState(**{**asked_state, "question": 2, "answers": [answer], "refused": "Too late."})
    card = ask_payload(later)
    assert (card["question"], card["refused"]) == (2, "Too late.")
    assert card["description"].startswith("Not accepted: Too late.")
    assert "dana chose to respond at 2026-03-02 12:00:00 UTC: unipay is back" in card["description"]
