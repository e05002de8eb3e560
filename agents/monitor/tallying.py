"""Counts of segments over kept increments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from agents.monitor.counts import Tick
from agents.monitor.grow import Reals
from agents.monitor.kinds import FAILURES, PENDING, REPEATS
from agents.monitor.learned import Learned
from agents.monitor.ring import total
from agents.monitor.streams import Rows
from payments.quantity import Floats
from payments.segment import Segment
from payments.tally import Tally


def tallies_of(ticks: Sequence[Tick], segments: Sequence[Segment], learned: Learned) -> tuple[Tally, ...]:
    """Count segments over increments, with what is expected of the attempts they really had."""
    sums = [_Sums.of(segment, learned) for segment in segments]
    for tick in ticks:
        attempts, counts = tick.attempts.full(), tick.counts.full()
        for one in sums:
            one.add(attempts, counts)
    counts_payments = bool(ticks) and all(tick.has_payments for tick in ticks)
    return tuple(one.tally(len(ticks), counts_payments=counts_payments) for one in sums)


def attempts_of(ticks: Sequence[Tick], segments: Sequence[Segment], learned: Learned) -> tuple[int, ...]:
    """Count the attempts alone."""
    if not ticks:
        return (0,) * len(segments)
    attempts = total(ticks, lambda tick: tick.attempts.full(), learned.streams.cells)
    return tuple(round(float(attempts.take(learned.streams.rows_in(one)).sum())) for one in segments)


@dataclass
class _Sums:
    """A segment's cells with what is expected of them, and their counts added up."""

    rows: Rows
    level: float
    failing: Reals
    pending: Reals
    attempts: int = 0
    bad: int = 0
    unknown: int = 0
    repeats: int = 0
    expected_attempts: float = 0.0
    expected_bad: float = 0.0
    expected_unknown: float = 0.0

    @classmethod
    def of(cls, segment: Segment, learned: Learned) -> Self:
        rows, rates = learned.streams.rows_in(segment), learned.baseline.rates
        level = float(learned.volume.level(rows).sum())
        return cls(rows, level, rates[rows, FAILURES], rates[rows, PENDING])

    def add(self, attempts: Floats, counts: Floats) -> None:
        """Take in an increment, whose cells came first, by its attempts and counts in full."""
        known = int(self.rows.searchsorted(len(attempts)))
        rows = self.rows[:known]
        own, sums = attempts.take(rows), counts.take(rows, axis=0).sum(axis=0).tolist()
        self.attempts += round(float(own.sum()))
        self.bad += round(sums[FAILURES])
        self.unknown += round(sums[PENDING])
        self.repeats += round(sums[REPEATS])
        self.expected_attempts += self.level
        self.expected_bad += float(own @ self.failing[:known])
        self.expected_unknown += float(own @ self.pending[:known])

    def tally(self, ticks: int, *, counts_payments: bool) -> Tally:
        """Give the sums over some increments."""
        return Tally(
            attempts=self.attempts,
            failures=self.bad,
            pending=self.unknown,
            expected_attempts=self.expected_attempts,
            expected_failures=self.expected_bad,
            expected_pending=self.expected_unknown,
            payments=self.attempts - self.repeats if counts_payments else None,
            ticks=ticks,
        )
