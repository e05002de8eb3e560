"""A human takes an action back: undone, on record, learned from; the crew watches its incident on."""

from graph.answers import refuse_long_words
from graph.ending import Ended, end, unmeasured
from graph.measuring import measured, told
from graph.runs import Runs
from graph.services import Services
from graph.settling import latest
from graph.unfinished import is_unfinished
from payments.errors import InputError, RefusedError
from payments.incident import Incident
from payments.intervention import Intervention
from payments.outcome import Outcome


def undo(incident_id: str, by: str, note: str, runs: Runs) -> str:
    """Undo what is in force for an incident; gives the last thing said. The kill switch never forbids it.

    Raises:
        InputError: nobody is named.
        NotFoundError: there is no such incident.
        RefusedError: nothing is in force, or another process is at work on the incident.
        ActuatorError: the receiver cannot undo it now; it ends by itself at its expiry.
    """
    _refuse_words(by, note)
    services = runs.services
    incident = services.incidents.get(incident_id)
    intervention = _in_force(incident, services)
    if is_unfinished(incident, runs):
        msg = f"incident {incident.id[:8]} is being worked on: nothing was undone, try again in a moment"
        raise RefusedError(msg)
    because = f"{by} undid it{': ' if note.strip() else ''}{note.strip()}"
    outcome = _outcome(incident, intervention, because, services)
    return end(incident, intervention, Ended(outcome, because, over=False, by=by), services.clock(), runs)


def _refuse_words(by: str, note: str) -> None:
    if not by.strip():
        msg = "nobody is named who undoes it: give a name, for it goes on record"
        raise InputError(msg)
    refuse_long_words(note, by)


def _in_force(incident: Incident, services: Services) -> Intervention:
    found = latest(services.incidents.active_interventions(incident.feed)).get(incident.id)
    if found is None:
        msg = f"nothing is in force for incident {incident.id[:8]}: it is {incident.status.value}"
        raise RefusedError(msg)
    return found


def _outcome(incident: Incident, intervention: Intervention, because: str, services: Services) -> Outcome:
    """Say what it brought until now, as far as a watch has seen."""
    found = measured(incident, intervention)
    if found is None:
        return unmeasured(because)
    carried_out = services.actuator.changes_traffic
    return told(incident, intervention, found, services.clock(), carried_out=carried_out)
