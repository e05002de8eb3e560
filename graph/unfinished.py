"""Runs that have something left to do, as after a crash: told, and taken up again."""

from graph.runs import Runs
from graph.state import fresh
from payments.incident import Incident, Status


def is_unfinished(incident: Incident, runs: Runs) -> bool:
    """Say whether the incident's run has something left to do that needs no human."""
    standing = runs.standing(incident.id)
    if standing.waits:
        return runs.services.incidents.decision(incident.id, incident.question) is not None
    never_begun = incident.status is Status.OPEN and not standing.begun
    return never_begun or standing.cut_short


def take_up(incident: Incident, runs: Runs) -> str:
    """Go on where the run stopped, and hand it the human's answer if there is one; gives the last thing said.

    Raises:
        RefusedError: another process is at work on the incident.
    """
    said = ""
    if runs.is_cut_short(incident.id):
        said = runs.go_on(incident.id)
    elif incident.status is Status.OPEN and not runs.has_begun(incident.id):
        finding = incident.finding.model_dump(mode="json")
        said = runs.begin(incident.id, fresh(incident_id=incident.id, finding=finding))
    asked = runs.services.incidents.get(incident.id).question
    decision = runs.services.incidents.decision(incident.id, asked)
    if decision is not None and runs.waits(incident.id):
        said = runs.resume(incident.id, decision)
    return said
