"""How much moves, where to, and how much each target may take at most."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agents.planner.case import Case
from agents.planner.overload import relief_per_s
from agents.planner.targets import eligible, room_per_s, spread, standing
from payments.action import LEAST_SHARE
from payments.route import Route

_STEPS = 10_000
"""Shares are proposed in steps of a hundredth of a percent, so that people can read and edit them."""
_DIGITS = 3
"""Rates are proposed with three digits, for the same reason."""
_LEAST_PER_S = 1e-9
"""One attempt in thirty years is no traffic."""


@dataclass(frozen=True)
class Split:
    """The parameters of a reroute."""

    share: float
    to: Mapping[str, float]
    limits_per_s: Mapping[str, float] = field(default_factory=dict)


def split(case: Case, source: str) -> Split | None:
    """Share the culprit's payments among the targets, most where most is free, none above the load limit.

    Without a target or room on one there is no split. Routes of unknown capacity are used only when no
    capacity is known at all, in equal parts; whether that is allowed is not the planner's to say.
    """
    targets = eligible(case, source)
    share = _share(case, source)
    if not targets or share is None:
        return None
    rooms = {route.name: room_per_s(route, case.load_limit) for route in targets}
    if all(per_s is None for per_s in rooms.values()):
        return Split(_within_total(share, math.inf, case), _proportions(dict.fromkeys(rooms, 1.0)))
    limits = {name: readable(per_s) for name, per_s in rooms.items() if per_s is not None}
    least = LEAST_SHARE * share * case.culprit_per_s
    limits = {name: per_s for name, per_s in limits.items() if per_s >= least}
    if not limits:
        return None
    share = _within_total(share, sum(limits.values()), case)
    classes = _classes([route for route in targets if route.name in limits], case)
    to = _proportions(_fill(classes, limits, share * case.culprit_per_s))
    return Split(share, to, {name: limits[name] for name in to})


def readable(per_s: float) -> float:
    """Round a rate down to three digits; what is too small to read is nothing.

    >>> readable(1234.5), readable(14.999), readable(0.0)
    (1230.0, 14.9, 0.0)
    """
    if per_s < 10.0**-_DIGITS:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(per_s)) - _DIGITS + 1)
    return round(_whole(per_s / step) * step, 2 * _DIGITS)


def _whole(steps: float) -> int:
    # The hair keeps 0.57 * 10,000 = 5,699.999... from losing a step.
    return math.floor(steps + 1e-6)


def _share(case: Case, source: str) -> float | None:
    """Leave a probe; of an overloaded source move only what is too much for it."""
    if case.culprit_per_s < _LEAST_PER_S:
        return None
    share, relief = 1.0 - case.settings.probe_share, relief_per_s(case, source)
    if relief is not None:
        share = max(LEAST_SHARE, min(share, relief / case.culprit_per_s))
    return _whole(share * _STEPS) / _STEPS


def _within_total(share: float, room_per_s: float, case: Case) -> float:
    """Lower a share until what moves, at most the room there is, is not too much of all traffic."""
    most_per_s = case.settings.max_share_of_total_moved * case.total_per_s
    if min(share * case.culprit_per_s, room_per_s) <= most_per_s:
        return share
    return max(LEAST_SHARE, _whole(most_per_s / case.culprit_per_s * _STEPS) / _STEPS)


def _classes(targets: Iterable[Route], case: Case) -> list[list[str]]:
    """Group them, the best first: in a group all are as good as its best one, as far as is known."""
    left = sorted(targets, key=lambda route: -standing(route, case))
    classes: list[list[str]] = []
    while left:
        floor = standing(left[0], case) - case.settings.as_good_within_sd * spread(left[0], case)
        classes.append([route.name for route in left if standing(route, case) >= floor])
        left = [route for route in left if standing(route, case) < floor]
    return classes


def _fill(classes: Iterable[Iterable[str]], limits: Mapping[str, float], per_s: float) -> dict[str, float]:
    """Fill class after class, within one in proportion to the room, until everything has a place."""
    filled: dict[str, float] = {}
    for names in classes:
        rooms = {name: limits[name] for name in names}
        used = min(1.0, per_s / sum(rooms.values())) if rooms else 0.0
        filled |= {name: used * room for name, room in rooms.items() if used > 0.0}
        per_s = max(0.0, per_s - sum(rooms.values()))
    return filled


def _proportions(weights: Mapping[str, float]) -> dict[str, float]:
    """Round the weights to shares that sum to 1, the largest first; that takes the rest, tiny ones vanish."""
    total = sum(weights.values())
    steps = {name: _whole(weight / total * _STEPS) for name, weight in weights.items()}
    largest = min(weights, key=lambda name: (-weights[name], name))
    steps[largest] += _STEPS - sum(steps.values())
    ranked = sorted(steps.items(), key=lambda item: (-item[1], item[0]))
    return {name: count / _STEPS for name, count in ranked if count > 0}
