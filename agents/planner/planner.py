"""Compares the actions there are on one scale and proposes the best."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.planner.candidates import candidates
from agents.planner.case import Case
from agents.planner.expectation import expectation
from agents.planner.experience import experience
from agents.planner.remedies import remedy_for
from agents.planner.settings import PlannerSettings
from agents.planner.situation import Situation
from agents.planner.words import because, reason
from agents.planner.worth import Worth, worth
from payments.action import Action
from payments.plan import Candidate, Plan


@dataclass(frozen=True)
class _Weighed:
    candidate: Candidate
    worth: Worth

    @property
    def rank(self) -> tuple[float, float]:
        """Payments first; money decides between equals."""
        money = self.candidate.money_saved_minor
        return self.candidate.payments_saved.mean, money.mean if money else 0.0


@dataclass(frozen=True)
class Planner:
    """Proposes exactly one action: what saves most payments until the expiry, against doing nothing."""

    settings: PlannerSettings = field(default_factory=PlannerSettings)

    def plan(self, situation: Situation) -> Plan:
        """Choose the action; of equals the mildest."""
        case = Case(situation, self.settings)
        weighed = [_weigh(action, case) for action in candidates(case)]
        best = max(weighed, key=lambda one: one.rank)
        return _plan(best, [other for other in weighed if other is not best], case)

    def replan(self, situation: Situation, action: Action) -> Plan:
        """Say what exactly this action would bring, whatever the planner itself thinks best."""
        case = Case(situation, self.settings)
        others = [_weigh(other, case) for other in candidates(case) if other != action]
        return _plan(_weigh(action, case), others, case)


def _weigh(action: Action, case: Case) -> _Weighed:
    learned = experience(case.situation.lessons, case.diagnosis.cause, action.kind)
    weighed = worth(action, case, learned)
    saved, money = weighed.payments_saved, weighed.money_saved_minor
    told = reason(action, saved, money, case) + learned.words
    candidate = Candidate(action=action, payments_saved=saved, money_saved_minor=money, reason=told)
    return _Weighed(candidate, weighed)


def _plan(best: _Weighed, others: Sequence[_Weighed], case: Case) -> Plan:
    ranked = sorted(others, key=lambda other: other.rank, reverse=True)
    chosen = best.candidate
    return Plan(
        action=chosen.action,
        payments_saved=chosen.payments_saved,
        expires_after_s=case.expires_after_s,
        reason=f"{chosen.reason} {because(case.diagnosis.cause, remedy_for(case.diagnosis.cause))}",
        alternatives=tuple(other.candidate for other in ranked),
        money_saved_minor=chosen.money_saved_minor,
        currency=case.situation.readings.currency,
        fees_minor=best.worth.fees_minor,
        expects=expectation(chosen.action, best.worth, case),
    )
