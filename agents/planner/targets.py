"""Which routes can take over from a failing one, and how well."""

import math

from agents.planner.case import Case
from agents.planner.experience import doubt
from agents.planner.overload import overloaded
from agents.planner.remedies import remedy_for
from payments.route import Route

_DOUBT_COSTS = 0.05
"""Success that a target loses in the estimate when past incidents leave no doubt that it is bad."""
_MOST_PER_S = 1e12
"""Keeps hostile capacities from becoming infinite in sums."""


def success(route: Route, case: Case) -> float:
    """Give the success rate that moved payments should have on a route; at best as good as usual.

    A target that let similar incidents down is taken for a little worse: trying it out costs no more than a
    first step, and guardrails compare what comes of this.
    """
    usual = 1.0 - case.usual_loss
    if route.success_rate is None:
        return case.settings.untested_works * usual
    return max(0.0, min(usual, seen_success(route)) - _DOUBT_COSTS * _doubted(route, case))


def standing(route: Route, case: Case) -> float:
    """Give what a target is ranked by: its success also where that is better than what is usual.

    One that let similar incidents down comes after all that did not.
    """
    if route.success_rate is None:
        return success(route, case)
    return seen_success(route) * (1.0 - _doubted(route, case))


def _doubted(route: Route, case: Case) -> float:
    said = case.diagnosis
    return doubt(case.situation.lessons, route.name, said.cause, said.culprit, said.at)


def seen_success(route: Route) -> float:
    """Give what the moved payments should have on a tested route, or else what its own have."""
    known = route.success_rate if route.scope_success is None else route.scope_success
    return known or 0.0


def spread(route: Route | None, case: Case) -> float:
    """Give the standard deviation of the success of moved payments on a route."""
    if route is None or route.success_rate is not None:
        by_mix = route is not None and route.scope_success is not None
        return case.settings.scope_success_spread if by_mix else case.settings.success_spread
    works = case.settings.untested_works
    return (1.0 - case.usual_loss) * math.sqrt(works * (1.0 - works))


def gain(route: Route | None, loss: float, case: Case) -> float:
    """Give how much less is lost on a route than where the payments are now; nothing for an unknown route."""
    return 0.0 if route is None else loss - (1.0 - success(route, case))


def room_per_s(route: Route, limit: float) -> float | None:
    """Give the attempts a second that fit below a share of the capacity; None when it is unknown."""
    free = route.free_per_s(limit)
    return None if free is None else min(free, _MOST_PER_S)


def eligible(case: Case, source: str | None) -> tuple[Route, ...]:
    """Give the routes that may carry the payments, are seen to work, and work better than the source.

    Only where none of these has room, those that are not seen to work because they carried nothing lately.
    """
    able = _able(case, source)
    free = [route for route in able if _better(route, case)]
    # The best may be overloaded itself: what is broken does not depend on who has room.
    floor = max(map(seen_success, able), default=0.0) - case.settings.broken_below_best
    tested = (route for route in free if route.success_rate is not None)
    working = tuple(route for route in tested if seen_success(route) >= floor)
    trusted = tuple(route for route in working if _is_worth_trying(route, case))
    untested = tuple(route for route in free if route.success_rate is None)
    with_room = (some for some in (trusted, working) if any(_has_room(route, case) for route in some))
    return next(with_room, untested)


def free_together(case: Case, source: str | None) -> float | None:
    """Give the attempts a second that fit on all targets, or None when some capacity is unknown."""
    room = [room_per_s(route, case.load_limit) for route in eligible(case, source)]
    known = [per_s for per_s in room if per_s is not None]
    return sum(known) if len(known) == len(room) else None


def _able(case: Case, source: str | None) -> list[Route]:
    from_route, currency = case.route(source), case.situation.readings.currency
    others = (route for route in case.situation.routes if route.name != source)
    scope = case.diagnosis.culprit
    return [route for route in others if route.carries_scope(scope, from_route, currency)]


def _better(route: Route, case: Case) -> bool:
    loss = case.loss(remedy_for(case.diagnosis.cause))
    return not overloaded(route, case.settings.overloaded_from) and gain(route, loss, case) > 0.0


def _is_worth_trying(route: Route, case: Case) -> bool:
    """Say whether a target should do better than the source even if past incidents are right about it."""
    return standing(route, case) > 1.0 - case.loss(remedy_for(case.diagnosis.cause))


def _has_room(route: Route, case: Case) -> bool:
    room = room_per_s(route, case.load_limit)
    return room is None or room > 0.0
