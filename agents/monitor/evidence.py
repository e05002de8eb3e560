"""Observed against expected for every cell since the onset."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from agents.monitor.counts import KINDS, Tick
from agents.monitor.learned import Learned
from agents.monitor.ring import total
from agents.monitor.streams import Flags, Rows, Streams
from payments.incident import Evidence, Floats
from payments.window import Cells, Counts

CELL = 2
"""Breadth of the streams that are cells."""


def gather(
    ticks: Sequence[Tick], tick_s: float, learned: Learned, hidden: Flags, sharpness: float | None
) -> Evidence:
    """Add up increments, oldest first and one at least, for the cells that are not hidden."""
    streams, baseline = learned.streams, learned.baseline
    cells = streams.cells
    counts = total(ticks, lambda tick: tick.counts, cells)
    trials = total(ticks, lambda tick: tick.trials(), cells)
    attempts = total(ticks, lambda tick: tick.attempts, cells)
    forecast = learned.volume.level() * len(ticks)
    rows = np.flatnonzero(((attempts > 0.0) | (forecast > 0.0)) & ~hidden)
    expected = trials[rows] * baseline.rates[rows]
    has = np.any([tick.has for tick in ticks], axis=0)
    kind = {name: column for column, name in enumerate(KINDS)}

    def seen(name: str) -> Counts | None:
        return _whole(counts[rows, kind[name]]) if has[kind[name]] else None

    def awaited(name: str) -> Floats | None:
        return expected[:, kind[name]] if has[kind[name]] else None

    with_codes = bool(has[kind["technical"]])
    return Evidence(
        since=ticks[0].start,
        until=until(ticks, tick_s),
        tick_s=tick_s,
        cells=Cells(attributes=streams.attributes or (), keys=_keys(streams, rows)),
        attempts=_whole(attempts[rows]),
        failures=_whole(counts[rows, kind["failures"]]),
        pending=_whole(counts[rows, kind["pending"]]),
        expected_attempts=forecast[rows],
        expected_failures=expected[:, kind["failures"]],
        expected_pending=expected[:, kind["pending"]],
        codes=tuple(learned.codes.names) if with_codes else (),
        failures_by_code=_whole(_by_code(ticks, learned)[rows]) if with_codes else None,
        expected_by_code=expected[:, :1] * learned.mix.shares(streams)[rows] if with_codes else None,
        repeats=seen("repeats"),
        expected_repeats=awaited("repeats"),
        slow=seen("slow"),
        expected_slow=awaited("slow"),
        fast=seen("fast"),
        expected_fast=awaited("fast"),
        dispersion=float(baseline.dispersion.pool[CELL, 0]),
        onset_sharpness=sharpness,
    )


def until(ticks: Sequence[Tick], tick_s: float) -> datetime:
    """Give the end of the last increment."""
    return ticks[-1].start + timedelta(seconds=tick_s)


def _keys(streams: Streams, rows: Rows) -> tuple[tuple[str, ...], ...]:
    keys = streams.keys
    return tuple(keys[row] for row in rows)


def _whole(values: Floats) -> Counts:
    return np.rint(values).astype(np.int64)


def _by_code(ticks: Sequence[Tick], learned: Learned) -> Floats:
    table = np.zeros((learned.streams.cells, len(learned.codes.names)))
    for tick in ticks:
        np.add.at(table, (tick.code_cells, tick.code_numbers), tick.code_counts)
    return table
