"""The last increments, in order of time, and what may join them."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from agents.monitor.counts import Tick
from agents.monitor.grow import Reals
from payments.quantity import Floats

Place = Literal["next", "late", "twice", "too_old"]

RECENT = 16
"""Increments taken last whose counts are at hand: nearly all questions are about these."""


class Ring:
    """Increments by start; the newest `capacity` are kept."""

    def __init__(self, capacity: int, tick_s: float) -> None:
        self._capacity = capacity
        self._tick = timedelta(seconds=tick_s)
        self._ticks: list[Tick] = []
        self._starts: list[datetime] = []
        self._recent: deque[Tick] = deque()

    def __len__(self) -> int:
        return len(self._ticks)

    @property
    def end(self) -> datetime | None:
        """The first instant after the newest increment; None when empty."""
        return self._starts[-1] + self._tick if self._starts else None

    def place(self, start: datetime) -> Place:
        """Say where an increment belongs: after the newest, between others, on top of one, or nowhere."""
        end = self.end
        if end is None or start >= end:
            return "next"
        if start < end - self._tick * self._capacity:
            return "too_old"
        at = bisect_left(self._starts, start)
        overlaps_next = at < len(self._starts) and self._starts[at] < start + self._tick
        overlaps_last = at > 0 and self._starts[at - 1] + self._tick > start
        return "twice" if overlaps_next or overlaps_last else "late"

    def add(self, tick: Tick) -> None:
        """Put an increment in its place; the oldest makes room."""
        at = bisect_left(self._starts, tick.start)
        self._starts.insert(at, tick.start)
        self._ticks.insert(at, tick)
        self._recent.append(tick)
        if len(self._recent) > RECENT:
            self._recent.popleft().put_away()
        if len(self._ticks) > self._capacity:
            del self._ticks[0], self._starts[0]

    def clear(self) -> None:
        """Forget all increments."""
        self._ticks.clear()
        self._starts.clear()

    def since(self, start: datetime | None) -> Sequence[Tick]:
        """Give the increments that start at an instant or later; all without one."""
        return self._ticks if start is None else self._ticks[bisect_left(self._starts, start) :]


def total(ticks: Sequence[Tick], column: Callable[[Tick], Reals], cells: int) -> Floats:
    """Add a column of shape (rows, ...) up over increments, with zero rows for cells that came later."""
    summed = np.zeros((cells, *column(ticks[0]).shape[1:]))
    for tick in ticks:
        summed[: tick.cells] += column(tick)
    return summed
