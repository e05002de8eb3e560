"""Counts of segments over kept increments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from agents.monitor.counts import Tick
from agents.monitor.grow import Reals
from agents.monitor.kinds import FAILURES, PENDING, REPEATS
from agents.monitor.learned import Learned
from agents.monitor.ring import total
from agents.monitor.streams import Rows
from payments.incident import Floats, Tally
from payments.segment import Segment


def tallies_of(ticks: Sequence[Tick], segments: Sequence[Segment], learned: Learned) -> tuple[Tally, ...]:
    """Count segments over increments, with what is expected of the attempts they really had."""
    counted = [_Counted.of(segment, learned) for segment in segments]
    sums = [Tally()] * len(counted)
    for tick in ticks:
        attempts, counts = tick.attempts.full(), tick.counts.full()
        sums = [so_far + one.tally(tick, attempts, counts) for so_far, one in zip(sums, counted, strict=True)]
    return tuple(sums)


def attempts_of(ticks: Sequence[Tick], segments: Sequence[Segment], learned: Learned) -> tuple[int, ...]:
    """Count the attempts alone."""
    if not ticks:
        return (0,) * len(segments)
    attempts = total(ticks, lambda tick: tick.attempts.full(), learned.streams.cells)
    return tuple(round(float(attempts.take(learned.streams.rows_in(one)).sum())) for one in segments)


@dataclass(frozen=True)
class _Counted:
    """A segment's cells, with what is expected of them."""

    rows: Rows
    level: float
    failing: Reals
    pending: Reals

    @classmethod
    def of(cls, segment: Segment, learned: Learned) -> Self:
        rows, rates = learned.streams.rows_in(segment), learned.baseline.rates
        level = float(learned.volume.level(rows).sum())
        return cls(rows, level, rates[rows, FAILURES], rates[rows, PENDING])

    def tally(self, tick: Tick, attempts: Floats, counts: Floats) -> Tally:
        """Count an increment, whose cells came first, from its attempts and counts in full."""
        known = int(np.searchsorted(self.rows, tick.cells))
        rows = self.rows[:known]
        own, sums = attempts.take(rows), counts.take(rows, axis=0).sum(axis=0)
        made = round(float(own.sum()))
        return Tally(
            attempts=made,
            failures=round(float(sums[FAILURES])),
            pending=round(float(sums[PENDING])),
            expected_attempts=self.level,
            expected_failures=float(own @ self.failing[:known]),
            expected_pending=float(own @ self.pending[:known]),
            payments=made - round(float(sums[REPEATS])) if tick.has_payments else None,
            ticks=1,
        )
