"""What an average attempt is worth."""

import numpy as np

from agents.monitor.grow import Reals, padded
from agents.monitor.streams import Rows, Streams
from payments.window import Window


class Amounts:
    """The amount of an average attempt of each cell, in minor units, slowly forgotten."""

    def __init__(self, memory_ticks: int) -> None:
        self._forget = 1.0 - 1.0 / memory_ticks
        self.sums: Reals = np.zeros((0, 2), dtype=np.float32)
        """Amount and attempts: shape (cells, 2)."""
        self.currency: str | None = None
        """Of the latest amounts; not kept between runs, for the first increment tells it again."""

    def grow(self, cells: int) -> None:
        """Make room for new cells."""
        self.sums = padded(self.sums, cells)

    def learn(self, window: Window, streams: Streams) -> None:
        """Take in an increment; nothing when the source knows no amounts."""
        if window.amount_minor is None:
            return
        rows = streams.places(window.cells)
        self.currency = window.currency
        self.sums *= self._forget
        self.sums[rows, 0] += window.amount_minor
        self.sums[rows, 1] += window.attempts

    def average(self, rows: Rows) -> float | None:
        """Give the average amount of an attempt in some cells; None when none is known."""
        amount, attempts = self.sums[rows].sum(axis=0, dtype=np.float64)
        return float(amount / attempts) if attempts else None
