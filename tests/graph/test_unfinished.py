"""An incident does not end over a run that another process left half-way."""

from pathlib import Path

import pytest

from console.compose import deciding
from console.settings import Settings
from graph.approvals import decide
from graph.duty import Duty
from guardrails.audit import records_in
from payments.incident import Incident, Status
from tests.graph.made import (
    AT_ONCE,
    crew,
    decision,
    has_incident,
    only_incident,
    patched,
    until,
    with_services,
    world,
)
from tests.graph.test_recovery import CutAfterAct, CutBeforeAct, PowerCut


def approve_and_die(duty: Duty, settings: Settings, cut: type[CutAfterAct] | type[CutBeforeAct]) -> None:
    """Let the approving process lose power around its write, while the watch goes on."""
    with deciding(duty.senses.source.feed, settings) as runs:
        dying = with_services(duty, outbox=cut(runs.services.outbox))
        with pytest.raises(PowerCut):
            decide(only_incident(duty).id, decision("approve"), dying.services, dying.runs)


@pytest.fixture(params=[CutAfterAct, CutBeforeAct], ids=["after the write", "before the write"])
def closed(request: pytest.FixtureRequest, state_dir: Path) -> tuple[Incident, Path]:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=24)) as duty:
        until(duty, has_incident)
        approve_and_die(duty, settings, request.param)
        duty.recovery.looked_at = duty.services.clock()
        until(duty, lambda report: report.incident is None)
        return only_incident(duty), state_dir


def test_an_answer_is_with_its_incident_even_when_the_fault_ended_first(
    closed: tuple[Incident, Path],
) -> None:
    incident, _ = closed
    assert (incident.status, incident.recovered) == (Status.CLOSED, True)
    assert incident.decision is not None
    assert (incident.decision.type, incident.decision.by) == ("approve", decision("approve").by)


def test_what_was_done_about_it_is_on_record_and_undone(closed: tuple[Incident, Path]) -> None:
    incident, state_dir = closed
    events = [record.event for record in records_in(state_dir / "audit.jsonl")]
    assert incident.executed
    assert events.count("acted") == 1
    assert events.count("reverted") == 1
