"""A human's decision: on disk first, then into the run that waits for it."""

from graph.answers import keep
from graph.auditing import refusal
from graph.runs import Runs
from graph.services import Services
from payments.decision import Decision
from payments.errors import RefusedError
from payments.incident import Incident, Status


def decide(incident_id: str, decision: Decision, services: Services, runs: Runs) -> str:
    """Take a decision on a waiting incident and continue its run; gives the last thing said.

    Raises:
        NotFoundError: there is no such incident.
        RefusedError: it waits for no decision, was decided already or asks another question, the decision
            needs somebody else, or the guardrails forbid the action, as they do when the proposal is too
            old. Nothing but the refusal is on record then.
    """
    incident = services.incidents.get(incident_id)
    try:
        _refuse_decided(incident, decision, services, runs)
        _refuse_unless_waiting(incident, runs)
        keep(decision, runs.state(incident.id), services)
    except RefusedError as error:
        refusal(services, incident, decision, str(error))
        raise
    try:
        return runs.resume(incident.id, decision)
    except RefusedError as error:
        if not runs.waits(incident.id):
            return "the decision is kept, and a watch was quicker to carry it out"
        msg = f"the decision is kept and nothing is lost, but it is not carried out yet: {error}"
        raise RefusedError(msg) from error


def _refuse_decided(incident: Incident, decision: Decision, services: Services, runs: Runs) -> None:
    """Refuse a second decision; one that never reached its run is handed on first."""
    earlier = services.incidents.decision(incident.id, decision.question)
    if earlier is None:
        return
    msg = f"question {decision.question} of incident {incident.id[:8]} was decided already: {earlier.words}"
    if earlier.question == incident.question and runs.waits(incident.id):
        msg += f"; {_handed_on(incident, earlier, runs)}"
    raise RefusedError(msg)


def _handed_on(incident: Incident, earlier: Decision, runs: Runs) -> str:
    try:
        return f"it had not reached its run and is carried out now: {runs.resume(incident.id, earlier)}"
    except RefusedError as error:
        return f"it has not reached its run yet: {error}"


def _refuse_unless_waiting(incident: Incident, runs: Runs) -> None:
    if incident.status is not Status.WAITING:
        because = f" ({incident.closed_because})" if incident.closed_because else ""
        msg = f"incident {incident.id[:8]} waits for no decision: it is {incident.status}{because}"
        raise RefusedError(msg)
    if not runs.waits(incident.id):
        msg = (
            f"the run of incident {incident.id[:8]} stands at no question: it is being worked on, or its "
            "checkpoint is gone; nothing was decided, try again in a moment"
        )
        raise RefusedError(msg)
