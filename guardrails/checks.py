"""The rules that every action passes, one pure function each.

Alerts and doing nothing touch no payment, so only the first two speak of them. A rule that speaks of some
actions on traffic returns None for the others. To add a rule, add a function and list it.
"""

from collections.abc import Callable

from guardrails.comparing import at_least, at_most, holds
from guardrails.facts import Facts
from guardrails.moving import MOVING_CHECKS
from guardrails.policy import Policy
from payments.action import AdjustRetryPolicy, Check, touches_traffic

Rule = Callable[[Facts, Policy], Check | None]


def allowed(facts: Facts, policy: Policy) -> Check:
    """Only the kinds of action that the policy lists."""
    kind = facts.action.kind
    passed = kind in policy.allowed_kinds
    sentence = f"{kind.value} is {'an' if passed else 'not an'} allowed action."
    return holds("allowed", sentence, passed=passed, on_failure="block")


def confidence(facts: Facts, policy: Policy) -> Check:
    """Sure enough of the diagnosis; equality is enough."""
    return at_least("confidence", "Confidence", facts.diagnosis.confidence, policy.confidence_threshold)


def kill_switch(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """Nothing is written to traffic while the kill switch is on."""
    on = facts.kill_switch_on
    sentence = "The kill switch is on: nothing may be changed until its file is removed." if on else (
        "The kill switch is off."
    )  # fmt: skip
    return holds("kill_switch", sentence, passed=not on, on_failure="block")


def volume(facts: Facts, policy: Policy) -> Check:
    """Few enough payments in the scope to act alone."""
    return at_most(
        "volume", "Affected payments per window", facts.attempts_in_scope, policy.max_autonomous_volume
    )


def expiry(facts: Facts, policy: Policy) -> Check:
    """An action on traffic undoes itself, neither at once nor next week."""
    after, low, high = facts.plan.expires_after_s, policy.min_expires_after_s, policy.max_expires_after_s
    if after < low:
        return at_least("expiry", "Time to expiry in seconds", after, low)
    return at_most("expiry", "Time to expiry in seconds", after, high)


def within_culprit(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """Touch no payment outside what was diagnosed."""
    culprit, scope = facts.diagnosis.culprit, facts.action.scope
    passed = culprit.contains(scope)
    sentence = f"The scope {scope} lies {'within' if passed else 'outside'} the culprit {culprit}."
    return holds("within_culprit", sentence, passed=passed)


def benefit(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """Expect it to save payments."""
    mean = facts.plan.payments_saved.mean
    words = "more" if mean > 0 else "no more"
    sentence = f"It is expected to save {mean:,.0f} payments, {words} than doing nothing."
    return Check(
        name="benefit", passed=mean > 0, sentence=sentence, on_failure="ask", measured=mean, limit=0.0
    )


def data_age(facts: Facts, policy: Policy) -> Check:
    """Act on what is, not on what was."""
    windows = facts.data_age_s / facts.window_s
    return at_most("data_age", "Age of the data in windows", windows, policy.stale_after_windows)


def baseline(facts: Facts, policy: Policy) -> Check:
    """Know what is normal before changing what is not."""
    what = "Number of increments the baseline has learned from"
    return at_least("baseline", what, facts.ticks_learned, policy.min_ticks_learned)


def repetition(facts: Facts, policy: Policy) -> Check:
    """Ask somebody before trying again what did not work."""
    what = f"Number of times that {facts.action.kind.value} on {facts.action.scope} did not help before"
    return at_most("repetition", what, facts.ineffective_before, policy.max_ineffective_repeats)


def actuator(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """Say whether the actuator does anything; one that only records can do no harm, so this never fails."""
    sentence = (
        "The actuator changes traffic."
        if facts.changes_traffic
        else "The actuator only records: no payment is moved."
    )
    return holds("actuator", sentence, passed=True)


def retries(facts: Facts, policy: Policy) -> Check | None:
    """Where repeated attempts are the harm, never allow many."""
    action, cause = facts.action, facts.diagnosis.cause
    if not isinstance(action, AdjustRetryPolicy) or cause not in policy.retries_harm:
        return None
    limit = policy.max_attempts_where_retries_harm
    return at_most(
        "retries", f"Number of attempts per payment during {cause}", action.max_attempts, limit, "block"
    )


FOR_EVERY_ACTION: tuple[Rule, ...] = (allowed, confidence)
FOR_TRAFFIC: tuple[Rule, ...] = (
    kill_switch,
    volume,
    expiry,
    within_culprit,
    benefit,
    data_age,
    baseline,
    repetition,
    actuator,
    retries,
    *MOVING_CHECKS,
)
CHECKS: tuple[Rule, ...] = (*FOR_EVERY_ACTION, *FOR_TRAFFIC)


def run_checks(facts: Facts, policy: Policy) -> tuple[Check, ...]:
    """Run every rule that speaks of the action, in the order of `CHECKS`."""
    rules = CHECKS if touches_traffic(facts.action) else FOR_EVERY_ACTION
    made = (rule(facts, policy) for rule in rules)
    return tuple(check for check in made if check is not None)


__all__ = ["CHECKS", "Facts", "Rule", "run_checks"]
