"""What is slow and what is fast for a cell: bins of its latency histogram beyond its learned quantiles."""

import numpy as np
import numpy.typing as npt

from agents.monitor.grow import padded
from agents.monitor.streams import Flags, Rows, Streams
from payments.incident import Floats
from payments.window import LATENCY_BINS, Counts

SLOW_QUANTILE, FAST_QUANTILE = 0.9, 0.1
PRIOR_SAMPLES = 20.0
"""Weight of the wider segments' histograms against a cell's own samples."""


class LatencyBaseline:
    """Histograms per cell, and the bins that count as slow and fast once they are fitted.

    Increments go by turns to the histogram that places the quantiles and to the one that says how many
    samples lie beyond them: counted in the same samples, that share would be too small.
    """

    def __init__(self) -> None:
        self.fitted = False
        self._placing: Floats = np.zeros((0, LATENCY_BINS))
        self._counting: Floats = np.zeros((0, LATENCY_BINS))
        self._slow: npt.NDArray[np.int64] = np.zeros((0, LATENCY_BINS), dtype=np.int64)
        self._fast: npt.NDArray[np.int64] = np.zeros((0, LATENCY_BINS), dtype=np.int64)

    def grow(self, streams: Streams) -> None:
        """Make room for new cells; they take their quantiles from wider segments."""
        new = np.arange(len(self._placing), streams.cells)
        if not len(new):
            return
        self._placing = padded(self._placing, streams.cells)
        self._counting = padded(self._counting, streams.cells)
        self._slow, self._fast = padded(self._slow, streams.cells), padded(self._fast, streams.cells)
        if self.fitted:
            self._place_edges(streams, new)

    def learn(self, latency: Counts, rows: Rows, frozen: Flags) -> None:
        """Add samples, except those of frozen cells."""
        added = np.where(frozen[rows][:, None], 0, latency) if frozen.any() else latency
        self._placing, self._counting = self._counting, self._placing
        if self._is_whole(rows):
            self._counting += added
        else:
            self._counting[rows] += added

    def fit(self, streams: Streams) -> None:
        """Place the quantiles anew, then let half of the histograms be forgotten."""
        self.fitted = bool(self._placing.any() and self._counting.any())
        if self.fitted:
            self._place_edges(streams, np.arange(streams.cells))
            self._placing *= 0.5
            self._counting *= 0.5

    def tails(self, latency: Counts, rows: Rows) -> tuple[Floats, Floats]:
        """Count the slow and the fast samples of each row; all zero before the first fit."""
        whole = self._is_whole(rows)
        slow, fast = (self._slow, self._fast) if whole else (self._slow[rows], self._fast[rows])
        count = "ij,ij->i"
        return np.einsum(count, latency, slow).astype(float), np.einsum(count, latency, fast).astype(float)

    def learned(self) -> tuple[Floats, Floats, Floats]:
        """Give samples, slow and fast ones among what was learned, per cell."""
        return (
            self._counting.sum(axis=1),
            np.einsum("ij,ij->i", self._counting, self._slow),
            np.einsum("ij,ij->i", self._counting, self._fast),
        )

    def _is_whole(self, rows: Rows) -> bool:
        """Every cell in order, as most sources have them: then nothing needs to be picked out."""
        return len(rows) == len(self._placing) and np.array_equal(rows, np.arange(len(rows)))

    def _place_edges(self, streams: Streams, rows: Rows) -> None:
        wide = streams.wide_matrix
        totals = np.asarray(wide @ self._placing)
        shares = totals / np.maximum(totals.sum(axis=1, keepdims=True), 1.0)
        prior = np.asarray(wide.T @ shares)[rows]
        prior /= np.maximum(prior.sum(axis=1, keepdims=True), 1e-12)
        below = np.cumsum(self._placing[rows] + PRIOR_SAMPLES * prior, axis=1)
        below /= np.maximum(below[:, -1:], 1e-12)
        bins = np.arange(LATENCY_BINS)
        self._slow[rows] = bins > np.argmax(below >= SLOW_QUANTILE, axis=1)[:, None]
        self._fast[rows] = bins < np.argmax(below >= FAST_QUANTILE, axis=1)[:, None]
