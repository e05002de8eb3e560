"""What is finished after a crash between an undoing and its lesson, or between two steps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.planner.rollout import at_step
from console.settings import Settings
from graph.duty import Duty
from graph.ending import OVER
from guardrails.audit import records_in
from payments.action import Reroute
from payments.incident import Status
from payments.intervention import Intervention
from tests.graph.made import crew, has_incident, only_incident, until, world


@pytest.fixture
def acting(state_dir: Path) -> Iterator[Duty]:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, has_incident)
        assert only_incident(duty).status is Status.ACTING
        yield duty


def in_force(duty: Duty) -> list[Intervention]:
    return list(duty.services.incidents.active_interventions())


def as_the_next_process(duty: Duty) -> list[str]:
    duty.recovery.looked_at = None
    return duty.recovery.go_on()


def test_an_action_undone_and_not_learned_from_is_finished(acting: Duty) -> None:
    (action,) = in_force(acting)
    acting.services.outbox.revert(action.key, OVER)
    (said,) = as_the_next_process(acting)
    assert OVER in said
    assert in_force(acting) == []
    closed = only_incident(acting)
    assert (closed.status, closed.recovered, closed.closed_because) == (Status.CLOSED, True, OVER)
    assert closed.outcome is not None
    assert closed.outcome.reverted_because == OVER
    assert as_the_next_process(acting) == []


def test_an_undone_action_of_a_closed_incident_is_ended_in_silence(acting: Duty) -> None:
    (action,) = in_force(acting)
    acting.services.outbox.revert(action.key, OVER)
    closed = only_incident(acting).model_copy(update={"status": Status.CLOSED})
    acting.services.incidents.save(closed)
    assert as_the_next_process(acting) == []
    assert in_force(acting) == []
    assert only_incident(acting) == closed


def test_of_two_steps_under_watch_the_later_one_stays(acting: Duty) -> None:
    (action,) = in_force(acting)
    key = acting.services.outbox.next_key(action.incident_id)
    life_s = (action.expires_at - action.started_at).total_seconds()
    outbox, incidents = acting.services.outbox, acting.services.incidents
    acting.senses.source.read()
    receipt = outbox.execute(key, action.incident_id, action.action, life_s, replaces=action.key)
    incidents.start_intervention(
        action.model_copy(
            update={"key": key, "started_at": receipt.effective_at, "expires_at": receipt.expires_at}
        )
    )
    as_the_next_process(acting)
    assert [one.key for one in in_force(acting)] == [key]


def test_a_step_that_nobody_recorded_is_put_under_watch(acting: Duty) -> None:
    (action,) = in_force(acting)
    key = acting.services.outbox.next_key(action.incident_id)
    acting.senses.source.read()
    acting.services.outbox.execute(key, action.incident_id, action.action, 600.0, replaces=action.key)
    (said,) = as_the_next_process(acting)
    assert "under watch" in said
    (watched,) = in_force(acting)
    assert (watched.key, watched.goal, watched.step) == (key, action.goal, action.step)


def test_a_renewal_whose_answer_was_lost_counts_towards_the_limit(acting: Duty) -> None:
    (action,) = in_force(acting)
    key = acting.services.outbox.next_key(action.incident_id)
    acting.senses.source.read()
    acting.services.outbox.execute(key, action.incident_id, action.action, 600.0, replaces=action.key)
    as_the_next_process(acting)
    (watched,) = in_force(acting)
    assert (watched.renewals, watched.begun_at) == (action.renewals + 1, action.started_at)


def test_a_step_whose_answer_was_lost_is_a_step_and_a_target_that_left_is_gone(acting: Duty) -> None:
    (action,) = in_force(acting)
    goal = action.goal
    assert isinstance(goal, Reroute)
    gone = max(goal.to)
    for number, wanted in enumerate((at_step(goal, 0.25), at_step(goal, 0.25, (gone,))), start=2):
        key = acting.services.outbox.next_key(action.incident_id)
        acting.senses.source.read()
        acting.services.outbox.execute(
            key, action.incident_id, wanted, 600.0, replaces=f"{action.incident_id}:{number - 1}"
        )
        as_the_next_process(acting)
    (watched,) = in_force(acting)
    assert (watched.step, watched.dropped, watched.renewals) == (2, (gone,), 0)
    assert [stretch.extent for stretch in watched.seen[-2:]] == pytest.approx([0.25, 0.25])


def test_what_is_found_out_after_a_crash_is_on_record(acting: Duty, state_dir: Path) -> None:
    (action,) = in_force(acting)
    key = acting.services.outbox.next_key(action.incident_id)
    acting.senses.source.read()
    acting.services.outbox.execute(key, action.incident_id, action.action, 600.0, replaces=action.key)
    as_the_next_process(acting)
    *_, last = records_in(state_dir / "audit.jsonl")
    assert (last.event, last.before, last.revert_handle) == ("reconciled", {"key": action.key}, key)


def test_an_action_of_a_closed_incident_is_undone(acting: Duty) -> None:
    (action,) = in_force(acting)
    incidents = acting.services.incidents
    incidents.end_intervention(action.key, action.started_at, "by mistake")
    incidents.save(only_incident(acting).model_copy(update={"status": Status.CLOSED}))
    (said,) = as_the_next_process(acting)
    assert "was closed before" in said
    assert acting.services.outbox.in_force() == ()
