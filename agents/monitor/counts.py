"""What is counted of an increment: six kinds of bad news for every cell, in the order of the cells' rows."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from agents.monitor.latency import LatencyBaseline
from agents.monitor.streams import Flags, Rows, Streams
from payments.codes import look_up
from payments.incident import Floats, SignalKind
from payments.window import LATENCY_BINS, Counts, Window

KINDS = ("failures", "technical", "pending", "repeats", "slow", "fast")
"""Columns of the counts. All but the last are watched; `fast` is counted for the evidence only."""

WATCHED: tuple[SignalKind, ...] = ("failures", "technical", "pending", "repeats", "slow")
FIRST_BY_LATENCY = 4
"""From this kind on the trials are the latency samples, before it the attempts."""


@dataclass(frozen=True)
class Tick:
    """One increment, with the rows that the cells had when it was counted (later ones had no traffic yet)."""

    start: datetime
    old_cells: int
    """Cells that were known before this increment."""
    attempts: Floats
    timed: Floats
    """Attempts with a latency sample: shape (cells,)."""
    counts: Floats
    """Shape (cells, kinds)."""
    has: Flags
    """Whether the source fills the kind: shape (kinds,)."""
    payments: Floats | None
    code_cells: Rows
    code_numbers: Rows
    """With `code_cells` and `code_counts`: the failures by code that are not zero."""
    code_counts: Floats
    latency: Counts | None
    """Histogram of all cells together: shape (LATENCY_BINS,)."""

    @property
    def cells(self) -> int:
        """Number of rows."""
        return len(self.attempts)

    def trials(self) -> Floats:
        """Give the trials of which the counts are a share: shape (cells, kinds)."""
        by_attempt = np.broadcast_to(self.attempts[:, None], (self.cells, FIRST_BY_LATENCY))
        by_sample = np.broadcast_to(self.timed[:, None], (self.cells, len(KINDS) - FIRST_BY_LATENCY))
        return np.hstack([by_attempt, by_sample]) * self.has


class Codes:
    """Numbers for the codes of a feed; they only grow."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number_of: dict[str, int] = {}
        self._last: tuple[tuple[str, ...], Rows, Rows] | None = None

    def read(self, codes: tuple[str, ...]) -> tuple[Rows, Rows]:
        """Give the number of each column, and the columns of technical codes."""
        if self._last is None or self._last[0] != codes:
            numbers = np.array([self._number(code) for code in codes], dtype=np.intp)
            technical = [place for place, code in enumerate(codes) if look_up(code).technical]
            self._last = (codes, numbers, np.array(technical, dtype=np.intp))
        return self._last[1], self._last[2]

    def _number(self, code: str) -> int:
        number = self._number_of.setdefault(code, len(self.names))
        if number == len(self.names):
            self.names.append(code)
        return number


def count(window: Window, streams: Streams, codes: Codes, latency: LatencyBaseline) -> Tick:
    """Count an increment whose cells fit the streams."""
    old_cells = streams.cells
    rows = streams.rows(window.cells)
    latency.grow(streams)
    counts, timed = np.zeros((streams.cells, len(KINDS))), np.zeros(streams.cells)
    counts[rows, 0], counts[rows, 2] = window.failures, window.pending
    numbers, technical = codes.read(window.codes)
    places, columns, by_code = _by_code(window)
    if window.failures_by_code is not None:
        is_technical = np.isin(columns, technical)
        technical_counts = np.bincount(places[is_technical], by_code[is_technical], len(rows))
        counts[rows, 1] = technical_counts
    if window.payments is not None:
        counts[rows, 3] = window.attempts - window.payments
    if window.latency is not None:
        timed[rows] = window.latency.sum(axis=1)
        counts[rows, 4], counts[rows, 5] = latency.tails(window.latency, rows)
    return Tick(
        start=window.start,
        old_cells=old_cells,
        attempts=_placed(window.attempts, rows, streams.cells),
        timed=timed,
        counts=counts,
        has=_filled(window, latency),
        payments=None if window.payments is None else _placed(window.payments, rows, streams.cells),
        code_cells=rows[places],
        code_numbers=numbers[columns],
        code_counts=by_code,
        latency=None if window.latency is None else window.latency.sum(axis=0).reshape(LATENCY_BINS),
    )


def _placed(column: Counts, rows: Rows, cells: int) -> Floats:
    placed = np.zeros(cells)
    placed[rows] = column
    return placed


def _by_code(window: Window) -> tuple[Rows, Rows, Floats]:
    table = window.failures_by_code
    if table is None or table.size == 0:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0)
    filled = np.flatnonzero(table)
    places, columns = np.divmod(filled, table.shape[1])
    return places, columns, table.ravel()[filled].astype(np.float64)


def _filled(window: Window, latency: LatencyBaseline) -> Flags:
    with_codes = window.failures_by_code is not None
    with_latency = window.latency is not None and latency.fitted
    filled = [True, with_codes, True, window.payments is not None, with_latency, with_latency]
    return np.array(filled, dtype=np.bool_)
