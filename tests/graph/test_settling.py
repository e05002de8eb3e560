"""The closed loop: what an action brings, when it ends, and what happens beside it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.planner import Planner, PlannerSettings
from agents.planner.rollout import RolloutSettings
from console.compose import deciding, open_memory
from console.settings import Settings
from graph.approvals import decide
from graph.state import CrewState, decision_in
from guardrails.policy import Policy
from payments.action import ActionKind
from payments.incident import Incident, Status
from payments.lesson import Lesson
from payments.outcome import Effect
from tests.graph.made import (
    AT_ONCE,
    Left,
    crew,
    cycles,
    decision,
    has_incident,
    only_incident,
    patched,
    rows,
    switches,
    until,
    with_services,
    world,
)

LIFE_S = 180.0
"""Seconds that an action lives here."""


@dataclass(frozen=True)
class Seen:
    """A route's outage, seen through until its approved action has expired."""

    left: Left
    found_after: int
    helped_after: int
    when_helped: Incident
    after_expiry: Incident
    lesson: Lesson
    state: CrewState
    switches: list[dict[str, object]]
    incidents: int


@pytest.fixture(scope="module")
def seen(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    settings = Settings(state_dir=tmp_path_factory.mktemp("seen") / "state", confidence_threshold=1.0)
    live = world("psp_outage", settings)
    with crew(live, settings) as begun:
        planner, once = Planner(PlannerSettings(expires_after_s=LIFE_S)), RolloutSettings(max_renewals=0)
        duty = with_services(begun, planner=planner, rollout=once)
        until(duty, has_incident)
        found_after, incident = duty.cycles, only_incident(duty)
        left = Left(settings, live.feed, incident.id)
        with deciding(live.feed, settings) as runs:
            decide(incident.id, decision("approve"), runs.services, runs)
        until(duty, lambda report: report.incident and report.incident.effect)
        helped_after, when_helped = duty.cycles, duty.services.incidents.get(incident.id)
        until(duty, lambda report: any("expired" in event for event in report.events), 60)
        after_expiry, state = duty.services.incidents.get(incident.id), duty.runs.state(incident.id)
        incidents = len(duty.services.incidents.list())
    with open_memory(settings) as memory:
        (lesson,) = memory.lessons.all()
    return Seen(
        left,
        found_after,
        helped_after,
        when_helped,
        after_expiry,
        lesson,
        state,
        switches(left),
        incidents,
    )


def test_a_reroute_is_seen_to_help_within_thirty_cycles(seen: Seen) -> None:
    outcome = seen.when_helped.outcome
    assert outcome is not None
    assert outcome.payments_saved is not None
    assert seen.helped_after - seen.found_after <= 30
    assert outcome.effect is Effect.HELPED
    assert 0.0 < outcome.payments_saved.low <= outcome.payments_saved.mean


def test_what_an_action_saves_grows_while_it_is_in_force(seen: Seen) -> None:
    early, late = seen.when_helped.outcome, seen.after_expiry.outcome
    assert early is not None
    assert late is not None
    assert early.payments_saved is not None
    assert late.payments_saved is not None
    assert late.payments_saved.mean > 10 * early.payments_saved.mean


def test_an_expired_action_is_undone_in_the_world(seen: Seen) -> None:
    assert {held["kind"] for held in seen.switches} == {ActionKind.REROUTE.value}
    assert all(held["reverted"] for held in seen.switches)


def test_an_expired_action_is_recorded_as_over(seen: Seen) -> None:
    with open_memory(seen.left.settings) as memory:
        assert memory.incidents.active_interventions() == ()
    assert seen.after_expiry.status is Status.WATCHED
    assert seen.after_expiry.outcome is not None
    assert seen.after_expiry.outcome.reverted_because == "the action expired"
    assert not seen.after_expiry.recovered


def test_what_helped_is_remembered_with_who_decided_it(seen: Seen) -> None:
    assert seen.lesson.incident_id == seen.left.incident_id
    assert seen.lesson.effect is Effect.HELPED
    assert seen.lesson.action is ActionKind.REROUTE
    assert seen.lesson.decided_by == "dana"
    assert seen.lesson.payments_saved is not None
    assert seen.lesson.payments_saved > 0


def test_the_outcome_s_run_goes_from_the_monitor_straight_to_learning(seen: Seen) -> None:
    agents = [said["agent"] for said in seen.state["path"]]
    assert agents == [
        "monitor",
        "analyst",
        "planner",
        "risk_officer",
        "alert",
        "dana",
        "risk_officer",
        "act",
        "learn",
    ]


def test_the_outcome_s_run_starts_without_the_old_answer_and_receipt(seen: Seen) -> None:
    assert decision_in(seen.state) is None
    assert seen.state["receipt"] is None
    outcome = seen.state["outcome"]
    assert outcome is not None
    assert outcome["effect"] == "helped"


def test_the_answer_stays_with_the_incident(seen: Seen) -> None:
    assert seen.after_expiry.decision is not None
    assert seen.after_expiry.decision.by == "dana"


def test_a_fault_is_raised_once_while_its_action_is_in_force(seen: Seen) -> None:
    assert seen.incidents == 1


def test_a_fault_is_raised_once_while_it_waits_for_a_human(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, has_incident)
        reports = cycles(duty, 24)
        assert only_incident(duty).status is Status.WAITING
    assert [event for report in reports for event in report.events] == []


def test_a_second_fault_beside_a_live_one_is_raised(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    live = world("psp_outage", settings)
    both = patched(live, "issuer_outage", settings, first=24)
    with crew(live, settings, both) as duty:
        until(duty, has_incident)
        report = until(duty, lambda report: report.other_incidents)
        second, first = duty.services.incidents.list()
    assert report.cycle > 24
    assert first.diagnosis is not None
    assert second.diagnosis is not None
    assert (first.diagnosis.cause, second.diagnosis.cause) == ("psp_outage", "issuer_outage")
    assert first.culprit == live.truth.culprit
    assert both.segment.contains(second.culprit)


def test_a_fault_that_passes_by_itself_closes_its_incident(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, guardrails=AT_ONCE)
    with crew(world("settlement_cutover", settings), settings) as duty:
        until(duty, has_incident)
        until(duty, lambda report: report.events, 60)
        incident = only_incident(duty)
    assert (incident.status, incident.closed_because) == (Status.CLOSED, "the fault is over")
    assert incident.recovered


def test_an_action_ends_with_its_fault(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=36)) as duty:
        until(duty, lambda report: any("over" in event for event in report.events), 72)
        incident = only_incident(duty)
    assert all(held["reverted"] for held in switches(Left(settings, live.feed, incident.id)))
    assert (incident.status, incident.recovered) == (Status.CLOSED, True)
    assert incident.outcome is not None
    assert incident.outcome.reverted_because == "the fault is over"


def test_how_long_a_fault_stays_away_is_counted_from_its_end_not_from_when_that_was_sure(
    state_dir: Path,
) -> None:
    gone_from, calm_s = 36, 60.0
    settings = Settings(state_dir=state_dir, guardrails=Policy(calm_before_end_s=calm_s))
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=gone_from)) as duty:
        report = until(duty, lambda report: any("over" in event for event in report.events), 72)
    assert gone_from + calm_s / live.tick_s <= report.cycle <= gone_from + calm_s / live.tick_s + 2


def test_a_question_is_withdrawn_when_the_fault_is_over(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=24)) as duty:
        until(duty, has_incident)
        until(duty, lambda report: report.incident is None)
        incident = only_incident(duty)
        assert not duty.runs.waits(incident.id)
    assert incident.status is Status.CLOSED
    assert incident.decision is not None
    assert (incident.decision.by, incident.decision.type) == ("crew", "ignore")
    assert rows(state_dir / "payops.db", "outbox") == 0


def test_a_human_who_answers_just_before_the_withdrawal_keeps_the_word(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=24)) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
        duty.services.incidents.record_decision(incident.id, decision("reject"))
        cycles(duty, 24)
        kept = duty.services.incidents.decision(incident.id, 1)
    assert kept is not None
    assert kept.by == "dana"


def test_a_withdrawal_that_cannot_reach_its_run_stops_no_watch(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=24)) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
        with duty.services.incidents.lease(incident.id, "elsewhere:1", 600.0, duty.runs.wall_clock()):
            until(duty, lambda _: duty.services.incidents.decision(incident.id, 1), 120)
            assert duty.runs.waits(incident.id)
        until(duty, lambda report: report.incident is None)
        closed = only_incident(duty)
    assert (closed.status, closed.recovered) == (Status.CLOSED, True)
