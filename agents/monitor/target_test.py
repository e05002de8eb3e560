"""Whether a route that takes over is sound, or much worse than usual: looked at after each increment."""

from math import lgamma

from agents.monitor.confidence import RHO
from payments.intervention import TargetEvidence
from payments.tally import Tally

WORSE_BY = 0.15
"""How much lower the success rate of a bad target is."""
HIGHEST_RATE = 0.98


def weigh(before: TargetEvidence, tally: Tally, *, overloaded: bool = False) -> TargetEvidence:
    """Add one increment to what a target has shown of itself.

    `sound` is the logarithm of an e-process: were the target worse by `WORSE_BY` or more, the chance that it
    ever reaches log(1/a) is at most a, however often one looks (Wald's SPRT; Ville's inequality). `worse` is
    the mirrored test that starts again where it speaks least (Page's CUSUM 1954; an e-detector of Shin,
    Ramdas and Rinaldo 2022): at a sound target it takes exp(h) increments or more on average to reach h.

    An increment in which the route is overloaded says how much it can carry, and nothing about its soundness.
    """
    if overloaded:
        return before.model_copy(update={"overloaded": True})
    ratio = log_ratio(tally)
    return TargetEvidence(sound=before.sound + ratio, worse=max(0.0, before.worse - ratio), overloaded=False)


def log_ratio(tally: Tally, rho: float = RHO) -> float:
    """Give the log likelihood of a target's usual failure rate less that of the worse one, for an increment.

    The counts are beta-binomial: rates of neighbouring payments move together with intra-class correlation
    `rho`. What has no outcome yet counts as failed, as it does in what is expected.
    """
    if tally.attempts == 0:
        return 0.0
    bad = min(tally.failures + tally.pending, tally.attempts)
    usual = min(max((tally.expected_failures + tally.expected_pending) / tally.attempts, 1e-3), HIGHEST_RATE)
    worse = min(usual + WORSE_BY, (1.0 + HIGHEST_RATE) / 2)
    good = tally.attempts - bad
    return _log_likelihood(bad, good, usual, rho) - _log_likelihood(bad, good, worse, rho)


def _log_likelihood(bad: int, good: int, rate: float, rho: float) -> float:
    """Give it up to what does not depend on the rate."""
    spread = (1.0 - rho) / rho
    a, b = rate * spread, (1.0 - rate) * spread
    return lgamma(bad + a) - lgamma(a) + lgamma(good + b) - lgamma(b)
