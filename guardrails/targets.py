"""Whether the routes that would get more payments exist, can take them, and do better."""

from guardrails.comparing import at_most, holds
from guardrails.facts import Facts, added_per_s
from guardrails.policy import Policy
from payments.action import Reroute, Suppress
from payments.route import Route
from payments.verdict import Check

_SUM_SLACK = 1e-6
"""How far the fractions of a reroute may be from 1 in sum."""


def targets_known(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Take payments from the route of the scope, to routes that exist; their fractions make a whole."""
    action = facts.action
    if not isinstance(action, Reroute):
        return None
    unknown = sorted(set(action.to) - (set(facts.routes_by_name) - {action.from_route}))
    total, named = sum(action.to.values()), action.scope.role("route") or action.from_route
    if named != action.from_route:
        sentence = f"The scope {action.scope} is not on {action.from_route!r}: nobody has counted what is."
    elif unknown:
        names = ", ".join(map(repr, unknown))
        sentence = f"{names} is no route that can take over from {action.from_route!r}."
    elif abs(total - 1.0) > _SUM_SLACK:
        sentence = f"The fractions of the targets sum to {total:.4f}, not to 1."
    else:
        sentence = f"The targets {', '.join(sorted(action.to))} can carry the scope."
    passed = named == action.from_route and not unknown and abs(total - 1.0) <= _SUM_SLACK
    return holds("targets_known", sentence, passed=passed, on_failure="block")


def eligible(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Give a target only payments of methods, currencies and countries that it can carry."""
    action = facts.action
    if not isinstance(action, Reroute):
        return None
    source, currency = facts.routes_by_name.get(action.from_route), facts.plan.currency
    unfit = [one.name for one in facts.targets if not one.carries_scope(action.scope, source, currency)]
    sentence = (
        f"{', '.join(unfit)} cannot carry every method, currency and country of the scope {action.scope}."
        if unfit
        else "Every target carries the methods, the currency and the countries of the scope."
    )
    return holds("eligible", sentence, passed=not unfit, on_failure="block")


def targets_better(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Move to routes that are seen to work better than what the payments have where they are.

    That is what they have now, or what the plan says that they will have if nothing is done: a route that is
    choking fails its payments only later.
    """
    if not isinstance(facts.action, Reroute):
        return None
    now = facts.diagnosis.tally.success_rate or 0.0
    expects = facts.plan.expects
    here = now if expects is None else min(now, expects.success_rate_without.mean)
    untested = [route.name for route in facts.targets if route.success_rate is None]
    if untested:
        sentence = f"{', '.join(untested)} carried no payment lately: untested."
        return holds("targets_better", sentence, passed=False)
    worst = min(map(_success, facts.targets), default=0.0)
    where = "now" if here == now else "if nothing is done"
    sentence = f"The worst target succeeds at {worst:.1%}, the scope at {here:.1%} {where}."
    passed = worst > here
    return Check(
        name="targets_better", passed=passed, sentence=sentence, on_failure="ask", measured=worst, limit=here
    )


def _success(target: Route) -> float:
    """Give what the moved payments should have there, where that is known, or else what its own have."""
    known = target.success_rate if target.scope_success is None else target.scope_success
    return known or 0.0


def capacity(facts: Facts, policy: Policy) -> Check:
    """Never overload a target; ask where its capacity is not known."""
    rate = facts.diagnosis.tally.success_rate
    down = rate is not None and rate < policy.source_down_below
    limit = policy.max_target_load_when_source_down if down else policy.max_target_load
    if isinstance(facts.action, Reroute):
        return _room_on_each(facts.action, facts, limit)
    return _room_together(facts, limit)


def _room_on_each(action: Reroute, facts: Facts, limit: float) -> Check:
    loads = [
        (route.load_per_s + added_per_s(action, route.name, facts.moved_per_s)) / route.capacity_per_s
        for route in facts.targets
        if route.capacity_per_s is not None
    ]
    what = "Highest load of a target after the move, as a share of its capacity,"
    heaviest = at_most("capacity", what, max(loads, default=0.0), limit, "block")
    return _not_known() if heaviest.passed and len(loads) < len(facts.targets) else heaviest


def _room_together(facts: Facts, limit: float) -> Check:
    """Compare with all other routes as one: what is suppressed goes where it can."""
    room = [route.free_per_s(limit) for route in facts.targets]
    known = [free for free in room if free is not None]
    if not room or len(known) < len(room):
        return _not_known()
    what = "Number of attempts a second that need room on other routes"
    return at_most("capacity", what, facts.moved_per_s, sum(known), "block")


def _not_known() -> Check:
    sentence = "The capacity of a target is not known, so nobody can say whether it holds."
    return holds("capacity", sentence, passed=False)


def probe(facts: Facts, policy: Policy) -> Check | None:
    """Leave a few payments on the source, so that its recovery is seen."""
    if not isinstance(facts.action, Reroute):
        return None
    return at_most("probe", "Share of the scope that moves", facts.action.share, 1.0 - policy.probe_share)


def alternative(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Suppress a path only where payments have another one."""
    if not isinstance(facts.action, Suppress):
        return None
    path, others = facts.source, ", ".join(route.name for route in facts.targets)
    if path is None:
        sentence = f"The scope {facts.action.scope} names no route, so its payments would have none left."
    else:
        sentence = f"Payments of {path} can take {others}." if others else f"No route but {path} is known."
    return holds("alternative", sentence, passed=path is not None and bool(others))
