"""What is compared: each method turns the failures of a tick into a score per stream."""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agents.monitor.detector import TiltDetector
from agents.monitor.grow import Reals
from agents.monitor.likelihood import Ratios, Shares
from agents.monitor.streams import Rows
from bench.detection.cells import Traffic
from payments.quantity import Floats


class Scorer(Protocol):
    """Independent streams under one method."""

    def step(self, counts: Floats) -> Floats:
        """Take in one tick, shape (streams,); give the scores."""

    def slow_down(self) -> None:
        """Go on from the state that leads to an alarm latest, of those that quiet traffic leads to.

        Where states have no end, it is the one that a hundredth of the streams are beyond.
        """


@dataclass(frozen=True)
class Tabulated:
    """The monitor's own ratios of every possible count, looked up: the same numbers, much faster."""

    table: Ratios
    counts: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]"

    def part(self, rows: slice) -> "Tabulated":
        """Give some of the rows."""
        return Tabulated(self.table, self.counts[rows])

    def ratios(self, level: float) -> Ratios:
        """Look the ratios up."""
        columns = ("log_ratios", "handicap", "alternatives", "beyond")
        return Ratios(*(getattr(self.table, name)[..., self.counts] for name in columns))

    def tilts(self, alternatives: Reals, rows: Rows) -> Reals:
        """Give the alternatives themselves: nobody asks for more here."""
        return alternatives


def table_of(traffic: Traffic, share: float, level: float) -> Ratios:
    """Give the monitor's ratios of 0, 1, ... failures."""
    counts = np.arange(traffic.attempts + 1.0)
    trials, shares, rho = (np.full_like(counts, value) for value in (traffic.attempts, share, traffic.rho))
    return Shares(counts, trials, shares, rho).ratios(level)


FEW = 0.01
"""Share of the streams that are in a slower state than the slowest considered."""


class PayOps:
    """The monitor's detector."""

    def __init__(self, table: Ratios, streams: int, level: float) -> None:
        self._table, self._rows = table, np.arange(streams)
        self._detector = TiltDetector(level)
        self._detector.grow(streams)

    def step(self, counts: Floats) -> Floats:
        """Take in one tick."""
        self._detector.update(self._rows, Tabulated(self._table, counts.astype(np.intp)))
        return self._detector.top.astype(np.float64)

    def slow_down(self) -> None:
        """Go on from no evidence at all."""
        self._detector.reset(np.ones(len(self._rows), dtype=np.bool_))


class Static:
    """A threshold on the failures of one tick, drawn between two numbers of them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def step(self, counts: Floats) -> Floats:
        """Take in one tick."""
        return np.asarray(counts + self._rng.random(len(counts)))

    def slow_down(self) -> None:
        """Do nothing: it remembers nothing."""


class Ewma:
    """Exponentially weighted moving average (Roberts 1959)."""

    def __init__(self, mean: float, weight: float) -> None:
        self._weight = weight
        self._average: Floats | float = mean

    def step(self, counts: Floats) -> Floats:
        """Take in one tick."""
        self._average = self._average + self._weight * (counts - self._average)
        return np.asarray(self._average)

    def slow_down(self) -> None:
        """Go on from a low average."""
        self._average = float(np.quantile(self._average, FEW))


class BurnRate:
    """Error-budget burn over a long and a short window, both of which must be high (SRE workbook, ch. 5)."""

    def __init__(self, long: int, mean: float, rng: np.random.Generator) -> None:
        self._recent: deque[Floats | float] = deque([mean] * long, maxlen=long)
        self._rng = rng

    def step(self, counts: Floats) -> Floats:
        """Take in one tick; the threshold lies between two numbers of failures."""
        self._recent.append(counts)
        between = self._rng.random(len(counts))
        long = len(self._recent)
        return np.asarray(np.minimum(counts + between, (sum(self._recent) + between) / long))

    def slow_down(self) -> None:
        """Go on from a long window with few failures."""
        recent = np.array(self._recent)
        burnt = recent.sum(axis=0)
        stream = np.argsort(burnt)[int(FEW * len(burnt))]
        self._recent.extend(recent[:, stream].tolist())


class PageHinkley:
    """river.drift.PageHinkley(mode="up") over many streams at once; a test holds it to river's numbers."""

    def __init__(self, delta: float, alpha: float = 0.9999, least: int = 30) -> None:
        self._delta, self._alpha, self._least = delta, alpha, least
        self._seen = 0
        self._mean: Floats | float = 0.0
        self._sum: Floats | float = 0.0
        self._lowest: Floats | float = np.inf

    def step(self, counts: Floats) -> Floats:
        """Take in one tick."""
        self._seen += 1
        self._mean = self._mean + (counts - self._mean) / self._seen
        self._sum = self._alpha * self._sum + counts - self._mean - self._delta
        self._lowest = np.minimum(self._lowest, self._sum)
        return self._sum - self._lowest if self._seen >= self._least else np.zeros_like(counts)

    def slow_down(self) -> None:
        """Go on from sums at their lowest, of means as they are."""
        self._lowest = self._sum
