"""The rules for actions that move payments from one route to others: reroute and suppress."""

from collections.abc import Callable

from guardrails.comparing import at_most, holds
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import Check, Reroute, Route, Suppress

_SUM_SLACK = 1e-6
"""How far the fractions of a reroute may be from 1 in sum."""


def cause_heals(facts: Facts, policy: Policy) -> Check | None:
    """Move payments only away from a fault that stays behind."""
    if not facts.share_moved:
        return None
    cause, category = facts.diagnosis.cause, facts.diagnosis.category
    if cause in policy.rerouting_harms or category in policy.rerouting_harms_categories:
        sentence = f"{cause} ({category.words}) goes with the payments: they must not move to other routes."
        return holds("cause_heals", sentence, passed=False, on_failure="block")
    passed = cause in policy.rerouting_heals
    sentence = f"Moving payments {'heals' if passed else 'is not known to heal'} {cause}."
    return holds("cause_heals", sentence, passed=passed)


def unknown_outcomes(facts: Facts, policy: Policy) -> Check | None:
    """Ask before payments go elsewhere that may have been charged already."""
    if not facts.share_moved:
        return None
    tally = facts.diagnosis.tally
    unknown = max(0.0, tally.pending - tally.expected_pending)
    failed = max(0.0, tally.failures - tally.expected_failures)
    share = unknown / (unknown + failed) if unknown else 0.0
    what = "Share of unknown outcomes among the payments lost beyond the usual"
    return at_most("unknown_outcomes", what, share, policy.max_unknown_share)


def share_of_total(facts: Facts, policy: Policy) -> Check | None:
    """Move little enough of all traffic to act alone."""
    if not facts.share_moved:
        return None
    what = "Share of all traffic that moves"
    return at_most("share_of_total", what, facts.share_of_total_moved, policy.max_share_of_total_moved)


def capacity(facts: Facts, policy: Policy) -> Check | None:
    """Never overload a target; ask where its capacity is not known."""
    limit = _load_limit(facts, policy)
    match facts.action:
        case Reroute():
            return _room_on_each(facts.action, facts, limit)
        case Suppress():
            return _room_together(facts, limit)
        case _:
            return None


def _load_limit(facts: Facts, policy: Policy) -> float:
    rate = facts.diagnosis.tally.success_rate
    down = rate is not None and rate < policy.source_down_below
    return policy.max_target_load_when_source_down if down else policy.max_target_load


def _room_on_each(action: Reroute, facts: Facts, limit: float) -> Check:
    targets = _targets(action, facts)
    loads = [
        (route.load_per_s + action.to[route.name] * facts.moved_per_s) / route.capacity_per_s
        for route in targets
        if route.capacity_per_s is not None
    ]
    what = "Highest load of a target after the move, as a share of its capacity,"
    heaviest = at_most("capacity", what, max(loads, default=0.0), limit, "block")
    return _not_known() if heaviest.passed and len(loads) < len(targets) else heaviest


def _room_together(facts: Facts, limit: float) -> Check:
    """Compare with all other routes as one: what is suppressed goes where it can."""
    source = facts.action.scope.role("route")
    room = [route.free_per_s(limit) for route in facts.routes if route.name != source]
    known = [free for free in room if free is not None]
    if not room or len(known) < len(room):
        return _not_known()
    what = "Number of attempts a second that need room on other routes"
    return at_most("capacity", what, facts.moved_per_s, sum(known), "block")


def _not_known() -> Check:
    sentence = "The capacity of a target is not known, so nobody can say whether it holds."
    return holds("capacity", sentence, passed=False)


def targets_known(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Name only routes that exist, and not the one that fails; their fractions make a whole."""
    action = facts.action
    if not isinstance(action, Reroute):
        return None
    unknown = sorted(set(action.to) - (set(facts.routes_by_name) - {action.from_route}))
    total = sum(action.to.values())
    if unknown:
        sentence = (
            f"{', '.join(map(repr, unknown))} is no route that can take over from {action.from_route!r}."
        )
    elif abs(total - 1.0) > _SUM_SLACK:
        sentence = f"The fractions of the targets sum to {total:.4f}, not to 1."
    else:
        sentence = f"The targets {', '.join(sorted(action.to))} can carry the scope."
    passed = not unknown and abs(total - 1.0) <= _SUM_SLACK
    return holds("targets_known", sentence, passed=passed, on_failure="block")


def methods(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Give a target only payments of methods that it can carry."""
    if not isinstance(facts.action, Reroute):
        return None
    method = facts.action.scope.role("method")
    source = facts.routes_by_name.get(facts.action.from_route)
    needed = (method,) if method is not None else (source.methods if source else ())
    unfit = [route.name for route in _targets(facts.action, facts) if not route.carries(needed)]
    sentence = (
        f"{', '.join(unfit)} cannot carry {', '.join(needed) or 'every method'}."
        if unfit
        else "Every target carries the methods of the scope."
    )
    return holds("methods", sentence, passed=not unfit, on_failure="block")


def targets_better(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Move to routes that are seen to work better than what the payments have now."""
    if not isinstance(facts.action, Reroute):
        return None
    now = facts.diagnosis.tally.success_rate or 0.0
    targets = _targets(facts.action, facts)
    untested = [route.name for route in targets if route.success_rate is None]
    if untested:
        return holds(
            "targets_better", f"{', '.join(untested)} carried no payment lately: untested.", passed=False
        )
    worst = min((route.success_rate or 0.0 for route in targets), default=0.0)
    sentence = f"The worst target succeeds at {worst:.1%}, the scope at {now:.1%} now."
    passed = worst > now
    return Check(
        name="targets_better", passed=passed, sentence=sentence, on_failure="ask", measured=worst, limit=now
    )


def probe(facts: Facts, policy: Policy) -> Check | None:
    """Leave a few payments on the source, so that its recovery is seen."""
    if not isinstance(facts.action, Reroute):
        return None
    return at_most("probe", "Share of the scope that moves", facts.action.share, 1.0 - policy.probe_share)


def alternative(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Suppress a path only where payments have another one."""
    if not isinstance(facts.action, Suppress):
        return None
    path = facts.action.scope.role("route")
    others = [route.name for route in facts.routes if route.name != path]
    if path is None:
        sentence = f"The scope {facts.action.scope} names no route, so its payments would have none left."
    else:
        sentence = (
            f"Payments of {path} can take {', '.join(others)}."
            if others
            else f"No route but {path} is known."
        )
    return holds("alternative", sentence, passed=path is not None and bool(others))


def _targets(action: Reroute, facts: Facts) -> list[Route]:
    return [route for name, route in facts.routes_by_name.items() if name in action.to]


MOVING_CHECKS: tuple[Callable[[Facts, Policy], Check | None], ...] = (
    cause_heals,
    unknown_outcomes,
    share_of_total,
    targets_known,
    methods,
    targets_better,
    capacity,
    probe,
    alternative,
)
