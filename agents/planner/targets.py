"""Which routes can take over from a failing one, and how much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agents.planner.case import Case
from payments.action import Route

_STEPS = 10_000
"""Shares are proposed in steps of a hundredth of a percent, so that people can read and edit them."""


@dataclass(frozen=True)
class Split:
    """How much moves, and where to."""

    share: float
    to: dict[str, float]


def gain(route: Route | None, case: Case) -> float:
    """Give how much less of the culprit's payments are lost on a route than now; at best as few as usual."""
    if route is None or route.success_rate is None:
        return 0.0
    return case.loss_rate - max(case.usual_loss_rate, 1.0 - route.success_rate)


def eligible(case: Case, source: str | None) -> tuple[Route, ...]:
    """Give the routes that carry the payments, are seen to work, and work better than the source."""
    methods = case.needed_methods(source)
    fit = [route for route in case.routes if route.name != source and route.carries(methods)]
    best = max((route.success_rate or 0.0 for route in fit), default=0.0)
    floor = best - case.settings.broken_below_best
    return tuple(route for route in fit if (route.success_rate or 0.0) >= floor and gain(route, case) > 0.0)


def split(case: Case, source: str) -> Split | None:
    """Share the culprit's payments among the targets, most where most is free, none above the load limit.

    Without a target or room on one there is no split. Routes of unknown capacity are used only when no
    capacity is known at all, in equal parts; whether that is allowed is not the planner's to say.
    """
    targets = eligible(case, source)
    if not targets or case.culprit_per_s <= 0.0:
        return None
    room = {route.name: route.free_per_s(case.load_limit) for route in targets}
    free = {name: per_s for name, per_s in room.items() if per_s is not None and per_s > 0.0}
    if not free:
        unknown = all(per_s is None for per_s in room.values())
        return Split(_floor(1.0 - case.settings.probe_share), _equal(list(room))) if unknown else None
    to = _proportions(free)
    fits = min(free[name] / fraction for name, fraction in to.items()) / case.culprit_per_s
    share = _floor(min(1.0 - case.settings.probe_share, fits))
    return Split(share, to) if share > 0.0 else None


def free_together(case: Case, source: str | None) -> float | None:
    """Give the attempts a second that fit on all targets, or None when some capacity is unknown."""
    room = [route.free_per_s(case.load_limit) for route in eligible(case, source)]
    known = [per_s for per_s in room if per_s is not None]
    return sum(known) if len(known) == len(room) else None


def _floor(share: float) -> float:
    # The hair keeps 0.57 * 10,000 = 5,699.999... from losing a step.
    return math.floor(share * _STEPS + 1e-6) / _STEPS


def _equal(names: Sequence[str]) -> dict[str, float]:
    return _proportions(dict.fromkeys(names, 1.0))


def _proportions(weights: dict[str, float]) -> dict[str, float]:
    """Round the weights to shares that sum to 1; the largest takes the remainder, tiny ones vanish."""
    total = sum(weights.values())
    steps = {name: math.floor(weight / total * _STEPS) for name, weight in weights.items()}
    largest = max(sorted(weights), key=lambda name: weights[name])
    steps[largest] += _STEPS - sum(steps.values())
    return {name: count / _STEPS for name, count in sorted(steps.items()) if count > 0}
