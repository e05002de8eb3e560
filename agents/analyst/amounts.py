"""Additive measures: how each cell's amount speaks for or against an anomaly, with the noise estimated."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx

from agents.analyst.agreement import disagreement
from agents.analyst.cube import Codes, Columns, Cube, Floats, Mask
from agents.analyst.measure import Tolerance

_BINS = 8
_TABLE = 1 << 10
_LEAST_IN_BIN = 250
_SAMPLE = 1 << 15
_GOLDEN = 0.5 * (5.0**0.5 - 1.0)
_LEAST_NOISE = 1e-3
_MAD = 1.4826
_MOST = 30.0
"""Nats that one cell may testify: a single wild amount is not infinitely improbable."""
_SMALL_SHARE = 1e-3
_UNMOVED, _UNMOVED_SMALL = 0.01, 0.9
"""Chance that an affected cell looks normal, and the same of the smallest ones, whose change may not show."""
_THIN_TAIL = 2.5
"""A normal tail is about z sqrt(2 pi) times thinner than its density ratio says: nats at z near 4.8."""


@dataclass(frozen=True)
class Amounts:
    """How every cell testifies; all columns have shape (cells,)."""

    evidence: Floats
    """Testimony in nats: positive for an anomaly, negative against one."""
    sign: int
    """1 when amounts rose, -1 when they fell."""
    relative: Floats
    """Amount less forecast over the larger of them."""
    unmoved: Floats
    """Chance that the cell looks normal though it is struck."""

    @property
    def tolerance(self) -> Tolerance:
        """Every cell testifies, so the best description is the best."""
        return Tolerance(split=0.0, kept=0.0, further=0.0)

    @property
    def columns(self) -> Floats:
        """The evidence alone."""
        return self.evidence[None]

    def score(self, sums: Floats) -> Floats:
        """Give the testimony of all cells together."""
        return np.asarray(np.where(sums[0] > 0.0, sums[0] + _THIN_TAIL, sums[0]), dtype=np.float64)

    def excess(self, sums: Floats) -> Floats:
        """Give the same: there is nothing else to explain."""
        return self.score(sums)

    def struck_too(self, part: Floats, rest: Floats) -> bool:
        """Give no: a cell that is struck has added to the score of every group that it is in."""
        return False

    def disagreement(self, cube: Cube, columns: Columns, values: tuple[int, ...]) -> float:
        """Give the nats that a group's cells lose when they must have changed by one share."""
        rows = cube.rows(columns, values)
        return disagreement(self.evidence[rows], self.sign * self.relative[rows], self.unmoved[rows])

    def without(self, mask: Mask) -> Self:
        """Leave the marked cells out of account."""
        return replace(self, evidence=np.where(mask, 0.0, self.evidence))


@dataclass(frozen=True)
class Noise:
    """Standard deviation of a normal cell's relative deviation, by the logarithm of its size."""

    middles: tuple[float, ...]
    spreads: tuple[float, ...]

    @property
    def typical(self) -> float:
        """Noise of the cells in the middle."""
        return float(np.median(self.spreads))

    def of(self, logs: Floats) -> Floats:
        """Look the noise of every cell up in a fine table, which is linear between the middles."""
        low, high = self.middles[0], max(self.middles[-1], self.middles[0] + 1.0)
        table = np.interp(np.linspace(low, high, _TABLE), self.middles, self.spreads)
        places = (logs - low) * ((_TABLE - 1) / (high - low))
        np.maximum(np.minimum(places, _TABLE - 1.0, out=places), 0.0, out=places)
        return table[places.astype(np.intp)]


@dataclass(frozen=True)
class Deviations:
    """How far each cell is from its forecast; all columns have shape (cells,)."""

    size: Floats
    """The larger of amount and forecast; a cell where both are 0 says nothing."""
    ascending: Codes
    """Cells that the estimates rest on, the smallest first."""
    relative: Floats
    """Amount less forecast over the size: -1 to 1."""
    noise: Noise
    unmoved: Floats
    """Chance that the cell looks normal though it is affected; 1 where it says nothing."""

    @classmethod
    def of(cls, real: Floats, expected: Floats) -> Self:
        """Compare amounts with their forecast."""
        size = np.maximum(np.abs(real), np.abs(expected))
        relative = np.divide(real - expected, size, out=np.zeros_like(size), where=size > 0.0)
        np.maximum(np.minimum(relative, 1.0, out=relative), -1.0, out=relative)
        ascending = _sample(size)
        noise = _noise(size, relative, ascending)
        return cls(size, ascending, relative, noise, _unmoved(size, ascending))

    def outside(self, culprits: Mask) -> Self:
        """Estimate the noise from the cells that are not marked."""
        rest = self.ascending[~culprits[self.ascending]]
        return replace(self, noise=_noise(self.size, self.relative, rest))

    def both(self) -> tuple[Amounts, Amounts]:
        """Weigh a change of unknown size, up and down, against noise.

        A normal cell deviates as N(0, noise^2), an affected one by any share from 0 to all, plus noise:
        that is Phi(z) against phi(z) / noise, in which Phi(z) / phi(z) is a scaled erfc.
        """
        with np.errstate(divide="ignore"):
            logs = np.log(self.size)
        noise = self.noise.of(logs)
        x = self.relative / (np.sqrt(2.0) * noise)
        against = erfcx(np.abs(x))  # in the direction in which the cell did not move
        for_it = 2.0 * np.exp(np.minimum(x * x, 2.0 * _MOST)) - against
        weight = (1.0 - self.unmoved) * np.sqrt(0.5 * np.pi) * noise
        towards, away = (self._mixed(moved, weight) for moved in (for_it, against))
        risen = x > 0.0
        up, down = np.where(risen, towards, away), np.where(risen, away, towards)
        rest = (self.relative, self.unmoved)
        return Amounts(up.astype(np.float64), 1, *rest), Amounts(down.astype(np.float64), -1, *rest)

    def _mixed(self, moved: Floats, weight: Floats) -> npt.NDArray[np.float32]:
        """Allow for affected cells that look normal; a wild amount is cut to what one cell may testify.

        Seven digits are enough for testimony, and take a third of the time.
        """
        mixed = np.log((self.unmoved + weight * moved).astype(np.float32))
        return np.minimum(mixed, _MOST, out=mixed, dtype=np.float32)


def _noise(size: Floats, relative: Floats, ascending: Codes) -> Noise:
    """Estimate the noise as a function of size, by the median absolute deviation of cells of like size."""
    if not len(ascending):
        return Noise((0.0,), (_LEAST_NOISE,))
    parts = np.array_split(ascending, min(_BINS, max(1, len(ascending) // _LEAST_IN_BIN)))
    middles = tuple(float(np.log(size[part[len(part) // 2]])) for part in parts)
    return Noise(middles, tuple(max(_spread(relative[part]), _LEAST_NOISE) for part in parts))


def _spread(relative: Floats) -> float:
    """Around the median, so that a change that most cells share is not taken for noise."""
    spread = _MAD * float(np.median(np.abs(relative - np.median(relative))))
    return float(spread * (1.0 + len(relative) ** -0.5))  # few cells may look quieter than they are


def _unmoved(size: Floats, ascending: Codes) -> Floats:
    """Let the smallest cells, which hold a thousandth of everything together, say little against."""
    ordered = size[ascending]
    held = np.cumsum(ordered)
    first = ordered[np.searchsorted(held, _SMALL_SHARE * held[-1])] if len(held) else 0.0
    smaller = int(np.searchsorted(ordered, first)) if len(held) else 0
    small = ordered[smaller - 1] if smaller else 0.0  # none when all cells are equally large
    share = np.divide(small, size, out=np.ones_like(size), where=size > 0.0)
    np.maximum(np.minimum(share, _UNMOVED_SMALL, out=share), _UNMOVED, out=share)
    share[size <= 0.0] = 1.0
    return share


def _sample(size: Floats) -> Codes:
    """Give the cells that say something, evenly thinned out to what an estimate needs, the smallest first."""
    known = np.flatnonzero(size)
    if len(known) > _SAMPLE:  # steps of the golden ratio fall in step with no attribute
        known = known[((np.arange(_SAMPLE) * _GOLDEN % 1.0) * len(known)).astype(np.intp)]
    return known[np.argsort(size[known], kind="stable")]
