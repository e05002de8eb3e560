"""What the guardrails compare, gathered from the state and the services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from agents.planner.readings import Readings
from agents.planner.situation import Situation
from graph.lately import LATELY, NOT_HELPED, done_lately
from graph.prospects import routes_seen
from graph.services import Senses, Services
from graph.state import CrewState, approvers_in, diagnosis_in, lessons_in, plan_in
from guardrails.facts import Facts
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.finding import Finding
from payments.incident import Incident
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from payments.plan import Plan
from payments.route import Route
from payments.segment import Segment


class Traffic(BaseModel):
    """The traffic as it was when the incident was diagnosed; kept with the run for a decision days later."""

    model_config = ConfigDict(frozen=True)

    attempts_per_window: NonNegativeFloat
    ticks_learned: NonNegativeInt
    data_until: AwareDatetime
    routes: tuple[Route, ...] = ()
    readings: Readings = Readings()
    """Amounts, slowness and declines in the culprit."""

    @classmethod
    def of(cls, evidence: Evidence, finding: Finding, diagnosis: Diagnosis, window_s: float) -> Self:
        """Scale the attempts of the evidence to one window, and read off the figures of the culprit."""
        return cls(
            attempts_per_window=float(evidence.attempts.sum()) * window_s / evidence.duration_s,
            ticks_learned=finding.ticks_learned,
            data_until=evidence.until,
            readings=Readings.of(evidence, finding, diagnosis.culprit),
        )

    def situation(self, diagnosis: Diagnosis, lessons: Sequence[Lesson], window_s: float) -> Situation:
        """Give what a plan is made for."""
        return Situation(
            diagnosis, self.routes, tuple(lessons), window_s, self.attempts_per_window, self.readings
        )


def traffic_in(state: CrewState) -> Traffic:
    """Read and validate the traffic."""
    return Traffic.model_validate(state["traffic"])


def traffic_now(state: CrewState, services: Services) -> Traffic:
    """Give the traffic of the diagnosis with the routes as they were seen last.

    A process that watches asks; any other has what a watch saw last, or else what the planner knew.
    """
    traffic = traffic_in(state)
    if services.senses:
        routes = routes_for(diagnosis_in(state).culprit, state, services)
    else:
        routes = services.incidents.get(state["incident_id"]).routes_seen or traffic.routes
    return traffic.model_copy(update={"routes": routes})


def seen(incident: Incident, at: datetime, senses: Senses, services: Services) -> Incident:
    """Keep with a waiting incident that its fault goes on, and the routes as they are now."""
    routes = routes_seen(incident.culprit, incident.id, at, senses, services)
    return incident.model_copy(update={"seen_at": at, "routes_seen": routes})


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
        return routes_seen(culprit, state["incident_id"], services.clock(), services.senses, services)
    return Surroundings.model_validate(state.get("surroundings", {})).routes


def planned_at(at: datetime, state: CrewState, services: Services) -> tuple[Maintenance, ...]:
    """Give the downtimes in force; none where there is no calendar."""
    if services.senses:
        return services.senses.calendar.planned(at)
    return Surroundings.model_validate(state.get("surroundings", {})).planned


def facts_of(state: CrewState, services: Services) -> Facts:
    """Gather the facts of the plan in the state."""
    incident = services.incidents.get(state["incident_id"])
    plan, traffic, diagnosis = plan_in(state), traffic_in(state), diagnosis_in(state)
    # The clock of a simulated scenario in Studio stands still while the crew thinks.
    now = traffic.data_until if state.get("surroundings") else services.clock()
    last_seen = max(traffic.data_until, incident.seen_at or traffic.data_until)
    return Facts(
        diagnosis=diagnosis,
        plan=plan,
        routes=traffic.routes,
        window_s=services.window_s,
        total_attempts_per_window=traffic.attempts_per_window,
        data_age_s=_seconds(traffic.data_until, now),
        proposal_age_s=_seconds(last_seen, now),
        ticks_learned=traffic.ticks_learned,
        changes_traffic=services.actuator.changes_traffic,
        at=now,
        mode=services.mode,
        approvers=approvers_in(state),
        rejected_before=_rejected(plan, lessons_in(state)),
        ineffective_before=_without_effect(plan, incident.feed, services),
        kill_switch_on=services.stopped(),
        **done_lately(incident, plan.action.scope, traffic.attempts_per_window, now, services),
    )


def facts_in_force(incident: Incident, now: datetime, services: Services) -> Facts | None:
    """Gather what does not depend on the traffic, of an incident whose action is in force."""
    if incident.diagnosis is None or incident.plan is None:
        return None
    return Facts(
        diagnosis=incident.diagnosis,
        plan=incident.plan,
        routes=(),
        window_s=services.window_s,
        total_attempts_per_window=0.0,
        data_age_s=0.0,
        ticks_learned=0,
        changes_traffic=services.actuator.changes_traffic,
        at=now,
        mode=services.mode,
        approvers=incident.approvers,
    )


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def _rejected(plan: Plan, lessons: Sequence[Lesson]) -> int:
    """Count the similar past incidents in which a human said no to the same."""
    kind, scope = plan.action.kind, plan.action.scope
    return sum(one.rejected and one.action is kind and one.culprit == scope for one in lessons)


def _without_effect(plan: Plan, feed: str, services: Services) -> int:
    """Count how often the same action on the same scope did not help in the last hour of this feed."""
    recent = services.incidents.recent(feed, services.clock() - LATELY)
    return sum(
        incident.plan is not None
        and incident.outcome is not None
        and incident.outcome.effect in NOT_HELPED
        and incident.plan.action.kind is plan.action.kind
        and incident.plan.action.scope == plan.action.scope
        for incident in recent
    )
