"""The rows of a whole file as increments that can be asked for one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from pydantic import ValidationError

from payments.errors import BadMapping, InvalidWindow
from payments.window import LATENCY_BINS, Cells, Window
from tools.sources.grouping import Layout, first_attempts, tick_of_aggregates_us
from tools.sources.report import Report
from tools.sources.rows import Columns, Ints, RowReader
from tools.sources.values import EPOCH, NO_CURRENCY, NO_LATENCY, currency_of

MOST_CELLS = 200_000
"""More cells than this are no segments but single payments."""

_CODE_ENTRIES = 4_000_000
"""Bounds the failures by code of one window: with many cells fewer codes are told apart."""

_FEWEST_CODES, _MOST_CODES = 16, 256


def room_for_codes(cells: int) -> int:
    """Say how many codes are told apart in so many cells.

    >>> room_for_codes(5_000)
    256
    """
    return min(_MOST_CODES, max(_FEWEST_CODES, _CODE_ENTRIES // cells))


@dataclass(frozen=True)
class _Counted:
    """Sums by tick and place, to be laid out in a shape."""

    layout: Layout
    sums: Ints
    shape: tuple[int, ...]

    def at(self, tick: int) -> Ints:
        return self.layout.spread(self.sums, tick, self.shape)


@dataclass(frozen=True)
class Recording:
    """Counts of a file by tick and cell."""

    cells: Cells
    codes: tuple[str, ...]
    currency: str | None
    tick_us: int
    starts_us: Ints
    """Starts of the ticks that have rows, in microseconds since 1970."""
    counts: Mapping[str, _Counted]

    def __len__(self) -> int:
        return len(self.starts_us)

    def window(self, tick: int) -> Window:
        """Give the increment of one tick.

        Raises:
            InvalidWindow: the rows are valid one by one, but their sums cannot be.
        """
        try:
            return Window(
                start=EPOCH + timedelta(microseconds=int(self.starts_us[tick])),
                duration_s=self.tick_us / 1e6,
                cells=self.cells,
                codes=self.codes,
                currency=self.currency,
                **{name: counted.at(tick) for name, counted in self.counts.items()},
            )
        except ValidationError as error:
            raise InvalidWindow(
                f"The rows of increment {tick} add up to no window: {error.errors()[0]['msg']}"
            ) from error


def record(reader: RowReader, columns: Columns, shortest_us: int) -> Recording:
    """Group valid rows to increments of the rhythm of the data, at least `shortest_us` microseconds long.

    Raises:
        BadMapping: the dimensions make more than MOST_CELLS cells.
    """
    cells, cell = _cells(reader, columns["cell"])
    aggregated = reader.mapping.aggregated
    tick_us = tick_of_aggregates_us(columns["time"], shortest_us) if aggregated else shortest_us
    base_us = int(columns["time"].min()) if aggregated else 0
    ticks, tick = np.unique((columns["time"] - base_us) // tick_us, return_inverse=True)
    rows = _Rows(cell, tick.astype(np.int64), len(cells), len(ticks), columns)
    codes, by_code = _codes(reader, rows)
    currency, with_amount = _currency(columns, reader.report)
    return Recording(
        cells=cells,
        codes=codes,
        currency=currency,
        tick_us=tick_us,
        starts_us=base_us + ticks * tick_us,
        counts={**_by_cell(rows, with_amount=with_amount), **by_code, **_by_latency(rows)},
    )


@dataclass(frozen=True)
class _Rows:
    cell: Ints
    tick: Ints
    cells: int
    ticks: int
    columns: Columns

    def crossed(self, other: Ints, size: int, amounts: Ints) -> _Counted:
        """Count by cell and another index; rows where that is negative are left out."""
        there = other >= 0
        place = self.cell[there] * size + other[there]
        layout = Layout.of(self.tick[there], place, self.cells * size, self.ticks)
        return _Counted(layout, layout.sums(amounts[there]), (self.cells, size))


def _cells(reader: RowReader, cell: Ints) -> tuple[Cells, Ints]:
    """Sort the cells, so that the same rows in another order give the same windows."""
    if len(reader.cells) > MOST_CELLS:
        values = {
            name: len({key[place] for key in reader.cells}) for place, name in enumerate(reader.mapping.dims)
        }
        widest = max(values, key=values.__getitem__)
        raise BadMapping(
            f"dims make {len(reader.cells):,} cells, {MOST_CELLS:,} are the limit; leave out {widest!r}, "
            f"which has {values[widest]:,} values."
        )
    keys = sorted(reader.cells)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[[reader.cells[key] for key in keys]] = np.arange(len(keys))
    return Cells(attributes=reader.mapping.dims, keys=tuple(keys)), rank[cell]


def _by_cell(rows: _Rows, *, with_amount: bool) -> dict[str, _Counted]:
    layout = Layout.of(rows.tick, rows.cell, rows.cells, rows.ticks)
    measures = {name: rows.columns[name] for name in ("attempts", "successes", "pending")}
    payments = first_attempts(rows.columns)
    if payments is not None:
        measures["payments"] = payments
    if with_amount:
        measures["amount_minor"] = rows.columns["amount"]
    return {name: _Counted(layout, layout.sums(column), (rows.cells,)) for name, column in measures.items()}


def _codes(reader: RowReader, rows: _Rows) -> tuple[tuple[str, ...], dict[str, _Counted]]:
    if "code" not in rows.columns:
        return (), {}
    failures = rows.columns["attempts"] - rows.columns["successes"] - rows.columns["pending"]
    names, code = list(reader.codes), rows.columns["code"]
    total = np.bincount(code, weights=failures, minlength=len(names))
    failing = [
        number for number in np.argsort(-total, kind="stable").tolist() if total[number] and names[number]
    ]
    room = room_for_codes(rows.cells)
    if len(failing) > room:
        reader.report.notes.append(f"Of {len(failing):,} codes only the {room} commonest are told apart.")
    kept = sorted(failing[:room], key=names.__getitem__)
    if not kept:
        return (), {}
    rank = np.full(len(names), -1, dtype=np.int64)
    rank[kept] = np.arange(len(kept))
    counted = rows.crossed(rank[code], len(kept), failures)
    return tuple(names[number] for number in kept), {"failures_by_code": counted}


def _by_latency(rows: _Rows) -> dict[str, _Counted]:
    if "latency_ms" not in rows.columns:
        return {}
    latency = np.where(rows.columns["latency_ms"] == NO_LATENCY, -1, rows.columns["latency_ms"])
    return {"latency": rows.crossed(latency, LATENCY_BINS, rows.columns["attempts"])}


def _currency(columns: Columns, report: Report) -> tuple[str | None, bool]:
    """Give the one currency of the amounts, and whether the amounts can be added at all."""
    if "amount" not in columns:
        return None, False
    numbers = np.unique(columns.get("currency", np.zeros(0, dtype=np.int64))).tolist()
    known = [currency_of(number) for number in numbers if number != NO_CURRENCY]
    if len(known) > 1 or (known and NO_CURRENCY in numbers):
        report.notes.append(
            f"Amounts are left out: {', '.join(known)} and rows without a currency cannot be added."
        )
        return None, False
    return (known[0] if known else None), True
