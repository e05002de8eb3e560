"""What the time lines mark: incidents from onset to end, actions when they began and ended."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from console.terminal.words import cause_words, kind_words
from payments.incident import Incident, Status
from payments.intervention import Intervention


class Mark(NamedTuple):
    """One mark; times in seconds since 1970, by the feed's clock."""

    kind: Literal["incident", "action", "end"]
    at: float
    until: float | None
    """When an incident was over; None while it goes on, and for an instant."""
    words: str
    incident_id: str

    @property
    def last_s(self) -> float | None:
        """When it is last to be seen; None for ever."""
        return None if self.kind == "incident" and self.until is None else self.until or self.at


def marks(
    incidents: Iterable[Incident], interventions: Sequence[Intervention], since_s: float
) -> list[dict[str, object]]:
    """Give the marks that a chart from an instant on shows, as plain values."""
    found = [*map(_of_incident, incidents), *(mark for one in interventions for mark in _of_action(one))]
    return [mark._asdict() for mark in found if mark.last_s is None or mark.last_s >= since_s]


def _of_incident(incident: Incident) -> Mark:
    cause = cause_words(incident.diagnosis.cause) if incident.diagnosis else "incident"
    over = incident.updated_at.timestamp() if incident.status is Status.CLOSED else None
    words = f"{cause}: {incident.culprit}"
    return Mark("incident", incident.finding.since.timestamp(), over, words, incident.id)


def _of_action(one: Intervention) -> Iterator[Mark]:
    kind, began = kind_words(one.action.kind), one.begun_at or one.started_at
    yield Mark("action", began.timestamp(), None, f"{kind} begins", one.incident_id)
    if one.ended_at is not None:
        yield Mark("end", one.ended_at.timestamp(), None, f"{kind} ends", one.incident_id)
