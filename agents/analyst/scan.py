"""The scan: which combination of attribute values holds the excess."""

from dataclasses import dataclass
from math import log

import numpy as np

from agents.analyst.channels import Channel, Floats
from agents.analyst.lattice import Cuboid, Lattice, Mask

_PER_CUBOID = 4
_KEPT = 60
_TINY = 1e-9
_DIGITS = 6  # scores that differ by less come from the order of summation


@dataclass(frozen=True)
class Candidate:
    """One group of cells and how well an excess there explains the counts."""

    cuboid: Cuboid
    group: int
    score: float
    """Log likelihood ratio over its overdispersion, less the price of the description, in nats."""

    @property
    def mask(self) -> Mask:
        """The cells of the group."""
        return np.equal(self.cuboid.group, self.group)


def excess_llr(observed: Floats, expected: Floats, trials: Floats) -> Floats:
    """Give the binomial log likelihood ratio of a raised rate against the expected one; 0 without excess.

    `C ln(C/B) + (n-C) ln((n-C)/(n-B))`, which for infinite trials is the Poisson's `C ln(C/B) - (C-B)`.
    """
    base = np.maximum(expected, _TINY)
    raised = observed > base
    counts = np.where(raised, observed, base)
    hits = counts * np.log(counts / base)
    bounded = np.isfinite(trials)
    room = np.where(bounded, trials, 0.0)
    left, left_base = np.maximum(room - counts, 0.0), np.maximum(room - base, _TINY)
    misses = left * np.log(np.maximum(left, _TINY) / left_base)
    return np.where(raised, hits + np.where(bounded, misses, base - counts), 0.0)


def scan(lattice: Lattice, channel: Channel) -> list[Candidate]:
    """Score every group of every combination; best first, ties to the shorter description."""
    overhead = log(len(lattice.cuboids)) + 0.5 * log(max(len(lattice.cells), 1))
    found = [c for cuboid in lattice.cuboids for c in _best_of(cuboid, channel, overhead)]
    found.sort(key=lambda c: (-c.score, len(c.cuboid.columns), c.cuboid.size))
    return found[:_KEPT]


def _best_of(cuboid: Cuboid, channel: Channel, overhead: float) -> list[Candidate]:
    def total(column: Floats) -> Floats:
        return np.bincount(cuboid.group, column, cuboid.size).astype(np.float64, copy=False)

    llr = excess_llr(total(channel.observed), total(channel.expected), total(channel.trials))
    phi = np.maximum(total(channel.variance), _TINY) / np.maximum(total(channel.pure_variance), _TINY)
    score = np.round(llr / phi - log(cuboid.size) - overhead, _DIGITS)
    top = np.argsort(-score, kind="stable")[:_PER_CUBOID]
    return [Candidate(cuboid, int(g), float(score[g])) for g in top if llr[g] > 0.0]
