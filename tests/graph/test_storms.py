"""A retry storm in the closed loop: the policy against it is given the time that it needs to show."""

from datetime import timedelta
from pathlib import Path

from agents.monitor.effect import takes_hold_after_s
from console.settings import Settings
from payments.action import AdjustRetryPolicy
from payments.incident import Status
from payments.verdict import Mode
from tests.graph.made import crew, cycles, only_incident, until, world


def test_a_storm_that_still_rises_does_not_undo_the_policy_against_it(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, mode=Mode.AUTOPILOT, confidence_threshold=0.0)
    live = world("retry_storm", settings)
    with crew(live, settings) as duty:
        until(duty, lambda report: report.incident is not None and report.incident.executed)
        incident = only_incident(duty)
        (begun,) = duty.services.incidents.active_interventions()
        assert isinstance(begun.action, AdjustRetryPolicy)
        ticks = round(takes_hold_after_s(begun.action) / live.tick_s)
        cycles(duty, ticks)
        (held,) = duty.services.incidents.active_interventions()
        assert held.key == begun.key
        assert not held.seen
        cycles(duty, 24)
        assert duty.services.incidents.get(incident.id).status is Status.ACTING
        assert live.now - begun.started_at > timedelta(seconds=takes_hold_after_s(begun.action))
