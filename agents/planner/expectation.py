"""What a plan promises while it is in force, and whether it was kept."""

import math
from enum import StrEnum

from agents.planner.case import Case
from agents.planner.intervals import Z90
from agents.planner.moving import Move
from agents.planner.remedies import remedy_for
from agents.planner.worth import Worth
from payments.action import Action, Reroute, Suppress, touches_traffic
from payments.outcome import Outcome
from payments.plan import Expectation, Interval

_LEAST_ATTEMPTS = 30
"""On either side of a comparison of rates; with fewer the normal approximation says little."""
_NO_DIFFERENCE = 1e-6
"""A difference of rates that nobody could ever measure."""


class Met(StrEnum):
    """How what came compares with what was promised."""

    TOO_EARLY = "too_early"
    """Too little was seen to tell."""
    AS_EXPECTED = "as_expected"
    """What was measured and what was promised overlap."""
    BETTER = "better"
    WORSE = "worse"


def met(
    expects: Expectation,
    outcome: Outcome,
    *,
    in_force_s: float,
    extent: float = 1.0,
    success_rate: Interval | None = None,
) -> Met:
    """Say whether what came was within what was expected.

    Args:
        expects: what the plan promised.
        outcome: what was measured.
        in_force_s: seconds over which it was measured.
        extent: mean share of the full action that was in force, below 1 for the steps of a canary.
        success_rate: measured success of the attempts that were touched; where it is known it decides.
    """
    effective_s = in_force_s * min(1.0, extent)
    if not effective_s >= expects.tells_after_s:
        return Met.TOO_EARLY
    if success_rate is not None:
        return _compare(success_rate, expects.success_rate)
    if outcome.payments_saved is None:
        return Met.TOO_EARLY
    return _compare(_times(outcome.payments_saved, 60.0 / effective_s), expects.saved_per_min)


def expectation(action: Action, weighed: Worth, case: Case) -> Expectation | None:
    """Give what an action promises if the fault lasts; nothing for one that touches no payment."""
    touched_per_s = _touched_per_s(action, case)
    if not touches_traffic(action) or touched_per_s <= 0.0:
        return None
    remedy, saved = remedy_for(case.diagnosis.cause), weighed.while_it_lasts
    without = 1.0 - case.loss(remedy)
    reach = Z90 * case.loss_deviation(remedy)
    gain = _times(weighed.brought, 1.0 / (touched_per_s * case.expires_after_s))
    return Expectation(
        success_rate=_rate(gain.low + without, gain.mean + without, gain.high + without),
        success_rate_without=_rate(without - reach, without, without + reach),
        saved_per_min=_times(saved, 60.0 / case.expires_after_s),
        tells_after_s=_tells_after_s(action, without, gain.mean, touched_per_s, case),
    )


def _compare(measured: Interval, promised: Interval) -> Met:
    if measured.high < promised.low:
        return Met.WORSE
    return Met.BETTER if measured.low > promised.high else Met.AS_EXPECTED


def _touched_per_s(action: Action, case: Case) -> float:
    if isinstance(action, Reroute | Suppress):
        return Move.of(action, case).per_s
    return case.attempts_per_s(action.scope)


def _tells_after_s(action: Action, before: float, gain: float, touched_per_s: float, case: Case) -> float:
    """Give when the 90 % interval of the difference in success between moved and untouched leaves out zero.

    Two binomial rates, of which the untouched one is seen in what stays; an action that leaves nothing
    untouched is compared with the time before, which is known well enough.
    """
    after = min(1.0, max(0.0, before + gain))
    stays_per_s = case.attempts_per_s(action.scope) - touched_per_s
    sides = [(after, touched_per_s)]
    sides += [(before, stays_per_s)] if isinstance(action, Reroute) and stays_per_s > 0.0 else []
    variance = sum(rate * (1.0 - rate) / per_s for rate, per_s in sides)
    enough = max(_LEAST_ATTEMPTS / per_s for _, per_s in sides)
    tells = Z90**2 * variance / gain**2 if abs(gain) > _NO_DIFFERENCE else math.inf
    return min(case.expires_after_s, max(tells, enough, 1.0))


def _rate(low: float, mean: float, high: float) -> Interval:
    low, mean, high = (min(1.0, max(0.0, value)) for value in (low, mean, high))
    return Interval(low=low, mean=mean, high=high)


def _times(interval: Interval, factor: float) -> Interval:
    return Interval(low=interval.low * factor, mean=interval.mean * factor, high=interval.high * factor)
