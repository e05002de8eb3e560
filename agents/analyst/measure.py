"""What is summed over the cells, and how well an anomaly in a group explains its sums."""

from dataclasses import dataclass, replace
from math import log
from typing import Protocol, Self

import numpy as np

from agents.analyst.cube import Columns, Cube, Floats, Mask

_TINY = 1e-9


@dataclass(frozen=True)
class Tolerance:
    """How far a description may be coarser than the data, since sums hide how unequal cells are."""

    split: float
    """A whole is split only when its parts explain this share more than it does."""
    kept: float
    """A part that is smaller than this share of its whole's excess leaves too much of it behind."""
    further: float
    """A further culprit explains at least this share of what the first one does."""


class Measure(Protocol):
    """A quantity that one search can explain."""

    @property
    def tolerance(self) -> Tolerance:
        """How coarse a description may be."""

    @property
    def columns(self) -> Floats:
        """What adds up: shape (columns, cells)."""

    def score(self, sums: Floats) -> Floats:
        """Give the log likelihood ratio in nats of an anomaly in each group: (columns, groups) to (groups,).

        Negative when the cells speak against it.
        """

    def excess(self, sums: Floats) -> Floats:
        """Give how much there is to explain in each group."""

    def struck_too(self, part: Floats, rest: Floats) -> bool:
        """Say whether what surrounds a part is struck as well, not normal; sums of shape (columns, 1)."""

    def disagreement(self, cube: Cube, columns: Columns, values: tuple[int, ...]) -> float:
        """Give the nats, at most 0, that an anomaly in a group loses by how unlike its cells are."""

    def without(self, mask: Mask) -> Self:
        """Leave the marked cells out of account."""


@dataclass(frozen=True)
class Events:
    """Events among trials, such as failures of attempts; all columns are float64 of shape (cells,)."""

    observed: Floats
    expected: Floats
    trials: Floats
    """Attempts; infinite for a quantity without a ceiling, which makes the binomial a Poisson."""
    pure_variance: Floats
    """Variance of independent events."""
    variance: Floats
    """The same with overdispersion."""

    @property
    def tolerance(self) -> Tolerance:
        """A real culprit's cells differ in how badly they are hit."""
        return Tolerance(split=0.3, kept=0.9, further=0.12)

    @property
    def columns(self) -> Floats:
        """Observed, expected, trials and the two variances."""
        return np.array([self.observed, self.expected, self.trials, self.pure_variance, self.variance])

    def score(self, sums: Floats) -> Floats:
        """Give the binomial log likelihood ratio of a raised rate over the overdispersion.

        The raised rate is fitted, for which half a logarithm of the number of cells is charged.
        """
        observed, expected, trials, pure, variance = sums
        phi = np.maximum(variance, _TINY) / np.maximum(pure, _TINY)
        fitted = 0.5 * log(max(len(self.observed), 1))
        return np.asarray(excess_llr(observed, expected, trials) / phi - fitted, dtype=np.float64)

    def excess(self, sums: Floats) -> Floats:
        """Give observed less expected."""
        return np.asarray(sums[0] - sums[1], dtype=np.float64)

    def struck_too(self, part: Floats, rest: Floats) -> bool:
        """Say whether the rest has an excess, with a lift that is nearer to the part's than to none.

        Nearer on the scale of logarithms: at least the square root of the part's lift.
        """
        lift, other = (float(sums[0, 0] / max(sums[1, 0], _TINY)) for sums in (part, rest))
        return float(self.score(rest)[0]) > 0.0 and other * other >= lift

    def disagreement(self, cube: Cube, columns: Columns, values: tuple[int, ...]) -> float:
        """Give nothing: a cell's few events do not tell its rate from that of the others."""
        return 0.0

    def without(self, mask: Mask) -> Self:
        """Leave the marked cells out of account."""
        names = ("observed", "expected", "trials", "pure_variance", "variance")
        return replace(self, **{name: np.where(mask, 0.0, getattr(self, name)) for name in names})

    def mirrored(self) -> Self:
        """Look at the trials without the event, so that fewer events become an excess."""
        return replace(self, observed=self.trials - self.observed, expected=self.trials - self.expected)


def excess_llr(observed: Floats, expected: Floats, trials: Floats) -> Floats:
    """Give the binomial log likelihood ratio of a raised rate against the expected one; 0 without excess.

    `C ln(C/B) + (n-C) ln((n-C)/(n-B))`, which for infinite trials is the Poisson's `C ln(C/B) - (C-B)`.
    """
    ratio = np.zeros(observed.shape)
    raised = np.flatnonzero(observed > np.maximum(expected, _TINY))  # mostly few: the logarithms cost most
    counts, base, room = observed[raised], np.maximum(expected[raised], _TINY), trials[raised]
    bounded = np.isfinite(room)
    left = np.maximum(np.where(bounded, room, 0.0) - counts, 0.0)
    left_base = np.maximum(np.where(bounded, room, 0.0) - base, _TINY)
    misses = left * np.log(np.maximum(left, _TINY) / left_base)
    ratio[raised] = counts * np.log(counts / base) + np.where(bounded, misses, base - counts)
    return ratio
