"""What an action did, measured against the untouched share of the same payments at the same time."""

import math
from dataclasses import dataclass

from payments.action import Action, AdjustRetryPolicy, Effect, Interval, Outcome, Reroute, Suppress
from payments.incident import Tally

Z90 = 1.645
"""Standard deviations on each side of a 90 % interval."""
RHO = 0.003
"""Intra-class correlation of outcomes in a tick; a tally does not carry its own."""
LEAST_ATTEMPTS = 30
"""Attempts on either side below which nothing is said."""
TIGHT = 0.03
"""Half width of a difference of rates below which `no difference` may be said."""
MATERIAL = 0.1
"""Relative change of attempts per payment that counts as a change."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard deviation."""

    mean: float
    sd: float

    def __sub__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.mean - other.mean, math.hypot(self.sd, other.sd))

    @property
    def reach(self) -> float:
        """Half the width of the 90 % interval."""
        return Z90 * self.sd

    def times(self, factor: float) -> Interval:
        """Give the 90 % interval of a multiple."""
        low, high = sorted(((self.mean - self.reach) * factor, (self.mean + self.reach) * factor))
        return Interval(low=low, mean=self.mean * factor, high=high)


def measure(action: Action, *, before: Tally, source: Tally, target: Tally) -> Outcome | None:
    """Measure an action in force; None while there is too little to tell.

    Args:
        action: what was done.
        before: the affected payments during the fault, before the action.
        source: what stays on the old path, since the action. For a retry policy: the affected payments since.
        target: the same demand on the other routes, since the action.
    """
    if isinstance(action, Reroute):
        return _measure_reroute(action, before, source, target)
    if isinstance(action, Suppress):
        return _measure_suppress(before, source, target)
    if isinstance(action, AdjustRetryPolicy):
        return _measure_retries(before, source)
    sentence = "Nothing to measure: the action touches no payment."
    return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)


def _measure_reroute(action: Reroute, before: Tally, source: Tally, target: Tally) -> Outcome | None:
    untouched = source if action.share < 1.0 else before
    moved = _moved(action, before, source, target)
    if moved is None or min(untouched.attempts, target.attempts) < LEAST_ATTEMPTS:
        return None
    gain = _success_rate(target) - _success_rate(untouched)
    whom = "the untouched share" if action.share < 1.0 else "the rate before, as no share stayed untouched"
    saved = _less(gain.times(moved), _crowded_out(target, moved))
    here, there = _success_rate(untouched).mean, _success_rate(target).mean
    rates = f"{there:.1%} on the targets against {here:.1%} of {whom}"
    return _judge(gain, saved, f"{moved:.0f} payments moved, success {rates}")


def _measure_suppress(before: Tally, source: Tally, target: Tally) -> Outcome | None:
    if not before.ticks or min(before.attempts, target.attempts) < LEAST_ATTEMPTS:
        return None
    moved = max(_per_tick(before) * target.ticks - _payments(source), 0.0)
    gain = _success_rate(target) - _success_rate(before)
    saved = _less(gain.times(moved), _crowded_out(target, moved))
    here, there = _success_rate(before).mean, _success_rate(target).mean
    rates = f"{there:.1%} elsewhere against {here:.1%} on the path before"
    return _judge(gain, saved, f"{moved:.0f} payments kept off the path, success {rates}")


def _measure_retries(before: Tally, after: Tally) -> Outcome | None:
    if min(before.attempts, after.attempts) < LEAST_ATTEMPTS:
        return None
    if not before.payments or not after.payments:
        gain = _success_rate(after) - _success_rate(before)
        earlier, since = _success_rate(before).mean, _success_rate(after).mean
        rates = f"success per attempt {earlier:.1%} before, {since:.1%} since"
        return _judge(gain, gain.times(after.attempts), rates)
    gain = _success_per_payment(after) - _success_per_payment(before)
    tries = [tally.attempts / (tally.payments or 1) for tally in (before, after)]
    more = f"{gain.mean:+.1%} ± {gain.reach:.1%}"
    told = f"attempts per payment {tries[0]:.2f} before, {tries[1]:.2f} since; {more} of payments succeed"
    saved = gain.times(after.payments)
    fewer = tries[1] <= (1.0 - MATERIAL) * tries[0]
    if fewer and gain.mean + gain.reach >= 0.0 and gain.reach <= 2 * TIGHT:
        return Outcome(effect=Effect.HELPED, payments_saved=saved, sentence=f"Helped: {told}.")
    return _judge(gain, saved, told)


def _judge(gain: Estimate, saved: Interval, told: str) -> Outcome | None:
    """Say which way the interval lies, or nothing while it is wide and holds zero."""
    if saved.low > 0.0:
        return Outcome(effect=Effect.HELPED, payments_saved=saved, sentence=f"Helped: {told}.")
    if saved.high < 0.0:
        return Outcome(effect=Effect.HARMED, payments_saved=saved, sentence=f"Harmed: {told}.")
    if gain.reach > TIGHT:
        return None
    return Outcome(effect=Effect.NO_EFFECT, payments_saved=saved, sentence=f"No effect: {told}.")


def _moved(action: Reroute, before: Tally, source: Tally, target: Tally) -> float | None:
    """Estimate the payments moved from those that stayed: a fraction `share` of all moves."""
    if action.share < 1.0:
        return _payments(source) * action.share / (1.0 - action.share)
    return _per_tick(before) * target.ticks if before.ticks else None


def _crowded_out(target: Tally, moved: float) -> Estimate:
    """Estimate what the targets' own payments lose against their baseline since they carry more."""
    own = max(_payments(target) - moved, 0.0)
    expected = 1.0 - (target.expected_failures + target.expected_pending) / target.attempts
    now = _success_rate(target)
    return Estimate(own * max(expected - now.mean, 0.0), own * now.sd if now.mean < expected else 0.0)


def _less(saved: Interval, lost: Estimate) -> Interval:
    return Interval(
        low=saved.low - lost.mean - lost.reach,
        mean=saved.mean - lost.mean,
        high=saved.high - max(lost.mean - lost.reach, 0.0),
    )


def _payments(tally: Tally) -> float:
    return float(tally.attempts if tally.payments is None else tally.payments)


def _per_tick(tally: Tally) -> float:
    return _payments(tally) / max(tally.ticks, 1)


def _success_rate(tally: Tally) -> Estimate:
    """Estimate the success rate of attempts, with overdispersion; Jeffreys' prior keeps it off 0 and 1."""
    good = tally.attempts - tally.failures - tally.pending
    rate = (good + 0.5) / (tally.attempts + 1.0)
    per_tick = tally.attempts / max(tally.ticks, 1)
    phi = 1.0 + RHO * max(per_tick - 1.0, 0.0)
    return Estimate(rate, math.sqrt(rate * (1.0 - rate) * phi / (tally.attempts + 1.0)))


def _success_per_payment(tally: Tally) -> Estimate:
    """Estimate the share of payments that succeed in the end, however many attempts each one took."""
    payments = max(tally.payments or 0, 1)
    good = min(tally.attempts - tally.failures - tally.pending, payments)
    rate = (good + 0.5) / (payments + 1.0)
    phi = 1.0 + RHO * max(payments / max(tally.ticks, 1) - 1.0, 0.0)
    return Estimate(rate, math.sqrt(rate * (1.0 - rate) * phi / (payments + 1.0)))
