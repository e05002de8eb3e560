"""Counts without what fails for another known fault, wherever its payments go: it says nothing of a route."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.lately import overlap
from graph.services import Senses, Services
from payments.incident import Incident
from payments.segment import Segment
from payments.tally import Tally


@dataclass(frozen=True)
class Apart:
    """Counts segments of one feed without the payments of the other faults that go with them."""

    services: Services
    senses: Senses

    def tallies(self, segments: Sequence[Segment], incident: Incident, since: datetime) -> tuple[Tally, ...]:
        """Count several segments for an incident, over the increments since an instant."""
        faults = travelling(self.services.incidents.live(self.senses.source.feed), incident)
        return self.outside(faults, segments, since)

    def outside(
        self, faults: Sequence[Segment], segments: Sequence[Segment], since: datetime
    ) -> tuple[Tally, ...]:
        """Count several segments without the payments of faults that share none."""
        parts = [tuple(_shared(segment, faults)) for segment in segments]
        asked = [*segments, *(part for shared in parts for part in shared)]
        counted = iter(self.senses.monitor.tallies(asked, since))
        wholes = [next(counted) for _ in segments]
        return tuple(
            less(whole, [next(counted) for _ in shared]) for whole, shared in zip(wholes, parts, strict=True)
        )

    def has_begun(self, incident: Incident, since: datetime) -> bool:
        """Say whether another fault that goes with the payments was found since an instant.

        What was seen of the routes from its onset to then has it in it.
        """
        live = self.services.incidents.live(self.senses.source.feed)
        return any(one.opened_at > since for one in _going_along(live, incident))


def travelling(live: Sequence[Incident], incident: Incident) -> tuple[Segment, ...]:
    """Give the culprits of other faults that go with the payments; of overlapping ones the widest."""
    return disjoint(one.culprit for one in _going_along(live, incident))


def disjoint(culprits: Iterable[Segment]) -> tuple[Segment, ...]:
    """Leave out what overlaps a wider one, so that no payment is in two."""
    apart: list[Segment] = []
    for culprit in sorted(set(culprits), key=lambda one: (len(one), str(one))):
        if not any(overlap(culprit, wider) for wider in apart):
            apart.append(culprit)
    return tuple(apart)


def _going_along(live: Sequence[Incident], incident: Incident) -> Iterator[Incident]:
    """Give the other incidents that lie on no route, such as an issuer's.

    A fault on a route stays behind when its payments leave: what it does to a target, the target does.
    """
    for one in live:
        if one.id != incident.id and len(one.culprit) and one.culprit.role("route") is None:
            yield one


def less(whole: Tally, parts: Sequence[Tally]) -> Tally:
    """Take parts that share no payment off a whole."""
    taken = sum(parts, start=Tally())
    if not taken.attempts:
        return whole
    known = whole.payments is not None and taken.payments is not None
    return Tally(
        attempts=max(0, whole.attempts - taken.attempts),
        failures=max(0, whole.failures - taken.failures),
        pending=max(0, whole.pending - taken.pending),
        expected_attempts=max(0.0, whole.expected_attempts - taken.expected_attempts),
        expected_failures=max(0.0, whole.expected_failures - taken.expected_failures),
        expected_pending=max(0.0, whole.expected_pending - taken.expected_pending),
        payments=max(0, (whole.payments or 0) - (taken.payments or 0)) if known else whole.payments,
        ticks=whole.ticks,
    )


def _shared(segment: Segment, faults: Sequence[Segment]) -> Iterator[Segment]:
    """Give the part of a segment in each fault; a fault that holds all of it would leave nothing to see."""
    if any(fault.contains(segment) for fault in faults):
        return
    for fault in faults:
        if overlap(segment, fault):
            yield Segment({**segment.root, **fault.root})
