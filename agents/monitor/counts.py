"""What is counted of an increment: several kinds of bad news for every cell, in the order of rows."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.monitor.codes import CodeCounts, Codes, code_counts
from agents.monitor.grow import Places, Reals
from agents.monitor.kinds import (
    COLUMNS,
    FAILURES,
    FAST,
    FIRST_BY_LATENCY,
    FIRST_GROUP,
    PENDING,
    REPEATS,
    TECHNICAL,
)
from agents.monitor.latency import LatencyBaseline, Samples
from agents.monitor.packed import Packed
from agents.monitor.streams import Flags, Rows, Streams
from payments.quantity import Counts, Floats
from payments.window import Window

ATTEMPTS = FIRST_GROUP
"""Place of the attempts in the totals of an increment."""
BY_ATTEMPTS = np.arange(COLUMNS) < FIRST_BY_LATENCY
"""Columns whose trials are the attempts: shape (COLUMNS,)."""


@dataclass(frozen=True)
class Tick:
    """One increment, with the rows that the cells had when it was counted (later ones had no traffic yet)."""

    start: datetime
    old_cells: int
    """Cells that were known before this increment."""
    attempts: Packed
    timed: Packed
    """Attempts with a latency sample: shape (cells,)."""
    counts: Packed
    """All columns but those of code groups: shape (cells, COLUMNS - groups)."""
    by_code: CodeCounts
    has: Flags
    """Whether the source fills the column: shape (COLUMNS,)."""
    totals: tuple[int, ...]
    """Sums over all cells: failures, technical, pending, repeats, attempts."""
    latency: Floats | None
    """Histogram of all cells together: shape (LATENCY_BINS,)."""

    @property
    def cells(self) -> int:
        """Number of rows."""
        return self.attempts.shape[0]

    @property
    def has_payments(self) -> bool:
        """Whether unique payments are counted."""
        return bool(self.has[REPEATS])

    def put_away(self) -> None:
        """Keep it small: nearly all questions are about newer increments."""
        for packed in (self.attempts, self.timed, self.counts):
            packed.put_away()

    def column(self, column: int, codes: Codes, counts: Floats) -> Floats:
        """Give one column, shape (cells,), from the full `counts` or the codes."""
        if FIRST_GROUP <= column < FIRST_BY_LATENCY:
            return self.by_code.of_group(column, codes, self.cells)
        place = column if column < FIRST_GROUP else column - FIRST_BY_LATENCY + FIRST_GROUP
        picked: Floats = counts[:, place]
        return picked

    def table(self, codes: Codes) -> "Table":
        """Give all counts of the cells with attempts."""
        attempts = self.attempts.full()
        rows = np.flatnonzero(attempts)
        table = np.zeros((len(rows), COLUMNS), dtype=np.float32)
        counts = self.counts.full().take(rows, axis=0)
        table[:, :FIRST_GROUP] = counts[:, :FIRST_GROUP]
        table[:, FIRST_BY_LATENCY:] = counts[:, FIRST_GROUP:]
        self.by_code.add_groups(table, rows, codes)
        columns = single(attempts.take(rows)), single(self.timed.full().take(rows))
        return Table(self.cells, rows, *columns, table, self.has)


@dataclass(frozen=True)
class Table:
    """The counts of one increment in single precision, of the cells that had attempts.

    Most cells have none in most increments, and cost nothing here.
    """

    cells: int
    """Number of all cells, those without attempts included."""
    rows: Rows
    """Which of them had attempts, rising."""
    attempts: Reals
    timed: Reals
    """Shape (rows,), like `attempts`."""
    counts: Reals
    """Shape (rows, COLUMNS)."""
    has: Flags

    @cached_property
    def filled(self) -> Rows:
        """Places of the counts that are not zero, in the flat table of `counts`."""
        return np.flatnonzero(self.counts != 0.0)

    def attempts_of_all(self, cells: int) -> Floats:
        """Give the attempts of all cells, and of some more that came later: shape (cells,)."""
        attempts = np.zeros(cells)
        attempts[self.rows] = self.attempts
        return attempts

    def trials(self) -> Reals:
        """Give the trials of which the counts are a share: shape (rows, COLUMNS)."""
        trials = np.empty_like(self.counts)
        trials[:, :FIRST_BY_LATENCY] = self.attempts[:, None]
        trials[:, FIRST_BY_LATENCY:] = self.timed[:, None]
        if not self.has.all():
            trials[:, ~self.has] = 0.0
        return trials

    def trials_at(self, places: Rows) -> Reals:
        """Give the trials at places of the flat table of `counts`."""
        rows, columns = np.divmod(places, COLUMNS)
        return np.where(columns < FIRST_BY_LATENCY, self.attempts[rows], self.timed[rows])

    def without(self, frozen: Flags) -> "Table":
        """Give the same with nothing in frozen cells."""
        if not frozen.any():
            return self
        kept = ~frozen[self.rows]
        return replace(
            self,
            rows=self.rows[kept],
            attempts=self.attempts[kept],
            timed=self.timed[kept],
            counts=self.counts[kept],
        )

    @cached_property
    def watched(self) -> Rows:
        """Watched columns that the source fills."""
        return np.flatnonzero(self.has[:FAST])

    def expected(self, rates: Reals, columns: Places, out: Reals) -> None:
        """Work out the counts expected in some columns at rates of shape (cells or more, COLUMNS)."""
        of_attempts = int(np.count_nonzero(BY_ATTEMPTS[columns]))
        chosen = rates.take(self.rows, axis=0)[:, columns]
        np.multiply(chosen[:, :of_attempts], self.attempts[:, None], out=out[:, :of_attempts])
        np.multiply(chosen[:, of_attempts:], self.timed[:, None], out=out[:, of_attempts:])


def single(values: npt.NDArray[Any]) -> Reals:
    """Give values in single precision."""
    return values.astype(np.float32)


def count(window: Window, streams: Streams, codes: Codes, latency: LatencyBaseline) -> tuple[Tick, Samples]:
    """Count an increment whose cells fit the streams; gives also its latency samples."""
    old_cells = streams.cells
    rows, at = streams.rows(window.cells), streams.places(window.cells)
    latency.grow(streams)
    by_code, technical = code_counts(window, rows, codes)
    samples = Samples.of(window.latency, rows)
    repeats = window.attempts - (window.attempts if window.payments is None else window.payments)
    counted = (window.failures, technical, window.pending, repeats)
    counts = np.zeros((streams.cells, FIRST_GROUP + COLUMNS - FIRST_BY_LATENCY))
    for column, values in zip((FAILURES, TECHNICAL, PENDING, REPEATS), counted, strict=True):
        counts[at, column] = values
    counts[:, FIRST_GROUP:] = latency.tails(samples, streams.cells)
    tick = Tick(
        start=window.start,
        old_cells=old_cells,
        attempts=Packed(_placed(window.attempts, at, streams.cells)),
        timed=Packed(samples.by_cell(streams.cells)),
        counts=Packed(counts),
        by_code=by_code,
        has=_filled(window, codes, latency),
        totals=tuple(int(values.sum()) for values in (*counted, window.attempts)),
        latency=None if window.latency is None else samples.histogram(),
    )
    return tick, samples


def _placed(column: Counts, places: Places, cells: int) -> Floats:
    placed = np.zeros(cells)
    placed[places] = column
    return placed


def _filled(window: Window, codes: Codes, latency: LatencyBaseline) -> Flags:
    with_codes = window.failures_by_code is not None
    filled = codes.filled() & with_codes
    filled[[FAILURES, PENDING]] = True
    filled[TECHNICAL] = with_codes
    filled[REPEATS] = window.payments is not None
    filled[FIRST_BY_LATENCY:] = window.latency is not None and latency.fitted
    return filled
