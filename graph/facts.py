"""What the guardrails compare, gathered from the state and the services."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from graph.services import Senses, Services
from graph.state import CrewState, diagnosis_in, plan_in
from guardrails.facts import Facts
from payments.action import Effect, Plan, Route
from payments.incident import Diagnosis, Evidence, Finding, Maintenance
from payments.segment import Segment

REPEATS_COUNT_FOR = timedelta(hours=1)
NOT_HELPED = frozenset({Effect.NO_EFFECT, Effect.HARMED})


class Traffic(BaseModel):
    """The traffic as it was when the incident was diagnosed; kept with the run for a decision days later."""

    model_config = ConfigDict(frozen=True)

    attempts_per_window: NonNegativeFloat
    ticks_learned: NonNegativeInt
    data_until: AwareDatetime
    routes: tuple[Route, ...] = ()

    @classmethod
    def of(cls, evidence: Evidence, finding: Finding, window_s: float) -> Self:
        """Scale the attempts of the evidence to one aggregation window."""
        return cls(
            attempts_per_window=float(evidence.attempts.sum()) * window_s / evidence.duration_s,
            ticks_learned=finding.ticks_learned,
            data_until=evidence.until,
        )


def traffic_in(state: CrewState) -> Traffic:
    """Read and validate the traffic."""
    return Traffic.model_validate(state["traffic"])


class Surroundings(BaseModel):
    """What is known beside the traffic: all routes, and the downtimes in force."""

    model_config = ConfigDict(frozen=True)

    routes: tuple[Route, ...] = ()
    planned: tuple[Maintenance, ...] = ()

    @classmethod
    def of(cls, senses: Senses, at: datetime) -> Self:
        """Ask what a process can ask at an instant."""
        return cls(routes=senses.catalog.routes(Segment({})), planned=senses.calendar.planned(at))


def routes_for(culprit: Segment, state: CrewState, services: Services) -> tuple[Route, ...]:
    """Give the routes that could carry the culprit's payments; none where there is no catalog."""
    if services.senses:
        return services.senses.catalog.routes(culprit)
    return Surroundings.model_validate(state.get("surroundings", {})).routes


def planned_at(at: datetime, state: CrewState, services: Services) -> tuple[Maintenance, ...]:
    """Give the downtimes in force; none where there is no calendar."""
    if services.senses:
        return services.senses.calendar.planned(at)
    return Surroundings.model_validate(state.get("surroundings", {})).planned


def facts_of(state: CrewState, services: Services) -> Facts:
    """Gather the facts of the plan in the state."""
    feed = services.incidents.get(state["incident_id"]).feed
    facts = gather(diagnosis_in(state), plan_in(state), traffic_in(state), feed, services)
    # The clock of a simulated scenario in Studio stands still while the crew thinks.
    return facts.model_copy(update={"data_age_s": 0.0}) if state.get("surroundings") else facts


def gather(diagnosis: Diagnosis, plan: Plan, traffic: Traffic, feed: str, services: Services) -> Facts:
    """Gather the facts of any plan for a diagnosis."""
    return Facts(
        diagnosis=diagnosis,
        plan=plan,
        routes=traffic.routes,
        window_s=services.window_s,
        total_attempts_per_window=traffic.attempts_per_window,
        data_age_s=max(0.0, (services.clock() - traffic.data_until).total_seconds()),
        ticks_learned=traffic.ticks_learned,
        changes_traffic=services.actuator.changes_traffic,
        ineffective_before=_without_effect(plan, feed, services),
        kill_switch_on=services.stopped(),
    )


def _without_effect(plan: Plan, feed: str, services: Services) -> int:
    """Count how often the same action on the same scope did not help in the last hour of this feed."""
    recent = services.incidents.recent(feed, services.clock() - REPEATS_COUNT_FOR)
    return sum(
        incident.plan is not None
        and incident.outcome is not None
        and incident.outcome.effect in NOT_HELPED
        and incident.plan.action.kind is plan.action.kind
        and incident.plan.action.scope == plan.action.scope
        for incident in recent
    )
