"""How an intervention ends: undone, learned from, recorded as over; each part may be done twice."""

from dataclasses import dataclass
from datetime import datetime

from graph.auditing import note
from graph.lately import EXPIRED, NO_TARGET, NOT_HELPED
from graph.rollout import leaves_a_probe, tell_people
from graph.runs import Runs
from graph.services import Services
from graph.state import fresh
from payments.errors import NotFoundError
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.outcome import Effect, Outcome
from tools.ports import Event

OVER = "the fault is over"


@dataclass(frozen=True)
class Ended:
    """Why an intervention ends, and what it brought."""

    outcome: Outcome
    because: str
    over: bool
    """The fault itself is over."""
    watched: bool = True
    """Somebody goes on watching the feed, and so sees whether the fault does."""
    by: str | None = None
    """The human who ends it; None when the crew does."""


def end(incident: Incident, intervention: Intervention, ended: Ended, now: datetime, runs: Runs) -> str:
    """Undo an action, learn from it, and close its incident unless somebody has to watch on.

    Raises:
        ActuatorError: it cannot be undone yet.
        RefusedError: another process is at work on the incident.
    """
    services, because = runs.services, ended.because
    services.outbox.revert(intervention.key, because)
    record(incident, intervention, ended, services)
    told = ended.outcome.model_copy(update={"reverted_because": because})
    runs.start(incident.id, fresh(incident_id=incident.id, outcome=told.model_dump(mode="json")))
    # After the lesson: a crash in between repeats both, and both may be repeated.
    services.incidents.end_intervention(intervention.key, now, because)
    if is_done(intervention, ended):
        close(services.incidents.get(incident.id), because, now, services, recovered=ended.over)
    elif because == EXPIRED:
        text = "Its action expired and was not renewed; the crew watches on and changes nothing more."
        tell_people(incident, f"{intervention.key}:expired", text, services)
    return f"{because}; undone. {told.sentence}"


def is_done(intervention: Intervention, ended: Ended) -> bool:
    """Say whether the incident ends with its action.

    What did not help leaves the fault: nobody must find it again and try the same. Without a probe, or when
    nobody could tell what it brought, the expiry is what shows whether the fault is still there: if so, it is
    found again. So it is when its targets were bad: they are known by now, and the next plan is another. What
    a human took back must not be done once more either.
    """
    if ended.by is not None:
        return False
    if ended.over or not ended.watched or ended.because == NO_TARGET:
        return True
    if ended.because == EXPIRED and ended.outcome.effect is Effect.NOT_MEASURED:
        return True
    return ended.outcome.effect not in NOT_HELPED and not leaves_a_probe(intervention.action)


def record(incident: Incident, intervention: Intervention, ended: Ended, services: Services) -> None:
    """Put an undoing on record."""
    note(
        services,
        incident,
        "reverted",
        part=intervention.key,
        actor=ended.by or "crew",
        inputs={"because": ended.because, "outcome": ended.outcome.model_dump(mode="json")},
        before={"key": intervention.key, "action": intervention.action.model_dump(mode="json")},
        after=None,
    )


def close(incident: Incident, because: str, now: datetime, services: Services, *, recovered: bool) -> None:
    """Close an incident."""
    closed = {
        "status": Status.CLOSED,
        "closed_because": because,
        "recovered": recovered,
        "updated_at": now,
    }
    services.incidents.save(incident.model_copy(update=closed))
    over = {"feed": incident.feed, "because": because}
    services.telemetry.happened(Event("closed", incident.id, {"recovered": str(recovered).lower()}, over))


def unmeasured(because: str) -> Outcome:
    """Say that nobody can tell what an action brought."""
    sentence = f"The effect was not measured before the end: {because}."
    return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)


def incident_of(intervention: Intervention, services: Services) -> Incident | None:
    """Give the incident of an intervention, if it is still in the store."""
    try:
        return services.incidents.get(intervention.incident_id)
    except NotFoundError:
        return None
