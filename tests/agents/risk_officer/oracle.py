"""The rules once more, as plain comparisons: written from their table, without a look at their code."""

from datetime import UTC
from math import inf

from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.route import Route
from payments.segment import Segment
from payments.verdict import Mode

MASTERCARD_RETRIES = {"BR": 7, "US": 9, "CA": 9, "IN": 9, None: 9}
"""In 2026: seven reattempts in Brazil, ten declines with the first elsewhere."""
VISA_RETRIES = 10
"""Any number that a policy can allow, for a decline of no category."""


def people_needed(facts: Facts, policy: Policy, slack: float) -> float:
    """Give how many people must say yes: 0 when no rule is broken, infinitely many when nobody may.

    `slack` is how far beyond a limit is no breach yet; negative, how far within it one is.
    """
    action = facts.plan.action
    broken = {1.0: _asks_always(facts, policy, slack), inf: _blocks_always(facts, policy)}
    if not isinstance(action, Alert | NoAction):
        broken[1.0] |= _asks(facts, policy, slack)
        broken[2.0] = any(freeze.start <= facts.now < freeze.end for freeze in policy.freezes)
        broken[inf] |= _blocks(facts, policy, slack)
    if isinstance(action, Reroute | Suppress):
        broken[1.0] |= _moving_asks(facts, policy, slack)
        broken[2.0] |= _share(facts) > policy.four_eyes_above_share + slack
        broken[inf] |= _moving_blocks(facts, policy)
    if isinstance(action, Reroute):
        broken[1.0] |= _reroute_asks(action, facts, policy, slack)
        broken[inf] |= _reroute_blocks(action, facts, policy, slack)
    if isinstance(action, Suppress):
        broken[1.0] |= _suppress_asks(action, facts)
        broken[inf] |= _suppress_blocks(action, facts, policy, slack)
    if isinstance(action, AdjustRetryPolicy):
        broken[1.0] |= _retry_fees(action, facts, policy) > policy.max_retry_fees_minor * (1 + slack) + slack
        harm = facts.diagnosis.cause in policy.retries_harm
        broken[inf] |= harm and action.max_attempts > policy.max_attempts_where_retries_harm
    return max((people for people, is_broken in broken.items() if is_broken), default=0.0)


def _asks_always(facts: Facts, policy: Policy, slack: float) -> bool:
    return facts.diagnosis.confidence < policy.confidence_threshold - slack


def _blocks_always(facts: Facts, policy: Policy) -> bool:
    lists = {
        "shadow": policy.allowed_in_shadow,
        "copilot": policy.allowed_in_copilot,
        "autopilot": policy.allowed_in_autopilot,
    }
    return facts.plan.action.kind not in lists[facts.mode.value]


def _asks(facts: Facts, policy: Policy, slack: float) -> bool:
    expires, since = facts.plan.expires_after_s, facts.seconds_since_last_on_scope
    culprit, scope = facts.diagnosis.culprit.root, facts.plan.action.scope.root
    return (
        facts.mode is Mode.COPILOT
        or _touched(facts) > policy.max_autonomous_volume + slack
        or any(scope.get(name) != value for name, value in culprit.items())
        or facts.plan.payments_saved.mean <= 0.0
        or -facts.plan.payments_saved.low / facts.plan.payments_saved.mean > policy.max_loss_to_gain + slack
        or facts.data_age_s > policy.stale_after_windows * facts.window_s + slack
        or facts.ticks_learned < policy.min_ticks_learned
        or expires < policy.min_expires_after_s - slack
        or expires > policy.max_expires_after_s + slack
        or (since is not None and since < policy.cool_down_s - slack)
        or facts.actions_last_hour >= policy.max_actions_per_hour
        or facts.reverts_last_hour >= policy.max_reverts_per_hour
        or facts.ineffective_before > policy.max_ineffective_repeats
        or facts.rejected_before > policy.max_rejections_before
    )


def _blocks(facts: Facts, policy: Policy, slack: float) -> bool:
    in_shadow = facts.mode is Mode.SHADOW and facts.changes_traffic
    too_old = facts.changes_traffic and facts.proposal_age_s > policy.max_proposal_age_s + slack
    return facts.kill_switch_on or in_shadow or too_old


def _touched(facts: Facts) -> float:
    """Count the attempts per window that the action may touch."""
    inside = facts.diagnosis.culprit.root.items() <= facts.plan.action.scope.root.items()
    in_culprit = facts.diagnosis.attempts_per_window
    return in_culprit if inside else max(in_culprit, facts.total_attempts_per_window)


def _moved_per_s(facts: Facts) -> float:
    action, per_s = facts.plan.action, _touched(facts) / facts.window_s
    if isinstance(action, Suppress):
        return per_s
    assert isinstance(action, Reroute)
    moved = action.share * per_s
    if set(action.to) <= set(action.limits_per_s):
        moved = min(moved, sum(action.limits_per_s[name] for name in action.to))
    return moved


def _share(facts: Facts) -> float:
    all_traffic = max(facts.total_attempts_per_window, _touched(facts))
    return _moved_per_s(facts) * facts.window_s / all_traffic if all_traffic else 0.0


def _moving_asks(facts: Facts, policy: Policy, slack: float) -> bool:
    diagnosis, tally = facts.diagnosis, facts.diagnosis.tally
    attacks = [guess.probability for guess in diagnosis.hypotheses if guess.cause == "card_testing"]
    by_chance = 2.0 * (tally.expected_pending + 1.0) ** 0.5
    pending = tally.pending - tally.expected_pending - by_chance
    failures = tally.failures - tally.expected_failures
    unknown = pending / (pending + max(0.0, failures)) if pending > 0 else 0.0
    share = _share(facts)
    return (
        diagnosis.cause not in policy.rerouting_heals
        or any(one > policy.max_card_testing_probability + slack for one in attacks)
        or unknown > policy.max_unknown_share + slack
        or share > policy.max_share_of_total_moved + slack
        or share + facts.share_moved_already > policy.max_cumulative_share_moved + slack
        or _costs_too_much(facts, policy, slack)
        or _breaks_a_promise(facts, slack)
    )


def _moving_blocks(facts: Facts, policy: Policy) -> bool:
    cause, category = facts.diagnosis.cause, facts.diagnosis.category
    never = cause in policy.rerouting_harms or category in policy.rerouting_harms_categories
    return never or cause == "card_testing"


def _source(action: Action) -> str | None:
    return action.from_route if isinstance(action, Reroute) else action.scope.root.get("psp")


def _others(facts: Facts) -> list[Route]:
    action = facts.plan.action
    if isinstance(action, Reroute):
        return [route for route in facts.routes if route.name in action.to]
    return [route for route in facts.routes if route.name != _source(action)]


def _costs_too_much(facts: Facts, policy: Policy, slack: float) -> bool:
    at_source = [route.fee_bps for route in facts.routes if route.name == _source(facts.plan.action)]
    dearest = max([route.fee_bps for route in _others(facts)], default=0.0)
    extra = dearest - (at_source[0] if at_source else 0.0)
    fees = extra / 10_000 * _moved_per_s(facts) * facts.plan.expires_after_s
    margin = policy.margin_share * max(0.0, facts.plan.payments_saved.mean)
    return fees > 0.0 and fees > margin * (1 + slack) + slack


def _breaks_a_promise(facts: Facts, slack: float) -> bool:
    found = [route for route in facts.routes if route.name == _source(facts.plan.action)]
    if not found or found[0].committed_share is None:
        return False
    if found[0].share_to_date is None:
        return True
    utc = facts.now.astimezone(UTC)
    so_far_s = (((utc.day - 1) * 24 + utc.hour) * 60 + utc.minute) * 60 + utc.second + utc.microsecond / 1e6
    weight = facts.plan.expires_after_s / (so_far_s + facts.plan.expires_after_s)
    return max(0.0, found[0].share_to_date - weight * _share(facts)) < found[0].committed_share - slack


def _load_limit(facts: Facts, policy: Policy) -> float:
    tally = facts.diagnosis.tally
    succeeded = max(0, tally.attempts - tally.failures - tally.pending)
    down = tally.attempts > 0 and succeeded / tally.attempts < policy.source_down_below
    return policy.max_target_load_when_source_down if down else policy.max_target_load


def _reroute_asks(action: Reroute, facts: Facts, policy: Policy, slack: float) -> bool:
    tally, targets = facts.diagnosis.tally, _others(facts)
    succeeded = max(0, tally.attempts - tally.failures - tally.pending)
    now = succeeded / tally.attempts if tally.attempts else 0.0
    if facts.plan.expects is not None:
        now = min(now, facts.plan.expects.success_rate_without.mean)
    return (
        action.share > 1.0 - policy.probe_share + slack
        or any(route.capacity_per_s is None for route in targets)
        or any(route.success_rate is None or _success(route) <= now for route in targets)
    )


def _success(route: Route) -> float:
    known = route.success_rate if route.scope_success is None else route.scope_success
    assert known is not None
    return known


def _reroute_blocks(action: Reroute, facts: Facts, policy: Policy, slack: float) -> bool:
    known = {route.name for route in facts.routes} - {action.from_route}
    return (
        not set(action.to) <= known
        or abs(sum(action.to.values()) - 1.0) > 1e-6
        or action.scope.root.get("psp", action.from_route) != action.from_route
        or any(_overloads(route, action, facts, policy, slack) for route in _others(facts))
        or any(not _can_carry(route, action.scope, facts) for route in _others(facts))
    )


def _overloads(route: Route, action: Reroute, facts: Facts, policy: Policy, slack: float) -> bool:
    """Take the worst case: with limits, what the others do not take comes here."""
    moved = _moved_per_s(facts)
    worst = min(moved, action.limits_per_s.get(route.name, inf)) if action.limits_per_s else (
        action.to[route.name] * moved
    )  # fmt: skip
    limit = _load_limit(facts, policy) + slack
    return route.capacity_per_s is not None and route.load_per_s + worst > limit * route.capacity_per_s


def _can_carry(route: Route, scope: Segment, facts: Facts) -> bool:
    source = next((one for one in facts.routes if one.name == _source(facts.plan.action)), None)
    currency = facts.plan.currency
    if currency is not None and route.currencies and currency not in route.currencies:
        return False
    for name, able, at_source in (
        ("method", route.methods, source.methods if source else ()),
        ("country", route.countries, source.countries if source else ()),
    ):
        needed = (scope.root[name],) if name in scope.root else at_source
        if able and (not needed or any(one not in able for one in needed)):
            return False
    return True


def _suppress_asks(action: Suppress, facts: Facts) -> bool:
    others = _others(facts)
    unknown = any(route.capacity_per_s is None for route in others)
    return "psp" not in action.scope.root or not others or unknown


def _suppress_blocks(action: Suppress, facts: Facts, policy: Policy, slack: float) -> bool:
    capacities = [route.capacity_per_s for route in _others(facts)]
    if not capacities or None in capacities or action != facts.plan.action:
        return False
    limit = _load_limit(facts, policy)
    room = sum(
        max(0.0, limit * route.capacity_per_s - route.load_per_s)
        for route in _others(facts)
        if route.capacity_per_s is not None
    )
    return _moved_per_s(facts) > room + slack


def _retry_fees(action: AdjustRetryPolicy, facts: Facts, policy: Policy) -> float:
    scope, tally = action.scope.root, facts.diagnosis.tally
    if "card" not in scope.get("method", "card"):
        return 0.0
    allowed = min(
        MASTERCARD_RETRIES[scope.get("country")] if scope.get("network") in {None, "mastercard"} else 10,
        VISA_RETRIES,
    )
    beyond = max(0, action.max_attempts - 1 - allowed)
    succeeded = max(0, tally.attempts - tally.failures - tally.pending)
    failing = 1.0 - (succeeded / tally.attempts if tally.attempts else 0.0)
    touched = _touched(facts) / facts.window_s * facts.plan.expires_after_s
    return beyond * touched * failing * policy.retry_fee_minor
