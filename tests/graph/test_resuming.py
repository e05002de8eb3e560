"""What was left to people is taken up again once its fault has become worth acting on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agents.analyst import Analyst
from console.settings import Settings
from graph.approvals import decide
from graph.duty import Duty
from payments.action import ActionKind
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.incident import Status
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from tests.graph.deciding import by
from tests.graph.made import crew, cycles, has_incident, only_incident, until, with_services, world

ENOUGH_S = 30.0
"""Length of the evidence from which this analyst says what the real one says."""


@dataclass(frozen=True)
class Slow(Analyst):
    """Takes what it has seen little of for something that nothing is known against."""

    sure: float = 0.99

    def analyse(
        self,
        evidence: Evidence,
        lessons: Sequence[Lesson],
        planned: Sequence[Maintenance],
        at: datetime,
        window_s: float,
    ) -> Diagnosis:
        said = super().analyse(evidence, lessons, planned, at, window_s)
        if evidence.duration_s >= ENOUGH_S:
            return said.model_copy(update={"confidence": 0.99})
        return said.model_copy(update={"confidence": self.sure, "cause": "never seen", "hypotheses": ()})


def finding(begun: Duty, analyst: Slow) -> Duty:
    """Let a crew with this analyst find its first incident."""
    duty = with_services(begun, analyst=analyst)
    until(duty, has_incident)
    return duty


def test_the_crew_acts_on_what_it_had_only_told_people_once_more_is_seen(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = finding(begun, Slow())
        first = only_incident(duty)
        until(duty, lambda _: only_incident(duty).status is Status.ACTING)
        incident, state = only_incident(duty), duty.runs.state(first.id)
        kept = duty.services.incidents.evidence(first.id)
    assert (first.status, first.executed) == (Status.WATCHED, False)
    assert incident.id == first.id
    assert incident.plan is not None
    assert incident.plan.action.kind is ActionKind.REROUTE
    assert incident.outcome is None
    assert kept is not None
    assert kept.duration_s >= ENOUGH_S
    assert state["question"] == 2
    assert state["lessons"] == []  # what it said of this incident before is no past incident
    agents = [said["agent"] for said in state["path"]]
    assert agents[-4:] == ["analyst", "planner", "risk_officer", "act"]


def test_both_proposals_are_on_record(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = finding(begun, Slow())
        until(duty, lambda _: only_incident(duty).status is Status.ACTING)
        audit = (state_dir / "audit.jsonl").read_text(encoding="utf-8")
    assert audit.count('"proposed"') == 2


def test_what_a_human_has_decided_on_stays_as_it_is(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = finding(begun, Slow(sure=0.5))
        incident = only_incident(duty)
        decide(incident.id, by("asha", "reject"), duty.services, duty.runs)
        cycles(duty, 30)
        assert only_incident(duty).status is Status.WATCHED
        assert not only_incident(duty).executed


def test_a_fault_that_nothing_can_be_done_about_is_looked_at_without_a_word(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("issuer_outage", settings), settings) as duty:
        until(duty, has_incident)
        before = duty.runs.state(only_incident(duty).id)
        cycles(duty, 30)
        after, incident = duty.runs.state(only_incident(duty).id), only_incident(duty)
    assert incident.plan is not None
    assert incident.plan.action.kind in {ActionKind.ALERT, ActionKind.NONE, ActionKind.RETRY_POLICY}
    assert len(after["path"]) == len(before["path"])
