"""A human's decision: on disk first, then into the run that waits for it."""

from graph.facts import gather, traffic_in
from graph.runs import Runs
from graph.services import Services
from graph.state import diagnosis_in, lessons_in
from payments.action import Action, Ruling
from payments.errors import RefusedError
from payments.incident import Decision, Incident, Status


def decide(incident_id: str, decision: Decision, services: Services, runs: Runs) -> str:
    """Take a decision on a waiting incident and continue its run; gives the last thing said.

    Raises:
        NotFoundError: there is no such incident.
        RefusedError: it does not wait, was decided already, or the guardrails forbid the action. Nothing is
            recorded then.
    """
    incident = services.incidents.get(incident_id)
    _refuse_unless_waiting(incident, services)
    if not runs.waits(incident.id):
        msg = (
            f"the run of incident {incident.id[:8]} stands at no question: it is being worked on, or its "
            "checkpoint is gone; nothing was decided, try again in a moment"
        )
        raise RefusedError(msg)
    action = decision.action or (incident.plan.action if incident.plan else None)
    if decision.type != "reject" and action is not None:
        _refuse_forbidden(incident, action, services, runs)
    services.incidents.record_decision(incident.id, decision)
    return runs.resume(incident.id, decision)


def _refuse_unless_waiting(incident: Incident, services: Services) -> None:
    earlier = services.incidents.decision(incident.id)
    if earlier is not None:
        when = f"{earlier.at:%Y-%m-%d %H:%M:%S}"
        msg = (
            f"incident {incident.id[:8]} was decided already: {earlier.by} chose to {earlier.type} at {when}"
        )
        raise RefusedError(msg)
    if incident.status is not Status.WAITING:
        because = f" ({incident.closed_because})" if incident.closed_because else ""
        msg = f"incident {incident.id[:8]} waits for no decision: it is {incident.status}{because}"
        raise RefusedError(msg)


def _refuse_forbidden(incident: Incident, action: Action, services: Services, runs: Runs) -> None:
    state = runs.state(incident.id)
    diagnosis, traffic, lessons = diagnosis_in(state), traffic_in(state), lessons_in(state)
    plan = services.planner.replan(
        diagnosis, action, traffic.routes, lessons, services.window_s, traffic.attempts_per_window
    )
    verdict = services.risk_officer.review(gather(diagnosis, plan, traffic, incident.feed, services))
    if verdict.ruling is Ruling.BLOCK:
        msg = f"incident {incident.id[:8]} still waits, nothing was decided. {verdict.sentence}"
        raise RefusedError(msg)
