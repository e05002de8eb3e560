"""Which codes a cell's failures carry when nothing is wrong."""

import numpy as np

from agents.monitor.counts import Tick
from agents.monitor.grow import Reals
from agents.monitor.streams import Flags, Streams
from payments.quantity import Floats

PRIOR_FAILURES = 5.0
"""Failures that the mix of wider segments weighs in a cell's own."""


class CodeMix:
    """Failures by code per cell, slowly forgotten."""

    def __init__(self, memory_ticks: int) -> None:
        self._forget = 1.0 - 1.0 / memory_ticks
        self.failures: Reals = np.zeros((0, 0), dtype=np.float32)
        """Shape (cells, codes)."""

    def grow(self, cells: int, codes: int) -> None:
        """Make room for new cells and codes."""
        rows, columns = self.failures.shape
        if (cells, codes) != (rows, columns):
            self.failures = np.pad(self.failures, ((0, cells - rows), (0, codes - columns)))

    def learn(self, tick: Tick, frozen: Flags) -> None:
        """Take in an increment except for frozen cells."""
        cells, numbers = tick.by_code.places
        taken = ~frozen[cells]
        self.failures *= self._forget
        self.failures[cells[taken], numbers[taken]] += tick.by_code.counts[taken]

    def shares(self, streams: Streams) -> Floats:
        """Give the share of each code in a cell's failures: shape (cells, codes)."""
        by_segment = np.asarray(streams.wide_matrix @ self.failures)
        by_segment /= np.maximum(by_segment.sum(axis=1, keepdims=True), 1e-12)
        prior = np.asarray(streams.wide_matrix.T @ by_segment)
        prior /= np.maximum(prior.sum(axis=1, keepdims=True), 1e-12)
        own = self.failures + PRIOR_FAILURES * prior
        whole = self.failures.sum(axis=1, keepdims=True) + PRIOR_FAILURES
        return np.asarray(own / whole, dtype=np.float64)
