"""What the live page lists beside its charts: the segments, the heat map, incidents and actions in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from console.web.live.view import View, address_of
from graph.measuring import measured
from memory.live import PAIR
from memory.live_reading import LiveReader, Numbers, Place
from payments.incident import Incident
from payments.intervention import Intervention
from payments.outcome import Outcome
from payments.pulse import ATTEMPTS, BAD, EXPECTED_BAD, VARIANCE_BAD
from payments.segment import Segment, role_of

LATELY_TICKS = 24
"""Increments that tell how a segment is doing now: two minutes of 5 s."""
NEWS_SD = 3.0
"""Standard deviations from which a difference is shown as one."""
STEPS = (0.02, 0.05, 0.15, 0.40)
"""Shares of the attempts failing beyond the expected, from which each darker step begins."""
SEGMENTS_SHOWN = 24
SIDE_AT_MOST = 40
"""Rows and columns of the heat map."""


@dataclass(frozen=True)
class Cell:
    """How one segment is doing now."""

    segment: Segment
    address: str
    attempts: int
    rate: float | None
    expected: float | None
    deviation: float
    """Failing beyond the expected, in standard deviations."""
    step: str
    """How it is coloured: calm, better, or worse by 1 to 5; none without attempts."""


def cell_of(segment: Segment, place: Place, counts: Numbers) -> Cell:
    """Judge one segment's counts, shape (PULSE_COLUMNS,)."""
    attempts = float(counts[ATTEMPTS])
    address = address_of(place)
    if attempts <= 0:
        return Cell(segment, address, 0, None, None, 0.0, "none")
    excess, variance = float(counts[BAD] - counts[EXPECTED_BAD]), float(counts[VARIANCE_BAD])
    rate = 1.0 - float(counts[BAD]) / attempts
    if np.isnan(excess):
        return Cell(segment, address, round(attempts), rate, None, 0.0, "calm")
    deviation = excess / np.sqrt(max(variance, 0.25))
    expected = 1.0 - float(counts[EXPECTED_BAD]) / attempts
    return Cell(
        segment, address, round(attempts), rate, expected, deviation, _step(deviation, excess / attempts)
    )


def _step(deviation: float, excess: float) -> str:
    if abs(deviation) < NEWS_SD:
        return "calm"
    return "better" if deviation < 0 else f"worse-{1 + sum(excess >= step for step in STEPS)}"


def cells(view: View, reader: LiveReader, family: str) -> dict[Segment, Cell]:
    """Judge all segments of a family over the last increments."""
    since_s = view.feed.at_s - LATELY_TICKS * view.feed.tick_s
    totals = reader.totals(view.feed, family, since_s)
    places = ((segment, place) for segment, place in view.segments.items() if place.family == family)
    return {
        segment: cell_of(segment, place, totals[place.place])
        for segment, place in places
        if place.place < len(totals)
    }


@dataclass(frozen=True)
class HeatMap:
    """Issuers down, routes across."""

    issuer: str
    route: str
    issuers: tuple[Cell, ...]
    routes: tuple[Cell, ...]
    cells: Mapping[tuple[str, str], Cell]

    def at(self, issuer: Cell, route: Cell) -> Cell | None:
        """Give a cell; None where the two never met."""
        key = (issuer.segment.root[self.issuer], route.segment.root[self.route])
        return self.cells.get(key)


def heat_map(view: View, reader: LiveReader, wide: Mapping[Segment, Cell]) -> HeatMap | None:
    """Lay pairs out by issuer and route, the busiest first; None for a feed that has not both."""
    pairs = cells(view, reader, PAIR)
    names = next((tuple(segment.names()) for segment in pairs), ())
    issuer = next((name for name in names if role_of(name) == "issuer"), None)
    route = next((name for name in names if role_of(name) == "route"), None)
    if issuer is None or route is None:
        return None
    return HeatMap(
        issuer,
        route,
        issuers=_busiest(wide, issuer),
        routes=_busiest(wide, route),
        cells={(segment.root[issuer], segment.root[route]): cell for segment, cell in pairs.items()},
    )


def _busiest(wide: Mapping[Segment, Cell], attribute: str) -> tuple[Cell, ...]:
    found = [cell for segment, cell in wide.items() if tuple(segment.names()) == (attribute,)]
    return tuple(sorted(found, key=lambda cell: -cell.attempts)[:SIDE_AT_MOST])


def noteworthy(wide: Mapping[Segment, Cell]) -> tuple[Cell, ...]:
    """Give single attribute values, what fails beyond the expected first, then the busiest."""
    single = [cell for cell in wide.values() if len(cell.segment) == 1 and cell.attempts]
    worse = [cell.step.startswith("worse") for cell in single]
    ranked = sorted(
        zip(worse, single, strict=True),
        key=lambda one: (not one[0], -one[1].deviation if one[0] else -one[1].attempts),
    )
    return tuple(cell for _, cell in ranked[:SEGMENTS_SHOWN])


@dataclass(frozen=True)
class InForce:
    """An action in force, and what it has brought so far."""

    intervention: Intervention
    incident: Incident | None
    left_s: float
    share_left: float
    so_far: Outcome | None


def in_force(
    interventions: Sequence[Intervention], incidents: Mapping[str, Incident], now: datetime
) -> tuple[InForce, ...]:
    """Say of each action in force how long it lasts and what it brings."""
    return tuple(_in_force(one, incidents.get(one.incident_id), now) for one in interventions)


def _in_force(one: Intervention, incident: Incident | None, now: datetime) -> InForce:
    left_s = max(0.0, (one.expires_at - now).total_seconds())
    whole_s = max((one.expires_at - one.started_at).total_seconds(), 1.0)
    so_far = measured(incident, one) if incident is not None else None
    return InForce(one, incident, left_s, min(left_s / whole_s, 1.0), so_far)
