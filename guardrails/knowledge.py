"""Whether enough is known to act alone."""

from guardrails.comparing import at_least, at_most, holds
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.verdict import Check


def confidence(facts: Facts, policy: Policy) -> Check:
    """Sure enough of the diagnosis; equality is enough."""
    return at_least("confidence", "Confidence", facts.diagnosis.confidence, policy.confidence_threshold)


def data_age(facts: Facts, policy: Policy) -> Check:
    """Act on what is, not on what was."""
    windows = facts.data_age_s / facts.window_s
    return at_most("data_age", "Age of the data in windows", windows, policy.stale_after_windows)


def baseline(facts: Facts, policy: Policy) -> Check:
    """Know what is normal before changing what is not."""
    what = "Number of increments the baseline has learned from"
    return at_least("baseline", what, facts.ticks_learned, policy.min_ticks_learned)


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


def downside(facts: Facts, policy: Policy) -> Check | None:
    """Risk no more, at the low end of the 90 % interval, than a multiple of what is to be won."""
    saved = facts.plan.payments_saved
    if saved.mean <= 0.0:
        return None
    what = "What may be lost, as a multiple of what should be saved,"
    return at_most("downside", what, max(0.0, -saved.low) / saved.mean, policy.max_loss_to_gain)
