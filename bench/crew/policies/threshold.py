"""A fixed threshold on the success rate of each attribute value, and one on retries, as monitors have it."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from bench.crew.policies.recent import membership, singles
from payments.segment import Segment
from payments.window import Cells, Window
from simulator.traffic.arrays import Floats


@dataclass(frozen=True)
class ThresholdSettings:
    """The usual settings of success-rate monitors."""

    over_s: float = 300.0
    least_attempts: float = 50.0
    """In that time, below which a segment is not judged."""
    drop: float = 0.10
    """Of the success rate below the usual one, in points of 0..1."""
    retries: float = 1.4
    """Attempts per payment, as a multiple of the usual, from which they are too many."""


@dataclass(frozen=True)
class Alarm:
    """One segment over its threshold."""

    segment: Segment
    drop: float
    """Below the usual success rate."""
    retries: float
    """Attempts per payment, as a multiple of the usual."""


@dataclass
class Threshold:
    """Learns the usual rates in the quiet past, then compares the last minutes with them."""

    settings: ThresholdSettings = field(default_factory=ThresholdSettings)
    _segments: list[Segment] = field(default_factory=list)
    _inside: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _cells: Cells | None = None
    _past: Floats = field(default_factory=lambda: np.zeros((3, 0)))
    _ticks: deque[Floats] = field(default_factory=deque)

    def add(self, window: Window, *, learn: bool) -> None:
        """Take in an increment; what is learned from counts as usual."""
        if self._cells is not window.cells:
            self._start(window.cells)
        decided = window.attempts - window.pending
        payments = window.attempts if window.payments is None else window.payments
        tick = np.stack([decided, window.successes, payments]) @ self._inside.T
        if learn:
            self._past += tick
        self._ticks.append(tick)
        while len(self._ticks) * window.duration_s > self.settings.over_s:
            self._ticks.popleft()

    def alarm(self) -> Alarm | None:
        """Give the segment that is furthest over its threshold, or None."""
        if not self._ticks:
            return None
        attempts, successes, payments = np.sum(self._ticks, axis=0)
        usual_attempts, usual_successes, usual_payments = np.maximum(self._past, 1e-9)
        drop = usual_successes / usual_attempts - successes / np.maximum(attempts, 1.0)
        retries = attempts / np.maximum(payments, 1.0) / (usual_attempts / usual_payments)
        judged = (attempts >= self.settings.least_attempts) & (self._past[0] > 0.0)
        over = np.maximum(drop / self.settings.drop, (retries - 1.0) / (self.settings.retries - 1.0)) * judged
        worst = int(np.argmax(over)) if over.size else -1
        if worst < 0 or over[worst] < 1.0:
            return None
        return Alarm(self._segments[worst], float(drop[worst]), float(retries[worst]))

    def _start(self, cells: Cells) -> None:
        self._cells, self._segments = cells, [Segment({}), *singles(cells)]
        self._inside = membership(self._segments, cells)
        self._past = np.zeros((3, len(self._segments)))
        self._ticks.clear()
