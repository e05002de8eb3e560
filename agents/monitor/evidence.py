"""Observed against expected for every cell since the onset."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from agents.monitor.counts import Tick
from agents.monitor.kinds import COLUMNS, FAILURES, FAST, FIRST_BY_LATENCY, PENDING, REPEATS, SLOW, TECHNICAL
from agents.monitor.learned import Learned
from agents.monitor.ring import total
from agents.monitor.streams import Flags
from payments.evidence import Evidence
from payments.quantity import Counts, Floats

SHOWN = (FAILURES, PENDING, REPEATS, SLOW, FAST)
"""Columns that the evidence shows."""
CELL = 2
"""Breadth of the streams that are cells."""


def gather(
    ticks: Sequence[Tick], tick_s: float, learned: Learned, hidden: Flags, sharpness: float | None
) -> Evidence:
    """Add up increments, oldest first and one at least, for the cells that are not hidden."""
    streams, baseline = learned.streams, learned.baseline
    cells = streams.cells
    counts, trials = _totals(ticks, learned)
    attempts = total(ticks, lambda tick: tick.attempts.full(), cells)
    forecast = learned.volume.level() * len(ticks) if learned.volume.judges else attempts
    rows = np.flatnonzero(((attempts > 0.0) | (forecast > 0.0)) & ~hidden)
    expected = trials[rows] * baseline.rates[rows]
    has = np.any([tick.has for tick in ticks], axis=0)

    def seen(column: int) -> Counts | None:
        return _whole(counts[rows, column]) if has[column] else None

    def awaited(column: int) -> Floats | None:
        return expected[:, column] if has[column] else None

    with_codes = bool(has[TECHNICAL])
    return Evidence(
        since=ticks[0].start,
        until=until(ticks, tick_s),
        tick_s=tick_s,
        cells=streams.some(rows),
        attempts=_whole(attempts[rows]),
        failures=_whole(counts[rows, FAILURES]),
        pending=_whole(counts[rows, PENDING]),
        expected_attempts=forecast[rows],
        expected_failures=expected[:, FAILURES],
        expected_pending=expected[:, PENDING],
        codes=tuple(learned.codes.names) if with_codes else (),
        failures_by_code=_whole(_by_code(ticks, learned)[rows]) if with_codes else None,
        expected_by_code=expected[:, :1] * learned.mix.shares(streams)[rows] if with_codes else None,
        repeats=seen(REPEATS),
        expected_repeats=awaited(REPEATS),
        slow=seen(SLOW),
        expected_slow=awaited(SLOW),
        fast=seen(FAST),
        expected_fast=awaited(FAST),
        dispersion=float(baseline.dispersion.pool[CELL, 0]),
        onset_sharpness=sharpness,
    )


def until(ticks: Sequence[Tick], tick_s: float) -> datetime:
    """Give the end of the last increment."""
    return ticks[-1].start + timedelta(seconds=tick_s)


def _whole(values: Floats) -> Counts:
    return np.rint(values).astype(np.int64)


def _totals(ticks: Sequence[Tick], learned: Learned) -> tuple[Floats, Floats]:
    """Add up counts and their trials: both shape (cells, COLUMNS)."""
    counts, trials = (np.zeros((learned.streams.cells, COLUMNS)) for _ in range(2))
    for tick in ticks:
        full = tick.counts.full()
        for column in SHOWN:
            counts[: tick.cells, column] += tick.column(column, learned.codes, full)
        by_latency = tick.has & (np.arange(COLUMNS) >= FIRST_BY_LATENCY)
        trials[: tick.cells] += tick.attempts.full()[:, None] * (tick.has & ~by_latency)
        trials[: tick.cells] += tick.timed.full()[:, None] * by_latency
    return counts, trials


def _by_code(ticks: Sequence[Tick], learned: Learned) -> Floats:
    table = np.zeros((learned.streams.cells, len(learned.codes.names)))
    for tick in ticks:
        table[tick.by_code.places] += tick.by_code.counts
    return table
