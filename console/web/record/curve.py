"""Curves drawn by the server: what was saved over time, and how sure the crew was against what helped.

All places are in per cent of the drawing, y downwards, so that it scales without a script.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil, floor, hypot, isfinite, log10, sqrt

from console.terminal.words import count, percent
from payments.incident import Incident
from payments.plan import Interval

_RULES = 4
"""Lines across a drawing, about."""
_TOP, _BOTTOM = 8.0, 92.0
"""Where the highest and the lowest rule are."""
Z90 = 1.645
"""Standard deviations of a normal distribution that hold 90 % of it, to either side."""
EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Of the classes of confidence."""


@dataclass(frozen=True)
class Rule:
    """A line across with the value it stands for."""

    y: float
    words: str


@dataclass(frozen=True)
class Saved:
    """Payments saved in all, over time."""

    line: str
    """Corners as `x,y x,y`, of a drawing that is 100 wide and 100 high."""
    area: str
    """The 90 % interval around it."""
    rules: tuple[Rule, ...]
    begin: str
    end: str
    total: Interval


@dataclass(frozen=True)
class Dot:
    """One class of confidence: how sure the crew was, and how often that helped."""

    x: float
    y: float
    low_y: float
    high_y: float
    words: str


def saved_over_time(incidents: Iterable[Incident]) -> Saved | None:
    """Add up what was measured as saved, in the order in which it was; None when nothing was.

    The errors of different incidents are taken for independent, as the track record does.
    """
    measured = sorted(
        (
            (one.updated_at, one.outcome.payments_saved)
            for one in incidents
            if one.outcome and one.outcome.payments_saved
        ),
        key=lambda pair: pair[0],
    )
    measured = [pair for pair in measured if all(map(isfinite, (pair[1].low, pair[1].mean, pair[1].high)))]
    if not measured:
        return None
    sums = _running([saved for _, saved in measured])
    times = [at for at, _ in measured]
    ticks = _ticks(min(0.0, *(one.low for one in sums)), max(1.0, *(one.high for one in sums)))
    xs = _spread(times)
    means, lows, highs = (
        _steps(xs, [_y(value, ticks) for value in values])
        for values in ([one.mean for one in sums], [one.low for one in sums], [one.high for one in sums])
    )
    return Saved(
        line=_corners(means),
        area=_corners([*highs, *reversed(lows)]),
        rules=tuple(Rule(_y(tick, ticks), count(tick)) for tick in ticks),
        begin=f"{times[0]:%Y-%m-%d %H:%M}",
        end=f"{times[-1]:%Y-%m-%d %H:%M}",
        total=sums[-1],
    )


def calibration(pairs: Iterable[tuple[float, float]]) -> tuple[Dot, ...]:
    """Compare confidence with what helped, by classes of confidence in which something was measured."""
    given = list(pairs)
    dots = []
    for low, high in pairwise(EDGES):
        inside = [pair for pair in given if low <= pair[0] < high or (high == EDGES[-1] == pair[0])]
        if inside:
            dots.append(_dot(inside))
    return tuple(dots)


def _dot(inside: Sequence[tuple[float, float]]) -> Dot:
    sure = sum(pair[0] for pair in inside) / len(inside)
    helped = sum(pair[1] for pair in inside)
    low, high = wilson(helped, len(inside))
    share = helped / len(inside)
    words = f"{percent(sure)} sure: {helped:.0f} of {len(inside)} helped ({percent(low)} to {percent(high)})"
    return Dot(100.0 * sure, _of_one(share), _of_one(low), _of_one(high), words)


def wilson(hits: float, tries: int) -> tuple[float, float]:
    """Give the 90 % interval of a share (Wilson 1927).

    >>> [round(bound, 3) for bound in wilson(12, 12)]
    [0.816, 1.0]
    """
    share, square = hits / tries, Z90**2
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    half = Z90 / (1 + square / tries) * sqrt(share * (1 - share) / tries + square / (4 * tries**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _running(intervals: Sequence[Interval]) -> list[Interval]:
    mean, below, above, sums = 0.0, 0.0, 0.0, []
    for one in intervals:
        mean += one.mean
        below, above = hypot(below, one.mean - one.low), hypot(above, one.high - one.mean)
        sums.append(Interval(low=mean - below, mean=mean, high=mean + above))
    return sums


def _ticks(low: float, high: float) -> list[float]:
    """Give round values from at most `low` to at least `high`."""
    rough = (high - low) / _RULES
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * number for number in range(floor(low / step), ceil(high / step) + 1)]


def _y(value: float, ticks: Sequence[float]) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _of_one(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _spread(times: Sequence[datetime]) -> list[float]:
    """Place instants from left to right."""
    whole = (times[-1] - times[0]).total_seconds()
    return [100.0 * (at - times[0]).total_seconds() / whole if whole else 100.0 for at in times]


def _steps(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
    """Let a sum stay as it is until it grows."""
    corners: list[tuple[float, float]] = []
    for x, y in zip(xs, ys, strict=True):
        corners += [(x, corners[-1][1]), (x, y)] if corners else [(0.0, y), (x, y)]
    return [*corners, (100.0, ys[-1])]


def _corners(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
