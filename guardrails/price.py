"""What the action costs beside the payments it may lose: fees, commitments, fines for retrying."""

from datetime import UTC, timedelta

from guardrails.comparing import at_least, at_most, holds
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import AdjustRetryPolicy
from payments.retry_rules import RetryLimit, Scheme, retry_limits
from payments.route import Route
from payments.verdict import Check

_BPS = 1e-4


def cost(facts: Facts, policy: Policy) -> Check:
    """Spend on dearer routes no more than the margin on what is saved.

    Both sides in amounts of an average payment, so that no currency is needed; as if all that moves went to
    the dearest target.
    """
    source = facts.routes_by_name.get(facts.source or "")
    fees = [route.fee_bps - (source.fee_bps if source else 0.0) for route in facts.targets]
    moved = facts.moved_per_s * facts.plan.expires_after_s
    extra = max(0.0, max(fees, default=0.0)) * _BPS * moved
    margin = max(0.0, policy.margin_share * facts.plan.payments_saved.mean)
    return at_most("cost", "Extra fees, in amounts of an average payment, until the expiry", extra, margin)


def commitment(facts: Facts, policy: Policy) -> Check | None:  # noqa: ARG001 - a rule takes both
    """Ask before the source gets less of the month's payments than its contract promises it."""
    source = facts.routes_by_name.get(facts.source or "")
    if source is None or source.committed_share is None:
        return None
    share = _share_at_expiry(source, facts)
    if share is None:
        sentence = (
            f"{source.name} is promised {source.committed_share:.1%} of payments, and nobody counts them."
        )
        return holds("commitment", sentence, passed=False)
    what = f"Share of this month's payments that {source.name} will have had at the expiry"
    return at_least("commitment", what, share, source.committed_share)


def _share_at_expiry(source: Route, facts: Facts) -> float | None:
    """Project the share to date, if the route else got as much as it had so far."""
    if source.share_to_date is None:
        return None
    now, ahead_s = facts.now.astimezone(UTC), facts.plan.expires_after_s
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    elapsed_s = (now - month) / timedelta(seconds=1)
    return max(0.0, source.share_to_date - facts.share_of_total_moved * ahead_s / (elapsed_s + ahead_s))


def retry_fees(facts: Facts, policy: Policy) -> Check | None:
    """Keep the fees for retrying a card more often than its scheme allows within their budget.

    The worst case: every payment of the scope that fails is tried as often as the policy then allows.
    """
    action = facts.action
    if not isinstance(action, AdjustRetryPolicy):
        return None
    caps = [cap.most - (cap.counted == "declines") for cap in _caps(facts)]
    beyond = max(0, action.max_attempts - 1 - min(caps, default=action.max_attempts))
    failing = 1.0 - (facts.diagnosis.tally.success_rate or 0.0)
    payments = facts.scope_per_s * facts.plan.expires_after_s * failing
    fees = beyond * payments * policy.retry_fee_minor
    what = "Scheme fees for retries beyond the caps until the expiry, in minor units,"
    return at_most("retry_fees", what, fees, policy.max_retry_fees_minor)


def _caps(facts: Facts) -> list[RetryLimit]:
    """Give the caps of the day on retrying any decline of a card in the scope."""
    scope = facts.action.scope
    network, method, country = scope.role("network"), scope.role("method"), scope.role("country")
    if method is not None and "card" not in method.lower():
        return []
    schemes: tuple[Scheme, ...] = ("visa", "mastercard")
    named = [scheme for scheme in schemes if network is None or network.lower() == scheme]
    on, region = facts.now.date(), (country or "").upper()
    return [cap for scheme in named for cap in retry_limits(scheme, "", on, region=region)]
