"""Payments for the monitor's tests: binomial outcomes with beta noise, a slow season, faults on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import numpy.typing as npt

from payments.segment import Segment
from payments.window import LATENCY_BINS, Cells, Window

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VALUES = {
    "issuer": ("axis", "hdfc", "icici", "sbi"),
    "method": ("card", "upi"),
    "psp": ("alpha", "beta", "gamma"),
}
CODES = ("91", "05", "51")
DAY_S = 86_400.0


def grid(values: Mapping[str, tuple[str, ...]] = VALUES) -> Cells:
    """Give every combination of the values as a cell."""
    return Cells(attributes=tuple(values), keys=tuple(product(*values.values())))


@dataclass
class Traffic:
    """A feed of increments; `fault` of a call replaces the failure rate inside a segment."""

    seed: int = 1
    per_tick: float = 600.0
    tick_s: float = 5.0
    cells: Cells = field(default_factory=grid)
    rate: float = 0.08
    ticks: int = 0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.weights = self.rng.dirichlet(np.full(len(self.cells), 2.0))
        self.rates = np.clip(self.rate * np.exp(self.rng.normal(0.0, 0.25, len(self.cells))), 0.005, 0.6)
        self.latency = self.rng.dirichlet(np.full(12, 1.0))

    def next(
        self,
        fault: tuple[Segment, float] | None = None,
        code: str = "91",
        volume: tuple[Segment, float] | None = None,
        pending: tuple[Segment, float] | None = None,
        repeats: tuple[Segment, float] | None = None,
        slow: Segment | None = None,
    ) -> Window:
        """Make the next increment."""
        attempts = self.rng.poisson(self._volume(volume))
        rates = self._inside(fault, self.rates)
        noise = 1.0 / 0.003 - 1.0
        failures = self.rng.binomial(attempts, self.rng.beta(rates * noise, (1.0 - rates) * noise))
        waits = self.rng.binomial(attempts - failures, self._inside(pending, np.full(len(rates), 0.002)))
        again = self.rng.binomial(attempts, self._inside(repeats, np.full(len(rates), 0.04)))
        window = Window(
            start=START + timedelta(seconds=self.ticks * self.tick_s),
            duration_s=self.tick_s,
            cells=self.cells,
            attempts=attempts,
            successes=attempts - failures - waits,
            pending=waits,
            payments=attempts - again,
            codes=CODES,
            failures_by_code=self._by_code(failures, fault, code),
            latency=self._latency(attempts, slow),
        )
        self.ticks += 1
        return window

    def _season(self) -> float:
        return 1.0 + 0.4 * float(np.sin(2 * np.pi * self.ticks * self.tick_s / DAY_S))

    def _volume(self, change: tuple[Segment, float] | None) -> npt.NDArray[np.float64]:
        wave = self._season() * float(np.exp(self.rng.normal(0.0, 0.03)))
        factor = self._inside(change, np.ones(len(self.cells)))
        return self.weights * self.per_tick * wave * factor

    def _inside(
        self, change: tuple[Segment, float] | None, values: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        if change is None:
            return values
        return np.where(self.cells.mask(change[0]), change[1], values)

    def _by_code(
        self, failures: npt.NDArray[np.int64], fault: tuple[Segment, float] | None, code: str
    ) -> npt.NDArray[np.int64]:
        normal = self.rng.multinomial(failures, [0.1, 0.5, 0.4])
        if fault is None:
            return normal
        only = np.zeros_like(normal)
        only[:, CODES.index(code)] = failures
        return np.where(self.cells.mask(fault[0])[:, None], only, normal)

    def _latency(self, attempts: npt.NDArray[np.int64], slow: Segment | None) -> npt.NDArray[np.int64]:
        histogram = np.zeros((len(attempts), LATENCY_BINS), dtype=np.int64)
        histogram[:, 10:22] = self.rng.multinomial(attempts, self.latency)
        if slow is None:
            return histogram
        return np.where(self.cells.mask(slow)[:, None], np.roll(histogram, 12, axis=1), histogram)
