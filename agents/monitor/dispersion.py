"""How much more counts vary from tick to tick than a fair coin would."""

import numpy as np

from agents.monitor.grow import padded
from agents.monitor.streams import Rows
from payments.incident import Floats

TRIM = 9.0
"""Squared standardised deviations count up to this many times their expectation."""
POOL_TICKS = 10.0
"""Ticks of plentiful data that the pool weighs against a stream's own."""
FLOOR = 1e-5
BREADTHS = 3


class Dispersion:
    """Intra-class correlation rho per stream and kind: variance = binomial x (1 + x rho), x = trials - 1.

    Weighted trimmed moments, `sum w (z^2 - 1) / sum w x` with `w = x / (1 + x rho)^2`, shrunk to the pool of
    all streams of the kind and breadth: one payer's repeated attempts make a cell vary more than a route.
    For counts without trials take `variance = mean (1 + mean rho)`, x = mean.
    """

    def __init__(self, width: int, memory_ticks: float, prior: float) -> None:
        self.rho: Floats = np.zeros((0, width))
        self.pool: Floats = np.full((BREADTHS, width), prior)
        self._breadth: Rows = np.zeros(0, dtype=np.intp)
        self._forget = 1.0 - 1.0 / memory_ticks
        self._prior = prior
        self._prior_weight = POOL_TICKS * 2.0 / prior**2
        self._over: Floats = np.zeros((0, width))
        self._weight: Floats = np.zeros((0, width))

    def grow(self, breadth: Rows) -> None:
        """Make room for new streams, given what kind of segment each one is; they start from the pool."""
        self._over, self._weight = padded(self._over, len(breadth)), padded(self._weight, len(breadth))
        self.rho = np.concatenate([self.rho, self.pool[breadth[len(self.rho) :]]])
        self._breadth = breadth

    def learn(self, squared: Floats, room: Floats, known: Floats) -> None:
        """Take in squared standardised deviations z^2 of the first rows.

        `room` is x, zero where there is nothing to learn; `known` is the rho that uncertainty of the
        expectation itself accounts for.
        """
        rows = slice(0, len(squared))
        phi = 1.0 + room * (self.rho[rows] + known)
        weight = room / phi**2
        excess = np.minimum(squared, TRIM * phi) - 1.0 - room * known
        self._over *= self._forget
        self._weight *= self._forget
        self._over[rows] += weight * excess
        self._weight[rows] += weight * room

    def refresh(self) -> None:
        """Bring `rho` up to date."""
        over, weight = np.zeros_like(self.pool), np.zeros_like(self.pool)
        np.add.at(over, self._breadth, self._over)
        np.add.at(weight, self._breadth, self._weight)
        pool = (over + self._prior * self._prior_weight) / (weight + self._prior_weight)
        self.pool = np.clip(pool, FLOOR, 1.0)
        prior = self.pool[self._breadth]
        strength = POOL_TICKS / prior**2
        self.rho = np.clip((self._over + strength * prior) / (self._weight + strength), FLOOR, 1.0)
