"""What each policy gained in each episode against doing nothing, its gain in quiet traffic taken off."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.crew.played import NOTHING, ORACLE, Results
from bench.crew.worth.scores import Flags, Kinds, Worth, counted
from guardrails.policy import Policy
from payments.quantity import Floats
from simulator.traffic.score import Score

Count = Callable[[Score], float]

FINE_MINOR = Policy().retry_fee_minor
"""For one attempt beyond the limits of a card scheme."""


def payments(score: Score) -> float:
    """Count customers' payments that went through in the end."""
    return float(score.succeeded)


def firsts(score: Score) -> float:
    """Count first attempts that went through."""
    return float(score.firsts_succeeded)


def money(score: Score) -> float:
    """Give the amount that went through, less fees and fines, in minor units."""
    return score.succeeded_minor - score.fees_minor - FINE_MINOR * score.retries_beyond_limits


def decided(score: Score) -> float:
    """Count customers' payments that went through or did not."""
    return float(score.succeeded + score.failed)


@dataclass(frozen=True)
class Gains:
    """The same episodes under every policy."""

    results: Results
    kinds: Kinds
    counted: Flags
    """Kinds in which there is something to be saved."""
    weights: Floats
    """The bootstrap's."""

    @property
    def counted_names(self) -> tuple[str, ...]:
        """Name the kinds in which there is something to be saved."""
        return tuple(name for name, is_in in zip(self.kinds.names, self.counted, strict=True) if is_in)

    def worth(self, count: Count) -> Worth:
        """Compare the policies by payments, or by money."""
        saved = {policy: saved_by(self.results, policy, count) for policy in self.results.policies}
        return Worth(self.kinds, saved, ORACLE, self.counted, self.weights)


def counted_kinds(results: Results, kinds: Kinds) -> Flags:
    """Mark the kinds that have an action, and in which the oracle gains enough for a share to mean something.

    A second fault may call for an action where the kind's own does not: all episodes of a kind must.
    """
    gain = saved_by(results, ORACLE, payments)
    during = np.array([decided(one.during) for one in results.of(NOTHING)])
    without = np.array([not one.truth.has_action for one in results.of(NOTHING)], dtype=np.float64)
    both: Flags = counted(kinds, gain, during) & (kinds.sums(without) == 0.0)
    return both


def saved_by(results: Results, policy: str, count: Count) -> Floats:
    """Give what a policy gained: (episodes,).

    Whoever is always at work gains in quiet traffic too: that is taken off by the same seed without a fault.
    """
    gain = _gain(results, policy, count, quiet=False)
    return gain - _gain(results, policy, count, quiet=True) if policy in results.with_twins else gain


def _gain(results: Results, policy: str, count: Count, *, quiet: bool) -> Floats:
    with_it, without = (results.of(name, quiet=quiet) for name in (policy, NOTHING))
    pairs = zip(with_it, without, strict=True)
    return np.array([count(one.whole) - count(other.whole) for one, other in pairs])
