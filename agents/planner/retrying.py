"""What the card schemes allow to be tried again, and what it costs to try more often."""

from typing import get_args

from agents.planner.case import Case
from agents.planner.readings import Declined
from payments.action import AdjustRetryPolicy
from payments.retry_rules import RetryLimit, Scheme, retry_limits

_SCHEMES: tuple[str, ...] = get_args(Scheme)


def attempts_allowed(declined: Declined, case: Case) -> int | None:
    """Give how many attempts in all a payment may make after this decline; None without a rule.

    Where the source tells no scheme the strictest one binds. Earlier attempts of the same card are not
    known, so the cap is the most that a card without a past may have.
    """
    schemes = (declined.scheme,) if declined.scheme else _SCHEMES
    on, region = case.diagnosis.at.date(), case.diagnosis.culprit.role("country") or ""
    held = (limit for scheme in schemes for limit in retry_limits(scheme, declined.code, on, region=region))
    return min((_attempts(limit) for limit in held), default=None)


def most_attempts(case: Case) -> int | None:
    """Give the attempts in all that the schemes allow for the codes that make up the declines; None: any.

    Rare codes do not bind the policy, which holds for every payment of the scope; they are priced.
    """
    declined = case.situation.readings.declined
    least = case.settings.codes_bind_from * sum(each.count for each in declined)
    allowed = (attempts_allowed(each, case) for each in declined if each.count >= least)
    return min((most for most in allowed if most is not None), default=None)


def retry_fees_minor(action: AdjustRetryPolicy, case: Case) -> float:
    """Price the attempts until the expiry that no scheme allows, were each decline repeated to the full."""
    declined = case.situation.readings.declined
    if not case.tally.attempts:
        return 0.0
    beyond = sum(each.count * _beyond(action.max_attempts, attempts_allowed(each, case)) for each in declined)
    # Counts by code may cover another stretch of time than the tally, never more declines than attempts.
    per_attempt = min(float(beyond) / case.tally.attempts, float(action.max_attempts))
    return per_attempt * case.culprit_attempts * case.settings.retry_fee_minor


def _attempts(limit: RetryLimit) -> int:
    """Count the first attempt in; declines include it already, and one attempt is always made."""
    return max(1, limit.most + (1 if limit.counted == "reattempts" else 0))


def _beyond(attempts: int, allowed: int | None) -> int:
    return 0 if allowed is None else max(0, attempts - allowed)
