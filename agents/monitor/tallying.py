"""Counts of one segment over kept increments."""

from collections.abc import Sequence

import numpy as np

from agents.monitor.counts import Tick
from agents.monitor.kinds import FAILURES, PENDING, REPEATS
from agents.monitor.learned import Learned
from agents.monitor.streams import Rows
from payments.incident import Floats, Tally
from payments.segment import Segment


def tally_of(ticks: Sequence[Tick], segment: Segment, learned: Learned) -> Tally:
    """Count a segment over increments, with what is expected of the attempts it really had."""
    rows = np.flatnonzero(learned.streams.mask(segment))
    level = float(learned.volume.level()[rows].sum())
    parts = [_one(tick, rows[rows < tick.cells], level, learned) for tick in ticks]
    return sum(parts, start=Tally())


def _one(tick: Tick, rows: Rows, level: float, learned: Learned) -> Tally:
    attempts, rates = tick.attempts.full()[rows], learned.baseline.rates[rows]
    counts = tick.counts.full()[rows]
    return Tally(
        attempts=round(float(attempts.sum())),
        failures=round(float(counts[:, FAILURES].sum())),
        pending=round(float(counts[:, PENDING].sum())),
        expected_attempts=level,
        expected_failures=float(attempts @ rates[:, FAILURES]),
        expected_pending=float(attempts @ rates[:, PENDING]),
        payments=_payments(attempts, counts) if tick.has_payments else None,
        ticks=1,
    )


def _payments(attempts: Floats, counts: Floats) -> int:
    """Count first attempts."""
    return round(float(attempts.sum() - counts[:, REPEATS].sum()))
