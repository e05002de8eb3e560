"""Everything that is known of one incident, from each place where something of it is kept."""

from console.compose import deciding, open_memory
from console.settings import Settings
from console.standing import History, Step
from payments.errors import NotFoundError
from payments.incident import Incident
from payments.lesson import Lesson


def look_up(incident_id: str, settings: Settings) -> tuple[Incident, History]:
    """Give an incident and its history; the time is that of its feed where its world still is."""
    with open_memory(settings) as memory:
        incident = memory.incidents.get(incident_id)
    try:
        return incident, _history(incident, settings, acts=True)
    except NotFoundError:
        return incident, _history(incident, settings, acts=False)


def _history(incident: Incident, settings: Settings, *, acts: bool) -> History:
    with deciding(incident.feed, settings, acts=acts) as runs:
        known, state = runs.services.incidents, runs.state(incident.id)
        return History(
            now=runs.services.clock() if acts else None,
            decisions=known.decisions(incident.id),
            interventions=known.interventions(incident.id),
            path=tuple(Step.model_validate(step) for step in state.get("path", [])),
            lessons=tuple(Lesson.model_validate(lesson) for lesson in state.get("lessons", [])),
            opinion=state.get("opinion"),
        )
