"""What an action did, measured against the untouched share of the same payments at the same time.

It is looked at after each increment, and every interval allows for that (agents/monitor/confidence.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from agents.monitor.confidence import RHO, reach
from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from payments.intervention import Stretch
from payments.outcome import Effect, Outcome
from payments.plan import Interval
from payments.tally import Tally

ALPHA = 0.1
"""Chance that the interval of the effect is ever wrong, over all looks together."""
LEAST_ATTEMPTS = 30
"""Attempts on either side below which nothing is said."""
TIGHT = 0.03
"""Half width of a difference of rates below which `no difference` may be said."""
MATERIAL = 0.1
"""Relative change of attempts per payment that counts as a change."""
REPEATS_COME_IN_S = 60.0
"""How long the repeats that were on their way before a retry policy still come in."""
DRIFT = 0.01
"""By how much a target's baseline may be off: only what its payments lose beyond it is laid to the action."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard deviation, for which the interval at any time is `reach` to either side."""

    mean: float
    sd: float

    def __sub__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.mean - other.mean, math.hypot(self.sd, other.sd))

    @property
    def reach(self) -> float:
        """Half the width of the interval."""
        return reach(self.sd, ALPHA)

    def times(self, factor: float) -> Interval:
        """Give the interval of a multiple that is not negative."""
        return Interval(
            low=(self.mean - self.reach) * factor,
            mean=self.mean * factor,
            high=(self.mean + self.reach) * factor,
        )


def takes_hold_after_s(action: Action) -> float:
    """Give the seconds in force from which on what is seen is the action's doing.

    A retry policy first meets the repeats of before, and only then its own, which wait for its back-off.
    """
    return REPEATS_COME_IN_S + action.backoff_s if isinstance(action, AdjustRetryPolicy) else 0.0


def measure(action: Action, *, before: Tally, seen: Sequence[Stretch]) -> Outcome | None:
    """Measure an action in force; None while there is too little to tell.

    Args:
        action: what was done.
        before: the affected payments during the fault, before the action.
        seen: what was seen since. For a retry policy the source is the affected payments.
    """
    match action:
        case Reroute():
            return _measure_reroute(action, before, seen)
        case Suppress():
            return _measure_suppress(before, _whole(seen))
        case AdjustRetryPolicy():
            return _measure_retries(before, _whole(seen).source)
        case _:
            sentence = "Nothing to measure: the action touches no payment."
            return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)


def _whole(seen: Sequence[Stretch]) -> Stretch:
    return reduce(lambda one, other: one + other, seen, Stretch())


def _measure_reroute(action: Reroute, before: Tally, seen: Sequence[Stretch]) -> Outcome | None:
    whole = _whole(seen)
    untouched = whole.source if action.share < 1.0 else before
    if not whole.moved or min(untouched.attempts, whole.target.attempts) < LEAST_ATTEMPTS:
        return None
    base, reached = _success_rate(untouched), _success_rate(whole.target)
    parts = [
        _Part.of(stretch, stretch.source if action.share < 1.0 else before, base.mean, reached.mean)
        for stretch in seen
    ]
    gain = _together(parts)
    whom = "among those left alone" if action.share < 1.0 else "before, as none were left alone"
    here, there = (
        _averaged(parts, [getattr(part, side).mean for part in parts]) for side in ("here", "there")
    )
    rates = f"{there:.1%} on the targets against {here:.1%} {whom}"
    return _judge(gain, gain.times(whole.moved), f"{whole.moved:,.0f} payments moved, success {rates}")


@dataclass(frozen=True)
class _Part:
    """One stretch of time: its payments moved, the rates on either side, and what the targets' own lost."""

    moved: float
    here: Estimate
    there: Estimate
    crowded: float
    """Payments of the targets' own, for each one moved, that have it worse; 0.0 while none do."""
    worse_by: float

    @classmethod
    def of(cls, stretch: Stretch, untouched: Tally, here: float, there: float) -> "_Part":
        """Estimate the rates, drawn a little towards those of the whole time."""
        target = stretch.target
        rate = _success_rate(target, there, LEAST_ATTEMPTS)
        usual = 1.0 - (target.expected_failures + target.expected_pending) / max(target.attempts, 1)
        lost = usual - DRIFT - rate.mean
        own = max(_payments(target) - stretch.moved, 0.0) / max(stretch.moved, 1.0)
        return cls(
            moved=stretch.moved,
            here=_success_rate(untouched, here, LEAST_ATTEMPTS),
            there=rate,
            crowded=own if lost > 0.0 else 0.0,
            worse_by=max(lost, 0.0),
        )

    @property
    def gain(self) -> Estimate:
        """Success won for each payment moved, less what the targets' own lose."""
        mean = self.there.mean - self.here.mean - self.crowded * self.worse_by
        return Estimate(mean, math.hypot((1.0 + self.crowded) * self.there.sd, self.here.sd))


def _together(parts: Sequence[_Part]) -> Estimate:
    """Average the gains, each stretch by the payments that it moved."""
    mean = _averaged(parts, [part.gain.mean for part in parts])
    total = sum(part.moved for part in parts)
    return Estimate(mean, math.hypot(*(part.gain.sd * part.moved / total for part in parts)))


def _averaged(parts: Sequence[_Part], values: Sequence[float]) -> float:
    total = sum(part.moved for part in parts)
    return sum(part.moved * value for part, value in zip(parts, values, strict=True)) / total


def _measure_suppress(before: Tally, whole: Stretch) -> Outcome | None:
    if min(before.attempts, whole.target.attempts) < LEAST_ATTEMPTS or not whole.moved:
        return None
    here, there = _success_rate(before), _success_rate(whole.target)
    gain = _Part.of(whole, before, here.mean, there.mean).gain
    rates = f"{there.mean:.1%} elsewhere against {here.mean:.1%} on the path before"
    return _judge(
        gain, gain.times(whole.moved), f"{whole.moved:.0f} payments kept off the path, success {rates}"
    )


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
    judged = _judge(gain, saved, told)
    if judged is not None and judged.effect is Effect.HARMED and tries[1] >= tries[0]:
        return None  # It harms by repeats that are not made: with as many as before, something else is worse.
    return judged


def _judge(gain: Estimate, saved: Interval, told: str) -> Outcome | None:
    """Say which way the interval lies, or nothing while it is wide and holds zero."""
    if saved.low > 0.0:
        return Outcome(effect=Effect.HELPED, payments_saved=saved, sentence=f"Helped: {told}.")
    if saved.high < 0.0:
        return Outcome(effect=Effect.HARMED, payments_saved=saved, sentence=f"Harmed: {told}.")
    if gain.reach > TIGHT:
        return None
    return Outcome(effect=Effect.NO_EFFECT, payments_saved=saved, sentence=f"No effect: {told}.")


def moved_in(
    action: Action, before: Tally, source: Tally, target: Tally, tick_s: float, *, carried_out: bool
) -> float:
    """Estimate the payments that an action moves in some increments, or would move were it carried out.

    Args:
        action: in force, or only on record.
        before: the affected payments during the fault, before the action.
        source: what is on the old path in these increments.
        target: the same demand on the other routes.
        tick_s: length of an increment in seconds.
        carried_out: False when nothing moves in truth, so that all of it is still on the old path.
    """
    stays = _payments(source)
    usual = _payments(before) / max(before.ticks, 1) * max(source.ticks, target.ticks)
    match action:
        case Reroute(share=share) if not carried_out:
            return min(stays * share, _most(action, target, tick_s))
        case Reroute(share=share) if share < 1.0:
            return min(stays * share / (1.0 - share), _most(action, target, tick_s))
        case Reroute():
            return min(max(usual - stays, 0.0), _most(action, target, tick_s))
        case Suppress():
            return max(usual - stays, 0.0) if carried_out else stays
        case _:
            return 0.0


def _most(action: Reroute, target: Tally, tick_s: float) -> float:
    """Give the most payments that the limits of all targets let through."""
    if not set(action.to) <= set(action.limits_per_s):
        return math.inf
    firsts = _payments(target) / target.attempts if target.attempts else 1.0
    return sum(action.limits_per_s.values()) * tick_s * target.ticks * firsts


def _payments(tally: Tally) -> float:
    return float(tally.attempts if tally.payments is None else tally.payments)


def _success_rate(tally: Tally, prior: float = 0.5, weight: float = 1.0) -> Estimate:
    """Estimate the success rate of attempts, with overdispersion; a prior keeps it off 0 and 1 (Jeffreys)."""
    good = tally.attempts - tally.failures - tally.pending
    rate = (good + weight * prior) / (tally.attempts + weight)
    per_tick = tally.attempts / max(tally.ticks, 1)
    phi = 1.0 + RHO * max(per_tick - 1.0, 0.0)
    return Estimate(rate, math.sqrt(rate * (1.0 - rate) * phi / (tally.attempts + weight)))


def _success_per_payment(tally: Tally) -> Estimate:
    """Estimate the share of payments that succeed in the end, however many attempts each one took."""
    payments = max(tally.payments or 0, 1)
    good = min(tally.attempts - tally.failures - tally.pending, payments)
    rate = (good + 0.5) / (payments + 1.0)
    phi = 1.0 + RHO * max(payments / max(tally.ticks, 1) - 1.0, 0.0)
    return Estimate(rate, math.sqrt(rate * (1.0 - rate) * phi / (payments + 1.0)))
