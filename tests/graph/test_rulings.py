"""When the crew acts alone, when it asks, and when it may do neither."""

from dataclasses import dataclass
from math import ceil, floor, nextafter
from pathlib import Path

import pytest

from console.compose import deciding
from console.settings import Settings
from graph.duty import Duty
from graph.services import RiskOfficer
from guardrails.facts import Facts
from guardrails.kill_switch import FILE_NAME
from payments.action import ActionKind
from payments.diagnosis import Diagnosis
from payments.incident import Incident, Status
from payments.outcome import Effect
from payments.verdict import Check, Ruling, Verdict
from tests.graph.made import (
    Left,
    alerts,
    crew,
    has_incident,
    only_incident,
    switches,
    until,
    with_services,
    world,
)


@pytest.fixture(scope="module")
def diagnosis(asked: Left) -> Diagnosis:
    """Give what the outage of these tests is diagnosed as, with its confidence and its volume."""
    with deciding(asked.feed, asked.settings) as runs:
        found = runs.services.incidents.get(asked.incident_id).diagnosis
    assert found is not None
    return found


@dataclass(frozen=True)
class Ran:
    """What came of the first run of an incident."""

    incident: Incident
    left: Left

    @property
    def acted(self) -> bool:
        return bool(switches(self.left))


def run(folder: Path, scenario: str = "psp_outage", **limits: float) -> Ran:
    settings = Settings(state_dir=folder).model_copy(update=limits)
    live = world(scenario, settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
    return Ran(incident, Left(settings, live.feed, incident.id))


def asks_and_tells(ran: Ran, check: str) -> bool:
    """Say whether the crew waits for a human for this one reason, has told people, and did nothing."""
    (alert,) = alerts(ran.left.settings)
    assert ran.incident.verdict is not None
    assert [failed.name for failed in ran.incident.verdict.failed] == [check]
    assert (alert["incident_id"], alert["dedup_key"]) == (ran.incident.id, f"{ran.incident.id}:ask")
    return ran.incident.status is Status.WAITING and not ran.acted


def test_a_confidence_that_equals_the_threshold_acts(state_dir: Path, diagnosis: Diagnosis) -> None:
    ran = run(state_dir, confidence_threshold=diagnosis.confidence)
    assert ran.incident.status is Status.ACTING
    assert ran.acted


def test_a_confidence_a_hair_below_the_threshold_asks(state_dir: Path, diagnosis: Diagnosis) -> None:
    ran = run(state_dir, confidence_threshold=nextafter(diagnosis.confidence, 1.0))
    assert asks_and_tells(ran, "confidence")


def test_a_volume_up_to_the_limit_acts(state_dir: Path, diagnosis: Diagnosis) -> None:
    assert run(state_dir, max_autonomous_volume=ceil(diagnosis.attempts_per_window)).acted


def test_a_volume_above_the_limit_asks(state_dir: Path, diagnosis: Diagnosis) -> None:
    ran = run(state_dir, max_autonomous_volume=floor(diagnosis.attempts_per_window) - 1)
    assert asks_and_tells(ran, "volume")


@pytest.mark.parametrize("seed", range(1, 6))
def test_an_issuer_s_outage_is_never_rerouted(state_dir: Path, seed: int) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("issuer_outage", settings, seed)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
    assert incident.diagnosis is not None
    assert incident.plan is not None
    assert incident.diagnosis.cause == "issuer_outage"
    assert incident.plan.action.kind in {ActionKind.ALERT, ActionKind.RETRY_POLICY}
    assert switches(Left(settings, live.feed, incident.id)) == []


@dataclass(frozen=True)
class LateKill:
    """A real officer after whose first word somebody pulls the kill switch."""

    officer: RiskOfficer
    folder: Path

    def review(self, facts: Facts) -> Verdict:
        verdict = self.officer.review(facts)
        (self.folder / FILE_NAME).touch()
        return verdict

    def holds_back(self, facts: Facts) -> Check | None:
        return self.officer.holds_back(facts)


def with_late_kill(duty: Duty, folder: Path) -> Duty:
    return with_services(duty, risk_officer=LateKill(duty.services.risk_officer, folder))


def test_the_kill_switch_stops_an_action_that_was_ruled_already(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(with_late_kill(duty, state_dir), has_incident)
        incident = only_incident(duty)
    (alert,) = alerts(settings)
    assert incident.verdict is not None
    assert incident.outcome is not None
    assert incident.verdict.ruling is Ruling.ACT
    assert switches(Left(settings, live.feed, incident.id)) == []
    assert "kill switch" in alert["text"]
    assert (incident.outcome.effect, incident.executed) == (Effect.NOT_MEASURED, False)


def test_the_kill_switch_blocks_before_anybody_is_asked(state_dir: Path) -> None:
    state_dir.mkdir()
    (state_dir / FILE_NAME).touch()
    ran = run(state_dir)
    (alert,) = alerts(ran.left.settings)
    assert ran.incident.verdict is not None
    assert ran.incident.verdict.ruling is Ruling.BLOCK
    assert "kill switch" in alert["text"]
    assert not ran.acted
    assert ran.incident.status is Status.WATCHED
