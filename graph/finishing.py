"""Finishes what a crash left between the undoing of an action and its lesson, or between two of its steps."""

from collections.abc import Callable

from graph.ending import OVER, Ended, end, incident_of, unmeasured
from graph.measuring import measured, told
from graph.runs import Runs
from graph.services import Services
from graph.settling import latest
from payments.errors import ActuatorError
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.outcome import Outcome


def end_replaced(services: Services) -> None:
    """End what another action of the same incident has replaced: the later one is in force."""
    active = services.incidents.active_interventions()
    newest = latest(active)
    for one in active:
        in_force = newest[one.incident_id]
        if one.key != in_force.key:
            services.incidents.end_intervention(
                one.key, in_force.started_at, f"{in_force.key} took its place"
            )


def undone(services: Services) -> tuple[tuple[Intervention, str], ...]:
    """Give what is watched as if it were in force and was undone, with why."""
    active = services.incidents.active_interventions()
    known = [(one, services.outbox.undone_because(one.key)) for one in active]
    return tuple((one, because) for one, because in known if because is not None)


def finish(intervention: Intervention, because: str) -> Callable[[Runs], str]:
    """Learn from an action that was undone, and end it; gives what people should hear.

    Raises:
        RefusedError: another process is at work on the incident.
    """

    def finish_it(runs: Runs) -> str:
        services, now = runs.services, runs.services.clock()
        incident = incident_of(intervention, services)
        if incident is None or incident.status is Status.CLOSED:
            services.incidents.end_intervention(intervention.key, now, because)
            return ""
        ended = Ended(_outcome(incident, intervention, because, services), because, over=because == OVER)
        try:
            return end(incident, intervention, ended, now, runs)
        except ActuatorError as error:
            return f"cannot be finished yet, will be tried again: {error}"

    return finish_it


def _outcome(incident: Incident, intervention: Intervention, because: str, services: Services) -> Outcome:
    """Measure up to what was seen last: afterwards the action was not in force any more."""
    found = measured(incident, intervention)
    if found is None:
        return unmeasured(because)
    return told(
        incident, intervention, found, services.clock(), carried_out=services.actuator.changes_traffic
    )
