"""Overload as a cause of its own: a route above its capacity is not a route that fails."""

from agents.planner.case import Case
from payments.route import Route


def overloaded(route: Route, from_share: float) -> bool:
    """Say whether a route carries so much that its failures say nothing about the route."""
    return route.capacity_per_s is not None and route.load_per_s >= from_share * route.capacity_per_s


def relief_per_s(case: Case, source: str | None) -> float | None:
    """Give the attempts a second that an overloaded source must lose; None when overload is not what ails it.

    A route above its capacity loses the excess. One that loses much more than that fails as well, and is
    treated as failing.
    """
    route = case.route(source)
    if route is None or route.capacity_per_s is None:
        return None
    if not overloaded(route, case.settings.overloaded_from):
        return None
    excess = max(0.0, 1.0 - route.capacity_per_s / route.load_per_s)
    if case.seen_loss - case.usual_loss > excess + case.settings.fails_beyond_overload:
        return None
    return max(0.0, route.load_per_s - case.settings.max_target_load * route.capacity_per_s)
