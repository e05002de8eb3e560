"""Compares the actions there are on one scale and proposes the best."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.planner.candidates import candidates
from agents.planner.case import Case
from agents.planner.experience import Experience, experience
from agents.planner.remedies import remedy_for
from agents.planner.settings import PlannerSettings
from agents.planner.words import describe, saving
from agents.planner.worth import payments_saved
from payments.action import Action, Candidate, Interval, Plan, Route
from payments.incident import Diagnosis, Lesson


@dataclass(frozen=True)
class Planner:
    """Proposes exactly one action: what saves most payments until the expiry, against doing nothing."""

    settings: PlannerSettings = field(default_factory=PlannerSettings)

    def plan(
        self,
        diagnosis: Diagnosis,
        routes: Sequence[Route],
        lessons: Sequence[Lesson],
        window_s: float,
        total_attempts_per_window: float,
    ) -> Plan:
        """Choose the action; of equals the mildest."""
        case = Case(diagnosis, tuple(routes), window_s, total_attempts_per_window, self.settings)
        weighed = [_weigh(action, case, lessons) for action in candidates(case)]
        best = max(weighed, key=lambda candidate: candidate.payments_saved.mean)
        return _plan(best, [other for other in weighed if other is not best], case)

    def replan(  # noqa: PLR0917 - the words of `plan`, with the action
        self,
        diagnosis: Diagnosis,
        action: Action,
        routes: Sequence[Route],
        lessons: Sequence[Lesson],
        window_s: float,
        total_attempts_per_window: float,
    ) -> Plan:
        """Say what exactly this action would bring, whatever the planner itself thinks best."""
        case = Case(diagnosis, tuple(routes), window_s, total_attempts_per_window, self.settings)
        given = _weigh(action, case, lessons)
        others = [_weigh(other, case, lessons) for other in candidates(case) if other != action]
        return _plan(given, others, case)


def _weigh(action: Action, case: Case, lessons: Sequence[Lesson]) -> Candidate:
    learned = experience(lessons, case.diagnosis.cause, action.kind)
    saved = learned.adjust(payments_saved(action, case))
    return Candidate(action=action, payments_saved=saved, reason=_reason(action, saved, learned, case))


def _reason(action: Action, saved: Interval, learned: Experience, case: Case) -> str:
    narrower = action.scope != case.diagnosis.culprit and case.diagnosis.culprit.contains(action.scope)
    bound = " at most, for its scope is narrower than the culprit" if narrower else ""
    return f"{describe(action)} {saving(saved, case.expires_after_s)}{bound}.{learned.words}"


def _plan(best: Candidate, others: Sequence[Candidate], case: Case) -> Plan:
    ranked = tuple(sorted(others, key=lambda other: -other.payments_saved.mean))
    because = f"{case.diagnosis.cause}: {remedy_for(case.diagnosis.cause).because}."
    return Plan(
        action=best.action,
        payments_saved=best.payments_saved,
        expires_after_s=case.expires_after_s,
        reason=f"{best.reason} {because}",
        alternatives=ranked,
    )
