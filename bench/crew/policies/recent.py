"""What dashboards add up: the last minutes by cell, and the usual rates of the quiet past."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from payments.segment import Segment
from payments.window import Cells, Window
from simulator.traffic.arrays import Flags, Floats


@dataclass(frozen=True)
class Counts:
    """Sums over some increments, by cell: (cells,)."""

    attempts: Floats
    successes: Floats
    payments: Floats
    """Unique payments."""

    @classmethod
    def of(cls, windows: Sequence[Window]) -> Self:
        """Add up increments, of which there is at least one; what is pending counts for nothing."""
        return cls(
            np.sum([w.attempts - w.pending for w in windows], axis=0, dtype=np.float64),
            np.sum([w.successes for w in windows], axis=0, dtype=np.float64),
            np.sum([w.attempts if w.payments is None else w.payments for w in windows], axis=0, dtype=float),
        )

    def plus(self, other: "Counts") -> "Counts":
        """Add other counts of the same cells."""
        return Counts(
            self.attempts + other.attempts, self.successes + other.successes, self.payments + other.payments
        )

    def within(self, cells: Flags) -> "Counts":
        """Keep only these cells."""
        return Counts(self.attempts[cells], self.successes[cells], self.payments[cells])

    @property
    def rate(self) -> float:
        """Share of the attempts that succeeded."""
        return float(self.successes.sum()) / max(1.0, float(self.attempts.sum()))


@dataclass
class Recent:
    """The last increments, so many seconds of them."""

    for_s: float
    windows: deque[Window] = field(default_factory=deque)

    def add(self, window: Window) -> None:
        """Take in an increment and drop what is older."""
        self.windows.append(window)
        while len(self.windows) * window.duration_s > self.for_s:
            self.windows.popleft()

    @property
    def full(self) -> bool:
        """Whether the time is covered."""
        return bool(self.windows) and (len(self.windows) + 1) * self.windows[0].duration_s > self.for_s


def singles(cells: Cells) -> list[Segment]:
    """Give the segments of one attribute value each, those that are all payments left out."""
    values = {name: dict.fromkeys(key[i] for key in cells.keys) for i, name in enumerate(cells.attributes)}
    return [Segment({name: value}) for name, found in values.items() if len(found) > 1 for value in found]


def pairs(cells: Cells) -> list[Segment]:
    """Give the segments of two attribute values each."""
    one = singles(cells)
    return [
        Segment({**first.root, **second.root})
        for number, first in enumerate(one)
        for second in one[number + 1 :]
        if set(first.root).isdisjoint(second.root)
    ]


def membership(segments: Sequence[Segment], cells: Cells) -> Floats:
    """Mark with 1 which cells lie in which segment: (segments, cells)."""
    marks = {one: cells.mask(one) for segment in segments for one in _values(segment)}
    every = np.ones(len(cells), dtype=np.bool_)
    rows = [np.logical_and.reduce([every, *(marks[one] for one in _values(segment))]) for segment in segments]
    return np.array(rows, dtype=np.float64)


def _values(segment: Segment) -> list[Segment]:
    return [Segment({name: value}) for name, value in segment.root.items()]
