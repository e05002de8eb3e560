"""A waiting incident is diagnosed again as its evidence grows; what is asked changes, or the crew acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from agents.analyst import Analyst
from console.settings import Settings
from graph.approvals import decide
from graph.duty import Duty
from guardrails.policy import Policy
from payments.action import ActionKind
from payments.diagnosis import Diagnosis
from payments.errors import RefusedError
from payments.evidence import Evidence
from payments.incident import Status
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from tests.graph.deciding import by
from tests.graph.made import crew, cycles, has_incident, only_incident, until, with_services, world

ENOUGH_S = 30.0
"""Length of the evidence from which these analysts say what the real one says."""


@dataclass(frozen=True)
class Hesitant(Analyst):
    """Is unsure of little evidence, and may take it for something else; is as sure as it is told of more."""

    at_first: str = "psp_outage"
    in_the_end: float = 0.99

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
            return said.model_copy(update={"confidence": self.in_the_end})
        return said.model_copy(update={"confidence": 0.5, "cause": self.at_first})


def asking(duty: Duty, analyst: Hesitant) -> Duty:
    """Let a crew with this analyst find its first incident, and wait."""
    hesitant = with_services(duty, analyst=analyst)
    until(hesitant, has_incident)
    assert only_incident(hesitant).status is Status.WAITING
    return hesitant


def decided(duty: Duty) -> list[tuple[int, str, str]]:
    given = duty.services.incidents.decisions(only_incident(duty).id)
    return [(one.question, one.type, one.by) for one in given]


def test_the_crew_acts_by_itself_once_more_evidence_makes_it_sure(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant())
        until(duty, lambda _: only_incident(duty).status is Status.ACTING)
        incident, state = only_incident(duty), duty.runs.state(only_incident(duty).id)
        kept = duty.services.incidents.evidence(incident.id)
        assert decided(duty) == [(1, "review", "crew")]
    agents = [said["agent"] for said in state["path"]]
    assert agents[-5:] == ["crew", "analyst", "planner", "risk_officer", "act"]
    assert incident.diagnosis is not None
    assert incident.diagnosis.confidence == Hesitant.in_the_end
    assert kept is not None
    assert kept.duration_s >= ENOUGH_S
    assert incident.decision is None


def test_a_question_that_would_be_the_same_stays(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant(in_the_end=0.6))
        cycles(duty, 24)
        assert (only_incident(duty).question, decided(duty)) == (1, [])


def test_another_cause_is_another_question_and_an_answer_to_the_old_one_is_refused(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant(at_first="psp_brownout", in_the_end=0.6))
        until(duty, lambda _: only_incident(duty).question == 2)
        incident = only_incident(duty)
        with pytest.raises(RefusedError, match=r"question 1 .* was decided already: crew chose to review"):
            decide(incident.id, by("asha", question=1), duty.services, duty.runs)
        decide(incident.id, by("asha", question=2), duty.services, duty.runs)
        assert decided(duty) == [(1, "review", "crew"), (2, "approve", "asha")]
        assert only_incident(duty).status is Status.ACTING


def test_nothing_is_withdrawn_once_somebody_has_answered(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, guardrails=Policy(four_eyes_above_share=0.001))
    with crew(world("psp_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant(at_first="psp_brownout"))
        decide(only_incident(duty).id, by("asha"), duty.services, duty.runs)
        cycles(duty, 24)
        assert decided(duty) == [(1, "approve", "asha")]
        assert only_incident(duty).question == 2


def test_a_human_who_answers_first_keeps_the_word(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant())
        duty.services.incidents.record_decision(only_incident(duty).id, by("asha", "reject"))
        cycles(duty, 12)
        assert decided(duty) == [(1, "reject", "asha")]


def test_an_incident_is_not_asked_about_any_more_when_more_evidence_shows_that_nothing_is_to_be_done(
    state_dir: Path,
) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("issuer_outage", settings), settings) as begun:
        duty = asking(begun, Hesitant(at_first="issuer_outage"))
        until(duty, lambda _: only_incident(duty).status is not Status.WAITING)
        incident = only_incident(duty)
    assert incident.plan is not None
    assert incident.plan.action.kind in {ActionKind.ALERT, ActionKind.RETRY_POLICY}
