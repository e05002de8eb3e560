"""Rows grouped to ticks and cells: the rhythm of the data, what comes twice, and the sums of each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from tools.sources.rows import Bools, Columns, Ints

LONE_TICK_S = 60.0
"""Tick of aggregated rows that all have one time."""

_ODD_SHARE = 0.1
"""Share of the gaps between times that may be shorter than a tick: rows that fell out of their rhythm."""

_IDENTITY = ("time", "cell", "code", "rest")
_IDENTITY_OF_PAYMENTS = ("time", "cell", "payment", "attempt_no", "successes", "pending")


def tick_of_aggregates_us(time_us: Ints, shortest_us: int) -> int:
    """Give the rhythm of the times in microseconds: their smallest difference, but for a few odd ones."""
    gaps = np.diff(np.unique(time_us))
    if gaps.size == 0:
        return max(round(LONE_TICK_S * 1e6), shortest_us)
    return max(int(np.quantile(gaps, _ODD_SHARE, method="lower")), shortest_us)


def first_occurrences(columns: Columns, *, aggregated: bool) -> Bools:
    """Mark the rows that are not an exact repetition of an earlier one.

    An aggregated row repeats when its time, its cell and all columns that are not mapped are the same; a
    payment's when its id, attempt number, time, cell and outcome are. Without an id and an attempt number
    payments cannot be told apart, so none repeats.
    """
    names = _IDENTITY if aggregated else _IDENTITY_OF_PAYMENTS
    if not aggregated and not {"payment", "attempt_no"} <= columns.keys():
        return np.ones(len(columns["time"]), dtype=np.bool_)
    identity = [columns[name] for name in names if name in columns]
    order = np.lexsort(identity)  # stable: of equal rows the first of the file comes first
    same = np.ones(max(0, len(order) - 1), dtype=np.bool_)
    for column in identity:
        same &= column[order][1:] == column[order][:-1]
    first = np.ones(len(order), dtype=np.bool_)
    first[order[1:][same]] = False
    return first


def first_attempts(columns: Columns) -> Ints | None:
    """Count the unique payments of each row: as given, attempt number 1, or the first sight of an id."""
    if "payments" in columns:
        return columns["payments"]
    if "attempt_no" in columns:
        return np.equal(columns["attempt_no"], 1).astype(np.int64)
    if "payment" not in columns:
        return None
    by_time = np.argsort(columns["time"], kind="stable")
    _, seen = np.unique(columns["payment"][by_time], return_index=True)
    first = np.zeros(len(by_time), dtype=np.int64)
    first[by_time[seen]] = 1
    return first


@dataclass(frozen=True)
class Layout:
    """Rows in groups by tick and place; a place is a cell, or a cell with a code or a latency bin.

    `order` sorts the rows, `firsts` are the starts of the groups in it, `places` belongs to the groups, and
    the groups of tick t are `edges[t]:edges[t + 1]`.
    """

    order: Ints
    firsts: Ints
    places: Ints
    edges: Ints

    @classmethod
    def of(cls, tick: Ints, place: Ints, width: int, ticks: int) -> Self:
        """Group rows whose tick is 0..ticks-1 and whose place is 0..width-1."""
        key = tick * width + place
        order = np.argsort(key, kind="stable")
        groups, firsts = np.unique(key[order], return_index=True)
        edges = np.searchsorted(groups, np.arange(ticks + 1, dtype=np.int64) * width)
        return cls(order, firsts.astype(np.int64), groups % width, edges.astype(np.int64))

    def sums(self, amounts: Ints) -> Ints:
        """Add up a column of the rows in each group, exactly."""
        if self.firsts.size == 0:
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(amounts[self.order], self.firsts)

    def spread(self, sums: Ints, tick: int, shape: Sequence[int]) -> Ints:
        """Lay the sums of one tick out over all places."""
        dense = np.zeros(shape, dtype=np.int64)
        groups = slice(int(self.edges[tick]), int(self.edges[tick + 1]))
        dense.reshape(-1)[self.places[groups]] = sums[groups]
        return dense
