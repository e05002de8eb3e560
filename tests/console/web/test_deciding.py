"""Decisions by form: the same rules as on the command line, and nothing without a form of ours."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from console.compose import open_memory
from console.web.access.people import Role
from console.worlds import switchboard_path
from guardrails.policy import Policy
from payments.action import Reroute
from payments.incident import Incident, Status
from tests.console.web.visits import Visitor, console_of
from tests.graph.made import Left


def incident_of(left: Left) -> Incident:
    with open_memory(left.settings) as memory:
        return memory.incidents.get(left.incident_id)


def kept(left: Left) -> list[tuple[int, str, str, str]]:
    with open_memory(left.settings) as memory:
        decisions = memory.incidents.decisions(left.incident_id)
    return [(one.question, one.type, one.by, one.note) for one in decisions]


def path(left: Left, what: str = "decide") -> str:
    return f"/incidents/{left.incident_id}/{what}"


def test_an_approval_carries_the_action_out_under_the_name_of_who_is_signed_in(
    asha: Visitor, waiting: Left
) -> None:
    answer = asha.post(
        path(waiting), {"type": "approve", "question": "1", "note": "go", "by": "somebody else"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{waiting.incident_id}")
    assert kept(waiting) == [(1, "approve", "asha", "go")]
    assert incident_of(waiting).executed


@pytest.mark.parametrize(("kind", "status"), [("reject", Status.WATCHED), ("ignore", Status.WATCHED)])
def test_what_is_refused_or_left_is_not_done(asha: Visitor, waiting: Left, kind: str, status: Status) -> None:
    assert asha.post(path(waiting), {"type": kind, "question": "1"}).status_code == 303
    assert (incident_of(waiting).status, incident_of(waiting).executed) == (status, False)


def test_a_note_brings_the_next_question(asha: Visitor, waiting: Left) -> None:
    form = {"type": "respond", "question": "1", "note": "unipay is back, look again"}
    assert asha.post(path(waiting), form).status_code == 303
    assert (incident_of(waiting).status, incident_of(waiting).question) == (Status.WAITING, 2)
    assert "Question 2." in asha.get(f"/incidents/{waiting.incident_id}").text


def test_asking_again_without_words_is_refused(asha: Visitor, waiting: Left) -> None:
    answer = asha.post(path(waiting), {"type": "respond", "question": "1", "note": " "})
    assert answer.status_code == 422
    assert "Nothing to respond" in answer.text
    assert kept(waiting) == []


def test_an_edit_carries_out_the_edited_action(asha: Visitor, waiting: Left) -> None:
    assert asha.post(path(waiting), {"type": "edit", "question": "1", "share": "10"}).status_code == 303
    plan = incident_of(waiting).plan
    assert plan is not None
    assert isinstance(plan.action, Reroute)
    assert plan.action.share == 0.1


def test_an_edit_out_of_bounds_is_refused_with_the_bound(asha: Visitor, waiting: Left) -> None:
    answer = asha.post(path(waiting), {"type": "edit", "question": "1", "share": "101"})
    assert answer.status_code == 422
    assert "less than or equal to 1" in answer.text
    assert kept(waiting) == []


def test_an_edit_that_changes_nothing_is_no_edit(asha: Visitor, waiting: Left) -> None:
    answer = asha.post(path(waiting), {"type": "edit", "question": "1"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert kept(waiting) == []


def test_a_decision_on_an_earlier_question_is_refused_and_the_new_one_shown(
    asha: Visitor, waiting: Left
) -> None:
    asha.post(path(waiting), {"type": "respond", "question": "1", "note": "look again"})
    answer = asha.post(path(waiting), {"type": "approve", "question": "1", "note": "as I wrote"})
    assert answer.status_code == 409
    assert "was decided already" in answer.text
    assert 'name="question" value="2"' in answer.text
    assert "as I wrote" in answer.text
    assert not incident_of(waiting).executed


def test_a_decision_on_a_question_to_come_is_refused(asha: Visitor, waiting: Left) -> None:
    answer = asha.post(path(waiting), {"type": "approve", "question": "2"})
    assert answer.status_code == 409
    assert "asks question 1 now" in answer.text


def test_a_second_decision_is_refused_with_who_was_first(app: FastAPI, asha: Visitor, waiting: Left) -> None:
    asha.post(path(waiting), {"type": "approve", "question": "1"})
    answer = Visitor(app, "ravi").post(path(waiting), {"type": "reject", "question": "1"})
    assert answer.status_code == 409
    assert "asha chose to approve" in answer.text
    assert [one[2] for one in kept(waiting)] == ["asha"]


@pytest.mark.parametrize(
    "form",
    [
        {"question": "1"},
        {"type": "review", "question": "1"},
        {"type": "approve"},
        {"type": "approve", "question": "one"},
    ],
)
def test_a_form_that_is_not_ours_in_its_fields_decides_nothing(
    asha: Visitor, waiting: Left, form: dict[str, str]
) -> None:
    assert asha.post(path(waiting), form).status_code == 422
    assert kept(waiting) == []


def test_nothing_is_decided_by_get(asha: Visitor, waiting: Left) -> None:
    answer = asha.get(f"{path(waiting)}?type=approve&question=1&csrf={asha.seal()}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{waiting.incident_id}")
    assert kept(waiting) == []


@pytest.mark.parametrize("seal", ["", "0" * 64])
def test_a_form_without_our_seal_decides_nothing(asha: Visitor, waiting: Left, seal: str) -> None:
    assert asha.post(path(waiting), {"type": "approve", "question": "1"}, seal=seal).status_code == 403
    assert kept(waiting) == []


def test_the_seal_of_another_person_decides_nothing(app: FastAPI, asha: Visitor, waiting: Left) -> None:
    ravi = Visitor(app, "ravi")
    assert ravi.post(path(waiting), {"type": "approve", "question": "1"}, seal=asha.seal()).status_code == 403
    assert kept(waiting) == []


@pytest.mark.parametrize("what", ["decide", "undo"])
def test_a_viewer_changes_nothing(app: FastAPI, waiting: Left, what: str) -> None:
    viewer = Visitor(app, "vera", Role.VIEWER)
    answer = viewer.post(path(waiting, what), {"type": "approve", "question": "1"})
    assert answer.status_code == 403
    assert kept(waiting) == []


def test_a_viewer_sees_no_buttons(app: FastAPI, waiting: Left) -> None:
    seen = Visitor(app, "vera", Role.VIEWER).get(f"/incidents/{waiting.incident_id}").text
    assert "You look as viewer: an approver decides." in seen
    assert 'value="approve"' not in seen


def test_two_people_are_needed_where_the_policy_wants_it(waiting: Left) -> None:
    careful = waiting.settings.model_copy(update={"guardrails": Policy(four_eyes_above_share=0.001)})
    guarded = replace(waiting, settings=careful)
    app = console_of(careful)
    asha, ravi = Visitor(app), Visitor(app, "ravi")
    asha.post(path(guarded), {"type": "approve", "question": "1"})
    assert (incident_of(guarded).status, incident_of(guarded).question) == (Status.WAITING, 2)
    assert "You stand behind this proposal already" in asha.get(f"/incidents/{guarded.incident_id}").text
    refused = asha.post(path(guarded), {"type": "approve", "question": "2"})
    assert refused.status_code == 409
    assert "needs a second person" in refused.text
    ravi.post(path(guarded), {"type": "approve", "question": "2"})
    assert incident_of(guarded).executed


def test_in_a_world_that_is_gone_only_no_can_be_said(asha: Visitor, waiting: Left) -> None:
    switchboard_path(waiting.feed, waiting.settings).unlink()
    seen = asha.get(f"/incidents/{waiting.incident_id}").text
    assert "Its simulated world is gone" in seen
    assert asha.post(path(waiting), {"type": "approve", "question": "1"}).status_code == 404
    assert asha.post(path(waiting), {"type": "reject", "question": "1"}).status_code == 303
    assert [one[1] for one in kept(waiting)] == ["reject"]


def test_an_action_in_force_is_taken_back(acting: Left) -> None:
    asha = Visitor(console_of(acting.settings))
    assert "Take it back now" in asha.get(f"/incidents/{acting.incident_id}").text
    assert asha.post(path(acting, "undo"), {"note": "the bank is well again"}).status_code == 303
    seen = asha.get(f"/incidents/{acting.incident_id}").text
    assert "asha undid it: the bank is well again" in seen
    assert "Take it back now" not in seen


def test_what_is_not_in_force_cannot_be_taken_back(asha: Visitor, waiting: Left) -> None:
    answer = asha.post(path(waiting, "undo"), {})
    assert answer.status_code == 409
    assert "Nothing is in force" in answer.text


def test_an_incident_that_there_is_not_is_not_found(asha: Visitor) -> None:
    assert asha.get("/incidents/ffffffff").status_code == 404
    assert asha.post("/incidents/ffffffff/decide", {"type": "approve", "question": "1"}).status_code == 404
