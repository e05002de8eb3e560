"""A reroute to whatever other routes have room: the limiter that policies which act by actions share."""

from collections.abc import Mapping, Sequence

from payments.action import LEAST_SHARE, Reroute
from payments.route import Route
from payments.segment import Segment

LOAD_LIMIT = 0.95
"""Share of a route's capacity that payments are moved up to, for every policy as for the crew."""
PROBE_SHARE = 0.02
"""Stays on the source, so that its recovery is seen."""


def to_backups(
    scope: Segment,
    source: str,
    routes: Sequence[Route],
    load_limit: float = LOAD_LIMIT,
    *,
    probe: float = PROBE_SHARE,
) -> Reroute | None:
    """Move the scope's payments off a route, most where most is free; None when there is no room at all.

    Routes of unknown capacity take nothing: nobody could say how much.
    """
    free = {route.name: route.free_per_s(load_limit) or 0.0 for route in routes if route.name != source}
    room = {name: per_s for name, per_s in sorted(free.items(), key=lambda item: -item[1]) if per_s > 0.0}
    total = sum(room.values())
    if total <= 0.0:
        return None
    return Reroute(
        scope=scope,
        from_route=source,
        to={name: per_s / total for name, per_s in room.items()},
        share=max(LEAST_SHARE, 1.0 - probe),
        limits_per_s=room,
    )


def best_first(
    scope: Segment,
    source: str,
    routes: Sequence[Route],
    *,
    chances: Mapping[str, float],
    moving_per_s: float,
    load_limit: float,
) -> Reroute | None:
    """Move the scope's payments where most of them succeed, then to the next best; None if nowhere is better.

    Args:
        scope: whose payments.
        source: their route.
        routes: all routes, with their load.
        chances: route -> share of them that succeeds there; for the source where they are.
        moving_per_s: attempts a second that are to move.
        load_limit: share of its capacity that a target takes.
    """
    free = {route.name: route.free_per_s(load_limit) or 0.0 for route in routes}
    better = sorted(free.keys() - {source}, key=lambda name: (-chances[name], name))
    able = {name: free[name] for name in better if chances[name] > chances[source]}
    taken = _filled(able, moving_per_s)
    if not taken:
        return None
    total = sum(taken.values())
    return Reroute(
        scope=scope,
        from_route=source,
        to={name: per_s / total for name, per_s in sorted(taken.items(), key=lambda item: -item[1])},
        share=1.0,
        limits_per_s={name: free[name] for name in taken},
    )


def _filled(free_per_s: Mapping[str, float], moving_per_s: float) -> Mapping[str, float]:
    """Fill one after the other, in their order; whoever gets nothing is left out."""
    taken, left = dict[str, float](), moving_per_s
    for name, free in free_per_s.items():
        if min(left, free) > 0.0:
            taken[name] = min(left, free)
            left -= taken[name]
    return taken
