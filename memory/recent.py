"""The short-term buffer: the incidents of this run, in memory, for questions asked at every tick."""

from collections import OrderedDict
from datetime import datetime

from payments.action import ActionKind, Effect
from payments.incident import Incident, Status
from payments.segment import Segment

_DID_NOT_HELP = frozenset({Effect.NO_EFFECT, Effect.HARMED})


class RecentIncidents:
    """Holds the latest incidents by id, at most `maxlen`; a full buffer forgets closed ones first.

    An incident that is not closed is never forgotten, or its fault would be raised again: so the buffer
    grows beyond `maxlen` while more than that many are live.
    """

    def __init__(self, maxlen: int) -> None:
        if maxlen < 1:
            msg = f"a buffer of {maxlen!r} incidents can hold nothing: give at least 1"
            raise ValueError(msg)
        self._maxlen = maxlen
        self._incidents: OrderedDict[str, Incident] = OrderedDict()

    def __len__(self) -> int:
        return len(self._incidents)

    def update(self, incident: Incident) -> None:
        """Take in an incident as it is now, new or known."""
        self._incidents[incident.id] = incident
        self._incidents.move_to_end(incident.id)
        self._forget()

    def live(self) -> tuple[Incident, ...]:
        """Give the incidents that are not closed, the one updated last first."""
        held = reversed(self._incidents.values())
        return tuple(incident for incident in held if incident.status is not Status.CLOSED)

    def matching(self, segment: Segment, at: datetime) -> Incident | None:
        """Give the live incident, opened by then, whose culprit contains the segment or lies in it."""
        open_then = (incident for incident in self.live() if incident.opened_at <= at)
        return next((found for found in open_then if found.culprit.comparable(segment)), None)

    def culprits(self) -> tuple[Segment, ...]:
        """Give the distinct culprits of the live incidents: what the monitor looks away from."""
        return tuple(dict.fromkeys(incident.culprit for incident in self.live()))

    def count_without_effect(self, scope: Segment, kind: ActionKind) -> int:
        """Count how often this kind of action on this very scope did not help."""
        return sum(_did_not_help(incident, scope, kind) for incident in self._incidents.values())

    def _forget(self) -> None:
        surplus = len(self._incidents) - self._maxlen
        closed = [key for key, incident in self._incidents.items() if incident.status is Status.CLOSED]
        for key in closed[: max(0, surplus)]:
            del self._incidents[key]


def _did_not_help(incident: Incident, scope: Segment, kind: ActionKind) -> bool:
    if incident.plan is None or incident.outcome is None or incident.outcome.effect not in _DID_NOT_HELP:
        return False
    action = incident.plan.action
    return action.kind is kind and action.scope == scope
