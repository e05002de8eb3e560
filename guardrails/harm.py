"""Whether the action would spread the fault, or charge somebody twice."""

from collections.abc import Iterator
from math import sqrt

from guardrails.comparing import at_most, holds
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import AdjustRetryPolicy
from payments.diagnosis import Hypothesis
from payments.verdict import Check

CARD_TESTING = "card_testing"
_BY_CHANCE_SD = 2.0
"""Standard deviations (of a Poisson count, one added) that unknown outcomes may exceed the usual by."""


def cause_heals(facts: Facts, policy: Policy) -> Check:
    """Move payments only away from a fault that stays behind."""
    cause, category = facts.diagnosis.cause, facts.diagnosis.category
    if cause in policy.rerouting_harms or category in policy.rerouting_harms_categories:
        sentence = f"{cause} ({category.words}) goes with the payments: they must not move to other routes."
        return holds("cause_heals", sentence, passed=False, on_failure="block")
    passed = cause in policy.rerouting_heals
    sentence = f"Moving payments {'heals' if passed else 'is not known to heal'} {cause}."
    return holds("cause_heals", sentence, passed=passed)


def card_testing(facts: Facts, policy: Policy) -> Check:
    """Never carry an attack to routes that it has not reached, whatever else the policy says of its cause."""
    if facts.diagnosis.cause == CARD_TESTING:
        sentence = "This is an attack by card testing: it would follow the payments to other routes."
        return holds("card_testing", sentence, passed=False, on_failure="block")
    attacks = [guess.probability for guess in _guesses(facts) if guess.cause == CARD_TESTING]
    what = "Probability of an attack by card testing"
    return at_most("card_testing", what, max(attacks, default=0.0), policy.max_card_testing_probability)


def _guesses(facts: Facts) -> Iterator[Hypothesis]:
    yield from facts.diagnosis.hypotheses
    yield from (fault for fault in facts.diagnosis.others if fault.culprit.comparable(facts.action.scope))


def unknown_outcomes(facts: Facts, policy: Policy) -> Check:
    """Ask before payments go elsewhere that may have been charged already; a few by chance are none."""
    tally = facts.diagnosis.tally
    chance = _BY_CHANCE_SD * sqrt(tally.expected_pending + 1.0)
    unknown = max(0.0, tally.pending - tally.expected_pending - chance)
    failed = max(0.0, tally.failures - tally.expected_failures)
    share = unknown / (unknown + failed) if unknown else 0.0
    what = "Share of unknown outcomes among the payments lost beyond the usual"
    return at_most("unknown_outcomes", what, share, policy.max_unknown_share)


def retries(facts: Facts, policy: Policy) -> Check | None:
    """Where repeated attempts are the harm, never allow many."""
    action, cause = facts.action, facts.diagnosis.cause
    if not isinstance(action, AdjustRetryPolicy) or cause not in policy.retries_harm:
        return None
    what = f"Number of attempts per payment during {cause}"
    limit = policy.max_attempts_where_retries_harm
    return at_most("retries", what, action.max_attempts, limit, "block")
