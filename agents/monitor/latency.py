"""What is slow and what is fast for a cell: bins of its latency histogram beyond its learned quantiles."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from agents.monitor.grow import Reals, padded
from agents.monitor.kinds import FAST_QUANTILE, SLOW_QUANTILES
from agents.monitor.streams import Flags, Rows, Streams
from payments.quantity import Counts, Floats
from payments.window import LATENCY_BINS

QUANTILES = (*SLOW_QUANTILES.values(), FAST_QUANTILE)
PRIOR_SAMPLES = 20.0
"""Weight of the wider segments' histograms against a cell's own samples."""

Edges = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Samples:
    """The filled places of latency histograms."""

    cells: Rows
    bins: Rows
    counts: npt.NDArray[Any]

    @classmethod
    def of(cls, latency: Counts | None, rows: Rows) -> Self:
        """Pick the filled places out of a table of shape (cells, LATENCY_BINS)."""
        if latency is None:
            none = np.zeros(0, dtype=np.intp)
            return cls(none, none, none)
        filled = np.flatnonzero(latency != 0)
        places, bins = np.divmod(filled, LATENCY_BINS)
        return cls(rows[places], bins, latency.ravel()[filled])

    def by_cell(self, cells: int) -> Floats:
        """Count the samples of each cell."""
        return np.bincount(self.cells, self.counts, cells).astype(np.float64, copy=False)

    def histogram(self) -> Floats:
        """Add up all cells: shape (LATENCY_BINS,)."""
        return np.bincount(self.bins, self.counts, LATENCY_BINS).astype(np.float64, copy=False)

    def where(self, kept: Flags) -> Self:
        """Keep some of the places."""
        return type(self)(self.cells[kept], self.bins[kept], self.counts[kept])


class LatencyBaseline:
    """Histograms per cell, and the bins beyond which samples count as slow or fast once they are fitted.

    Increments go by turns to the histogram that places the quantiles and to the one that says how many
    samples lie beyond them: counted in the same samples, that share would be too small.
    """

    def __init__(self) -> None:
        self.fitted = False
        self.placing: Reals = np.zeros((0, LATENCY_BINS), dtype=np.float32)
        self.counting: Reals = np.zeros((0, LATENCY_BINS), dtype=np.float32)
        self.edges: Edges = np.zeros((0, len(QUANTILES)), dtype=np.int8)
        """The bin that each quantile lies in: shape (cells, quantiles)."""

    def grow(self, streams: Streams) -> None:
        """Make room for new cells; they take their quantiles from wider segments."""
        new = np.arange(len(self.placing), streams.cells)
        if not len(new):
            return
        self.placing, self.counting = (
            padded(self.placing, streams.cells),
            padded(self.counting, streams.cells),
        )
        self.edges = padded(self.edges, streams.cells)
        if self.fitted:
            self._place_edges(streams, new)

    def learn(self, samples: Samples, frozen: Flags) -> None:
        """Add samples, except those of frozen cells."""
        taken = samples.where(~frozen[samples.cells]) if frozen.any() else samples
        self.placing, self.counting = self.counting, self.placing
        self.counting[taken.cells, taken.bins] += taken.counts

    def fit(self, streams: Streams) -> None:
        """Place the quantiles anew, then let half of the histograms be forgotten."""
        self.fitted = bool(self.placing.any() and self.counting.any())
        if self.fitted:
            self._place_edges(streams, np.arange(streams.cells))
            self.placing *= 0.5
            self.counting *= 0.5

    def tails(self, samples: Samples, cells: int) -> Floats:
        """Count the samples beyond each quantile: shape (cells, quantiles); all zero before the first fit."""
        width = len(QUANTILES)
        if not self.fitted:
            return np.zeros((cells, width))
        beyond = _beyond(samples.bins[:, None], self.edges.take(samples.cells, axis=0))
        places = samples.cells[:, None] * width + np.arange(width)
        tails = np.bincount(places.ravel(), (samples.counts[:, None] * beyond).ravel(), cells * width)
        return tails.reshape(cells, width).astype(np.float64, copy=False)

    def learned(self) -> tuple[Reals, Reals]:
        """Give samples, and how many of them lie beyond each quantile, among what was learned, per cell."""
        bins = np.arange(LATENCY_BINS)[None, :]
        tails = np.empty((len(self.counting), len(QUANTILES)))
        for column in range(len(QUANTILES)):
            edge = self.edges[:, column, None]
            beyond = bins < edge if QUANTILES[column] == FAST_QUANTILE else bins > edge
            tails[:, column] = np.einsum("ij,ij->i", self.counting, beyond)
        return self.counting.sum(axis=1), tails

    def _place_edges(self, streams: Streams, rows: Rows) -> None:
        wide = streams.wide_matrix
        totals = np.asarray(wide @ self.placing)
        shares = totals / np.maximum(totals.sum(axis=1, keepdims=True), 1.0)
        prior = np.asarray(wide.T @ shares)[rows]
        prior /= np.maximum(prior.sum(axis=1, keepdims=True), 1e-12)
        below = np.cumsum(self.placing[rows] + PRIOR_SAMPLES * prior, axis=1)
        below /= np.maximum(below[:, -1:], 1e-12)
        for column, quantile in enumerate(QUANTILES):
            self.edges[rows, column] = np.argmax(below >= quantile, axis=1)


def _beyond(bins: Rows, edges: Edges) -> Flags:
    slow = bins > edges
    slow[:, -1] = bins[:, 0] < edges[:, -1]
    return slow
