"""A source that is asked again and again: follows the wall clock, survives an outage, and catches up."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from payments.errors import PayOpsError
from payments.window import Cells, Window
from tools.sources.stream.late import Latecomers
from tools.sources.stream.pace import Pace, Retry, instant, micros
from tools.sources.stream.position import Positions
from tools.sources.stream.reader import Reader
from tools.sources.stream.windows import Assembler

RECENT_S: Final = 60.0
"""Stretch of the last increments that tells load and success rate of the routes; at least one of them."""


class StreamSource:
    """Implements `Source` over a `Reader`.

    An increment is read once, `delay_s` after its end. What was missed, by an outage or while nobody watched,
    is read in order afterwards, as far back as `catch_up_s`. With `stretch` (its first instant and its end)
    what is stored is replayed instead: at full speed, without the increments in which nothing happened.
    """

    def __init__(
        self,
        reader: Reader,
        pace: Pace,
        clock: Callable[[], datetime],
        positions: Positions | None = None,
        *,
        stretch: tuple[datetime, datetime] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.reader = reader
        self.outage = Retry()
        self._pace, self._clock, self._positions, self._sleep = pace, clock, positions, sleep
        self._assembler = Assembler(reader.attributes)
        self._late = Latecomers(pace.tick_us, pace.delay_s)
        self._ready: deque[Window] = deque()
        self._recent: deque[Window] = deque(maxlen=max(1, round(RECENT_S / pace.tick_s)))
        self._notes: list[str] = []
        self._end_us = None if stretch is None else pace.floor(stretch[1]) + pace.tick_us
        self._began = stretch is not None
        self._went_on = False
        self._next_us = 0 if stretch is None else pace.floor(stretch[0])

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self.reader.feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self._pace.tick_s

    @property
    def cells(self) -> Cells:
        """All cells seen so far."""
        return self._assembler.cells

    @property
    def recent(self) -> tuple[Window, ...]:
        """The last increments read, about a minute or one increment, oldest first."""
        return tuple(self._recent)

    def history(self) -> Iterable[Window]:
        """Give the past to learn from; nothing where a watch goes on, for what it learned is kept.

        Raises:
            SourceDown: the source does not answer.
        """
        self._begin()
        if self._end_us is not None or self._went_on:
            return
        since_us = (
            self._next_us - round(self._pace.history_s * 1e6) // self._pace.tick_us * self._pace.tick_us
        )
        while since_us < self._next_us:
            stretch = self._pace.next(since_us, self._next_us)
            yield from self._assembler.windows(self.reader.counts(stretch), stretch)
            since_us = stretch.until_us

    def wait_s(self) -> float:
        """Give the seconds until it is worth asking again; 0 when `read` answers at once.

        An outage is kept in `outage` while it lasts; afterwards there is a note.
        """
        self._begin()
        while not self._ready:
            now = self._clock()
            until_us = self._end_us if self._end_us is not None else self._pace.settled_us(now)
            if self._next_us >= until_us:
                return 0.0 if self._end_us is not None else self._until_settled_s(now)
            if self.outage.wait_s(now) or not self._fetch(now, until_us):
                return self.outage.wait_s(now)
        return 0.0

    def read(self) -> Window | None:
        """Give the next increment, waiting for it; None at the end of what is stored."""
        while wait_s := self.wait_s():
            self._sleep(wait_s)
        if not self._ready:
            return None
        window = self._ready.popleft()
        self._recent.append(window)
        if self._end_us is None:
            self._late.gave(window)
            self._keep(window)
        return window

    def collect_notes(self) -> tuple[str, ...]:
        """Give what people should know since the last call."""
        notes = (*self._notes, *self.reader.collect_notes(), *self._assembler.collect_notes())
        self._notes.clear()
        return notes

    def close(self) -> None:
        """Let go of the source."""
        self.reader.close()

    def _begin(self) -> None:
        """Go on where the last watch stopped, as far back as is read at all; else begin now.

        Not before the first question: until then another worker may be reading this feed.
        """
        if self._began:
            return
        settled_us = self._pace.settled_us(self._clock())
        kept_us = None if self._positions is None else self._positions.get(self.feed)
        self._began, self._went_on, self._next_us = True, kept_us is not None, settled_us
        if kept_us is not None:
            last_us = kept_us // self._pace.tick_us * self._pace.tick_us
            self._next_us = self._not_too_old(last_us, settled_us)

    def _not_too_old(self, next_us: int, settled_us: int) -> int:
        oldest_us = settled_us - round(self._pace.catch_up_s * 1e6) // self._pace.tick_us * self._pace.tick_us
        if next_us < oldest_us:
            self._notes.append(
                f"payments from {instant(next_us).isoformat()} to {instant(oldest_us).isoformat()} were not "
                f"read: SOURCE_CATCH_UP_SEC is {self._pace.catch_up_s:g}"
            )
        return max(next_us, oldest_us)

    def _fetch(self, now: datetime, until_us: int) -> bool:
        if self._end_us is None:
            self._next_us = self._not_too_old(self._next_us, until_us)
        stretch = self._pace.next(self._next_us, until_us)
        try:
            counts = self.reader.counts(stretch)
            late = self._late.look(self.reader)
            windows = list(self._assembler.windows(counts, stretch))
        except PayOpsError as error:
            self.outage.failed(now, str(error))
            return False
        lasted = self.outage.succeeded(now)
        if lasted is not None:
            self._notes.append(f"the source is back after {lasted}; what was missed is read now")
        self._notes += [late] if late else []
        self._next_us = stretch.until_us
        self._ready.extend(one for one in windows if self._end_us is None or one.attempts.any())
        return True

    def _until_settled_s(self, now: datetime) -> float:
        due_us = self._next_us + self._pace.tick_us + round(self._pace.delay_s * 1e6)
        return max(0.001, (due_us - micros(now)) / 1e6)

    def _keep(self, window: Window) -> None:
        """Keep where this increment begins: it is read again if what follows from it is cut short."""
        if self._positions is not None:
            self._positions.keep(self.feed, micros(window.start))
