"""A source in memory: payments that a test puts there, an outage that it orders, a clock that it turns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from tools.sources.stream.pace import Pace, micros
from tools.sources.stream.reader import SourceDown, Stretch
from tools.sources.stream.rows import table_of
from tools.sources.stream.source import StreamSource

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PACE = Pace(tick_s=5.0, delay_s=5.0, history_s=0.0, catch_up_s=7_200.0)
NAMES = ("tick", "d0", "d1", "code", "bin", "attempts", "successes", "pending", "payments", "unknown")

Payment = tuple[datetime, str, str, str]
"""Time, route, method, and the code of a failure or nothing."""


@dataclass
class Clock:
    """Tells the time that a test sets; sleeping moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Memory:
    """Implements `Reader` over a list."""

    payments: list[Payment] = field(default_factory=list)
    down: str = ""
    """What is wrong; nothing while the source answers."""
    asked: int = 0
    feed: str = "memory"
    attributes: tuple[str, ...] = ("psp", "method")

    def counts(self, stretch: Stretch) -> pa.Table:
        rows = Counter((tick, *rest) for tick, *rest in self._placed(stretch))
        return table_of(
            NAMES,
            [
                (tick, psp, method, code, -1, count, 0 if code else count, 0, count, 0)
                for (tick, psp, method, code), count in rows.items()
            ],
        )

    def totals(self, stretch: Stretch) -> pa.Table:
        rows = Counter(tick for tick, *_ in self._placed(stretch))
        return table_of(("tick", "attempts"), list(rows.items()))

    def collect_notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self.down = "closed"

    def _placed(self, stretch: Stretch) -> Sequence[tuple[int, str, str, str]]:
        self.asked += 1
        if self.down:
            raise SourceDown(self.down)
        return [
            (
                stretch.since_us + (micros(at) - stretch.since_us) // stretch.tick_us * stretch.tick_us,
                psp,
                method,
                code,
            )
            for at, psp, method, code in self.payments
            if stretch.since_us <= micros(at) < stretch.until_us
        ]


@dataclass
class Kept:
    """Implements `Positions` in memory."""

    until_us: dict[str, int] = field(default_factory=dict)

    def get(self, feed: str) -> int | None:
        return self.until_us.get(feed)

    def keep(self, feed: str, until_us: int) -> None:
        self.until_us[feed] = until_us


def steady(start: datetime, seconds: int, code: str = "") -> list[Payment]:
    """Give one payment a second."""
    return [
        (start + timedelta(seconds=second, milliseconds=1), "a", "card", code) for second in range(seconds)
    ]


def following(memory: Memory, clock: Clock, kept: Kept | None = None, pace: Pace = PACE) -> StreamSource:
    return StreamSource(memory, pace, clock, kept, sleep=clock.sleep)
