"""How much more counts vary from tick to tick than a fair coin would."""

import numpy as np

from agents.monitor.grow import Reals, padded, within
from agents.monitor.streams import Rows

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
        # Columns lie one after the other in memory: they are learned some at a time.
        self.rho: Reals = np.zeros((0, width), dtype=np.float32)
        self.pool: Reals = np.full((BREADTHS, width), prior)
        self._breadth: Rows = np.zeros(0, dtype=np.intp)
        self._inside = [self._breadth] * BREADTHS
        self._forget = 1.0 - 1.0 / memory_ticks
        self._prior = prior
        self._prior_weight = POOL_TICKS * 2.0 / prior**2
        self.over: Reals = np.zeros((0, width), dtype=np.float32)
        self.weight: Reals = np.zeros((0, width), dtype=np.float32)

    def grow(self, breadth: Rows) -> None:
        """Make room for new streams, given what kind of segment each one is; they start from the pool."""
        if len(self.rho) == len(breadth):
            return
        self.over, self.weight = (
            np.asfortranarray(padded(kept, len(breadth))) for kept in (self.over, self.weight)
        )
        grown = [self.rho, self.pool[breadth[len(self.rho) :]].astype(np.float32)]
        self.rho = np.asfortranarray(np.concatenate(grown))
        self._breadth = breadth
        self._inside = [np.flatnonzero(breadth == one) for one in range(BREADTHS)]

    def learn(
        self, squared: Reals, room: Reals, known: Reals, columns: Rows | slice = slice(None), ticks: int = 1
    ) -> None:
        """Take in squared standardised deviations z^2 of all streams, in some columns every so many ticks.

        `room` is x, zero where there is nothing to learn; `known` is the rho that uncertainty of the
        expectation itself accounts for.
        """
        phi = 1.0 + room * (self.rho[:, columns] + known)
        weight = room / phi**2
        excess = np.minimum(squared, TRIM * phi) - 1.0 - room * known
        keep = self._forget**ticks
        self.over[:, columns] = self.over[:, columns] * keep + weight * excess
        self.weight[:, columns] = self.weight[:, columns] * keep + weight * room

    def refresh(self, columns: Rows | slice = slice(None)) -> None:
        """Bring `rho` up to date in some columns."""
        own_over, own_weight = self.over[:, columns], self.weight[:, columns]
        over, weight = (
            np.array([np.ascontiguousarray(own[inside]).sum(axis=0) for inside in self._inside], np.float64)
            for own in (own_over, own_weight)
        )
        pool = (over + self._prior * self._prior_weight) / (weight + self._prior_weight)
        prior = within(pool, FLOOR, 1.0)
        strength = POOL_TICKS / prior**2
        drawn, given = (part.take(self._breadth, axis=0) for part in (strength * prior, strength))
        self.pool[:, columns] = prior
        self.rho[:, columns] = within((own_over + drawn) / (own_weight + given), FLOOR, 1.0)
