"""What is slow and what is fast for a cell: bins of its latency histogram beyond its learned quantiles."""

import numpy as np
import numpy.typing as npt

from agents.monitor.streams import Flags, Rows, Streams
from payments.incident import Floats
from payments.window import LATENCY_BINS, Counts

SLOW_QUANTILE, FAST_QUANTILE = 0.9, 0.1
PRIOR_SAMPLES = 20.0
"""Weight of the wider segments' histograms against a cell's own samples."""


class LatencyBaseline:
    """Histograms per cell, and the bins that count as slow and fast once they are fitted."""

    def __init__(self) -> None:
        self.fitted = False
        self.histogram: Floats = np.zeros((0, LATENCY_BINS))
        self._slow: npt.NDArray[np.int64] = np.zeros((0, LATENCY_BINS), dtype=np.int64)
        self._fast: npt.NDArray[np.int64] = np.zeros((0, LATENCY_BINS), dtype=np.int64)

    def grow(self, streams: Streams) -> None:
        """Make room for new cells; they take their quantiles from wider segments."""
        new = np.arange(len(self.histogram), streams.cells)
        if not len(new):
            return
        room = np.zeros((len(new), LATENCY_BINS))
        self.histogram = np.concatenate([self.histogram, room])
        self._slow = np.concatenate([self._slow, room.astype(np.int64)])
        self._fast = np.concatenate([self._fast, room.astype(np.int64)])
        if self.fitted:
            self._place_edges(streams, new)

    def learn(self, latency: Counts, rows: Rows, frozen: Flags) -> None:
        """Add samples, except those of frozen cells."""
        added = np.where(frozen[rows][:, None], 0, latency) if frozen.any() else latency
        if self._is_whole(rows):
            self.histogram += added
        else:
            self.histogram[rows] += added

    def fit(self, streams: Streams) -> None:
        """Place the quantiles anew, then let half of the histograms be forgotten."""
        self.fitted = bool(self.histogram.any())
        if self.fitted:
            self._place_edges(streams, np.arange(streams.cells))
            self.histogram *= 0.5

    def tails(self, latency: Counts, rows: Rows) -> tuple[Floats, Floats]:
        """Count the slow and the fast samples of each row; all zero before the first fit."""
        whole = self._is_whole(rows)
        slow, fast = (self._slow, self._fast) if whole else (self._slow[rows], self._fast[rows])
        count = "ij,ij->i"
        return np.einsum(count, latency, slow).astype(float), np.einsum(count, latency, fast).astype(float)

    def learned(self) -> tuple[Floats, Floats, Floats]:
        """Give samples, slow and fast ones among what was learned, per cell."""
        return (
            self.histogram.sum(axis=1),
            np.einsum("ij,ij->i", self.histogram, self._slow),
            np.einsum("ij,ij->i", self.histogram, self._fast),
        )

    def _is_whole(self, rows: Rows) -> bool:
        """Every cell in order, as most sources have them: then nothing needs to be picked out."""
        return len(rows) == len(self.histogram) and np.array_equal(rows, np.arange(len(rows)))

    def _place_edges(self, streams: Streams, rows: Rows) -> None:
        wide = streams.wide_matrix
        totals = np.asarray(wide @ self.histogram)
        shares = totals / np.maximum(totals.sum(axis=1, keepdims=True), 1.0)
        prior = np.asarray(wide.T @ shares)[rows]
        prior /= np.maximum(prior.sum(axis=1, keepdims=True), 1e-12)
        below = np.cumsum(self.histogram[rows] + PRIOR_SAMPLES * prior, axis=1)
        below /= np.maximum(below[:, -1:], 1e-12)
        bins = np.arange(LATENCY_BINS)
        self._slow[rows] = bins > np.argmax(below >= SLOW_QUANTILE, axis=1)[:, None]
        self._fast[rows] = bins < np.argmax(below >= FAST_QUANTILE, axis=1)[:, None]
