"""What came after its increment was read: counted again a minute later, and told."""

from collections import deque
from typing import TYPE_CHECKING

from payments.window import Window
from tools.sources.stream.pace import instant, micros
from tools.sources.stream.reader import ATTEMPTS, TICK, Reader, Stretch

if TYPE_CHECKING:
    import pyarrow as pa

TICKS_COMPARED = 12
TOLD_ABOVE = 0.01
"""Share of late payments from which people are told."""


class Latecomers:
    """Compares each dozen increments with what the source holds of them a dozen increments later."""

    def __init__(self, tick_us: int, delay_s: float) -> None:
        self._tick_us = tick_us
        self._delay_s = delay_s
        self._given: deque[tuple[int, int]] = deque(maxlen=2 * TICKS_COMPARED)

    def gave(self, window: Window) -> None:
        """Remember how much was in a window when it was read."""
        self._given.append((micros(window.start), int(window.attempts.sum())))

    def look(self, reader: Reader) -> str | None:
        """Count the older half again once it is full; gives what people should hear.

        Raises:
            SourceDown: the source does not answer.
        """
        if len(self._given) < 2 * TICKS_COMPARED:
            return None
        older = dict([self._given.popleft() for _ in range(TICKS_COMPARED)])
        since, until = min(older), max(older) + self._tick_us
        now = _by_tick(reader.totals(Stretch(since, until, self._tick_us)))
        late = sum(max(0, now.get(tick, 0) - then) for tick, then in older.items())
        total = sum(max(now.get(tick, 0), then) for tick, then in older.items())
        if late <= TOLD_ABOVE * total:
            return None
        return (
            f"{late:,} of {total:,} payments from {instant(since):%H:%M:%S} to {instant(until):%H:%M:%S} "
            f"came more than {self._delay_s:g} s late and were not judged: set SOURCE_DELAY_SEC higher"
        )


def _by_tick(totals: "pa.Table") -> dict[int, int]:
    ticks, attempts = totals.column(TICK).to_pylist(), totals.column(ATTEMPTS).to_pylist()
    return {int(tick): int(count) for tick, count in zip(ticks, attempts, strict=True)}
