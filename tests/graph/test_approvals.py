"""A human decides, in another process than the one that asked."""

from operator import itemgetter
from pathlib import Path

import pytest

from agents.planner.rollout import RolloutSettings, first_step
from console.compose import deciding, open_memory
from console.settings import Settings
from graph.approvals import decide
from graph.state import decision_in, fresh
from guardrails.kill_switch import FILE_NAME
from payments.action import Action, ActionKind, Reroute
from payments.errors import NotFoundError, RefusedError
from payments.incident import Status
from payments.lesson import Lesson
from tests.graph.deciding import another_process, incident_of, take
from tests.graph.made import (
    Left,
    alerts,
    crew,
    decision,
    has_incident,
    only_incident,
    rows,
    switches,
    until,
    world,
)


def lesson_of(left: Left) -> Lesson:
    with open_memory(left.settings) as memory:
        (lesson,) = memory.lessons.all()
    return lesson


def proposed(left: Left) -> Reroute:
    plan = incident_of(left).plan
    assert plan is not None
    assert isinstance(plan.action, Reroute)
    return plan.action


def spoke(left: Left) -> list[str]:
    with another_process(left) as runs:
        return [said["agent"] for said in runs.state(left.incident_id)["path"]]


def begins(held: dict[str, object], action: Action) -> bool:
    """Say whether what is held is the first step towards the action."""
    return first_step(action, RolloutSettings()).model_dump(mode="json").items() <= held.items()


def test_approval_acts_once_and_begins_what_was_proposed(waiting: Left) -> None:
    assert switches(waiting) == []
    take(waiting, decision("approve"))
    (held,) = switches(waiting)
    assert begins(held, proposed(waiting))
    assert rows(waiting.settings.state_dir / "payops.db", "outbox") == 1
    assert rows(waiting.settings.state_dir / "payops.db", "interventions") == 1
    assert (incident_of(waiting).status, incident_of(waiting).executed) == (Status.ACTING, True)


def test_an_approval_goes_past_the_risk_officer_again(waiting: Left) -> None:
    take(waiting, decision("approve"))
    assert spoke(waiting)[-4:] == ["alert", "dana", "risk_officer", "act"]


def test_an_edit_acts_with_what_was_edited(waiting: Left) -> None:
    less = proposed(waiting).model_copy(update={"share": 0.25})
    take(waiting, decision("edit", less))
    (held,) = switches(waiting)
    assert begins(held, less)
    plan = incident_of(waiting).plan
    assert plan is not None
    assert plan.action == less


def test_an_edit_that_the_guardrails_forbid_is_refused_and_leaves_no_trace(waiting: Left) -> None:
    narrow, _ = min(proposed(waiting).to.items(), key=itemgetter(1))
    before = incident_of(waiting)
    overload = proposed(waiting).model_copy(update={"to": {narrow: 1.0}, "share": 1.0, "limits_per_s": {}})
    with pytest.raises(RefusedError, match=r"nothing was decided\. .*capacity"):
        take(waiting, decision("edit", overload))
    with another_process(waiting) as runs:
        assert runs.services.incidents.decision(waiting.incident_id, 1) is None
        assert runs.waits(waiting.incident_id)
    assert incident_of(waiting) == before
    assert switches(waiting) == []


def test_after_a_refused_edit_the_proposal_can_still_be_approved(waiting: Left) -> None:
    nowhere = proposed(waiting).model_copy(update={"to": {"nowhere": 1.0}})
    with pytest.raises(RefusedError, match="'nowhere' is no route"):
        take(waiting, decision("edit", nowhere))
    take(waiting, decision("approve"))
    assert len(switches(waiting)) == 1


def test_a_rejection_is_learned_from_and_changes_nothing(waiting: Left) -> None:
    said = take(waiting, decision("reject", note="the route is being repaired"))
    assert "dana rejected the proposal: the route is being repaired" in said
    assert switches(waiting) == []
    assert rows(waiting.settings.state_dir / "payops.db", "outbox") == 0
    assert (incident_of(waiting).status, incident_of(waiting).executed) == (Status.WATCHED, False)
    lesson = lesson_of(waiting)
    assert (lesson.incident_id, lesson.decided_by) == (waiting.incident_id, "dana")


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_a_second_decision_is_refused_with_who_was_first(waiting: Left, first: str) -> None:
    take(waiting, decision(first))
    before = switches(waiting)
    with pytest.raises(RefusedError, match=f"dana chose to {first} at 2026-03-02 12:00:00"):
        take(waiting, decision("approve").model_copy(update={"by": "eli"}))
    assert switches(waiting) == before


def test_of_two_who_decide_at_once_one_wins(waiting: Left) -> None:
    with another_process(waiting) as ours, another_process(waiting) as theirs:
        theirs.services.incidents.record_decision(waiting.incident_id, decision("reject"))
        with pytest.raises(RefusedError, match="dana chose to reject"):
            ours.services.incidents.record_decision(waiting.incident_id, decision("approve"))


def test_an_incident_that_another_process_works_on_is_not_resumed_twice(waiting: Left) -> None:
    with another_process(waiting) as ours:
        lease = ours.services.incidents.lease(waiting.incident_id, "elsewhere:1", 60.0, ours.wall_clock())
        with lease, pytest.raises(RefusedError, match="try again"):
            ours.resume(waiting.incident_id, decision("approve"))
    assert switches(waiting) == []


def test_nobody_decides_on_an_unknown_incident(waiting: Left) -> None:
    with another_process(waiting) as runs, pytest.raises(NotFoundError, match="no incident 'deadbeef'"):
        decide("deadbeef", decision("approve"), runs.services, runs)


def test_nobody_decides_on_a_closed_incident(waiting: Left) -> None:
    with another_process(waiting) as runs:
        closed = {"status": Status.CLOSED, "closed_because": "the fault is over"}
        incident = runs.services.incidents.get(waiting.incident_id)
        runs.services.incidents.save(incident.model_copy(update=closed))
        with pytest.raises(RefusedError, match=r"waits for no decision: it is closed \(the fault is over\)"):
            decide(waiting.incident_id, decision("approve"), runs.services, runs)
        assert runs.services.incidents.decision(waiting.incident_id, 1) is None


def test_a_run_that_waits_for_nothing_takes_no_answer(waiting: Left) -> None:
    take(waiting, decision("approve"))
    with another_process(waiting) as runs, pytest.raises(RefusedError, match="waits for no decision"):
        runs.resume(waiting.incident_id, decision("approve"))
    assert len(switches(waiting)) == 1


def test_an_answer_holds_for_the_run_that_asked_and_for_no_later_one(waiting: Left) -> None:
    take(waiting, decision("approve"))
    with another_process(waiting) as runs:
        finding = incident_of(waiting).finding.model_dump(mode="json")
        runs.start(waiting.incident_id, fresh(incident_id=waiting.incident_id, finding=finding))
        assert runs.waits(waiting.incident_id)
        assert decision_in(runs.state(waiting.incident_id)) is None


def test_an_alert_that_a_human_approved_is_sent(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    with crew(world("issuer_outage", settings), settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
        decide(incident.id, decision("approve"), duty.services, duty.runs)
    assert incident.plan is not None
    assert incident.plan.action.kind is ActionKind.ALERT
    assert [sent["dedup_key"].split(":")[1] for sent in alerts(settings)] == ["ask", "approved"]


def test_the_kill_switch_is_stronger_than_an_approval_and_spends_no_decision(waiting: Left) -> None:
    switch = waiting.settings.state_dir / FILE_NAME
    switch.touch()
    with pytest.raises(RefusedError, match=r"nothing was decided.*kill switch is on"):
        take(waiting, decision("approve"))
    assert switches(waiting) == []
    switch.unlink()
    take(waiting, decision("approve"))
    assert len(switches(waiting)) == 1


def test_a_decision_on_a_world_that_is_gone_says_so(waiting: Left) -> None:
    gone = waiting.feed + "-no-more"
    with pytest.raises(NotFoundError, match="is gone"), deciding(gone, waiting.settings):
        pass
