"""How well each group's payments went on each route lately."""

from dataclasses import dataclass

import numpy as np

from bench.crew.policies.dimensions import Tally
from simulator.traffic.arrays import Flags, Floats

_KEPT_TICKS = 1_440
"""Outcomes older than two hours of 5 s say nothing about now, however few came after them."""


class LastOutcomes:
    """Success share over the last outcomes of each group and route, counted in whole ticks.

    The oldest tick goes as soon as the rest still holds `most` outcomes.
    """

    def __init__(self, shape: tuple[int, int], most: float) -> None:
        self._most = most
        self._kept = np.zeros((2, _KEPT_TICKS, shape[0] * shape[1]))
        self._totals = np.zeros((2, shape[0] * shape[1]))
        self._oldest = np.zeros(shape[0] * shape[1], dtype=np.int64)
        self._ticks = 0
        self._shape = shape

    def add(self, tally: Tally) -> None:
        """Take in a tick and let the oldest ones go."""
        if self._ticks >= _KEPT_TICKS:
            self._let_go(self._oldest <= self._ticks - _KEPT_TICKS)
        latest = np.stack([tally.decided.ravel(), tally.succeeded.ravel()])
        self._kept[:, self._ticks % _KEPT_TICKS] = latest
        self._totals += latest
        self._ticks += 1
        while (spare := self._spare()).any():
            self._let_go(spare)

    def _spare(self) -> Flags:
        """Mark the cells whose oldest tick is not needed: (cells,)."""
        decided = self._kept[0, self._oldest % _KEPT_TICKS, np.arange(len(self._oldest))]
        spare: Flags = (self._totals[0] - decided >= self._most) & (self._oldest < self._ticks - 1)
        return spare

    def _let_go(self, cells: Flags) -> None:
        rows = np.flatnonzero(cells)
        self._totals[:, rows] -= self._kept[:, self._oldest[rows] % _KEPT_TICKS, rows]
        self._oldest[rows] += 1

    @property
    def tally(self) -> Tally:
        """What is counted now."""
        decided, succeeded = self._totals.reshape(2, *self._shape)
        return Tally(decided, succeeded)


@dataclass
class Discounted:
    """Outcomes that count less with every tick: half as much after `half_life_ticks`."""

    shape: tuple[int, int]
    half_life_ticks: float

    def __post_init__(self) -> None:
        """Start without any."""
        self._kept = 0.5 ** (1.0 / self.half_life_ticks)
        self._decided: Floats = np.zeros(self.shape)
        self._succeeded: Floats = np.zeros(self.shape)

    def add(self, tally: Tally) -> None:
        """Take in a tick."""
        self._decided = self._kept * self._decided + tally.decided
        self._succeeded = self._kept * self._succeeded + tally.succeeded

    @property
    def tally(self) -> Tally:
        """What is counted now."""
        return Tally(self._decided, self._succeeded)
