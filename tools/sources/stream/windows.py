"""From tables of counts to windows: cells and codes get their rows as they appear, and keep them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import filterfalse
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from payments.errors import BadMapping
from payments.window import LATENCY_BINS, Cells, Window
from tools.sources.recording import MOST_CELLS, room_for_codes
from tools.sources.rows import Bools, Ints
from tools.sources.stream.reader import (
    AMOUNT,
    ATTEMPTS,
    BIN,
    CODE,
    CURRENCY,
    PAYMENTS,
    PENDING,
    SUCCESSES,
    TICK,
    UNKNOWN,
    Stretch,
    dimension,
)
from tools.sources.values import EPOCH

if TYPE_CHECKING:
    import pyarrow as pa

_VALUE_CHARACTERS = 200
"""Longer values of an attribute or code are cut: they are damaged, or a text that somebody wrote."""

_WIDEST = 1 << 62
"""Combinations of values that 64 bits tell apart."""


@dataclass(frozen=True)
class _Rows:
    """The rows of one table of counts as numbers; `code` and `bin` are negative where there is none."""

    tick: Ints
    cell: Ints
    code: Ints
    bin: Ints
    measures: dict[str, Ints]

    def at(self, chosen: Bools) -> "_Rows":
        measures = {name: column[chosen] for name, column in self.measures.items()}
        return _Rows(self.tick[chosen], self.cell[chosen], self.code[chosen], self.bin[chosen], measures)


@dataclass
class Assembler:
    """Makes windows of one feed; every window has all cells seen so far."""

    attributes: tuple[str, ...]
    cells: Cells = field(init=False)
    codes: tuple[str, ...] = ()
    _row_of: dict[tuple[str, ...], int] = field(default_factory=dict)
    _column_of: dict[str, int] = field(default_factory=dict)
    _currencies: set[str] = field(default_factory=set)
    _notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = Cells(attributes=self.attributes, keys=())

    def collect_notes(self) -> tuple[str, ...]:
        """Give what people should know of the rows since the last call."""
        notes = tuple(self._notes)
        self._notes.clear()
        return notes

    def windows(self, counts: "pa.Table", stretch: Stretch) -> Iterator[Window]:
        """Give a window for each increment of a stretch, also for one without rows once a cell is known.

        Raises:
            BadMapping: the dimensions make more than MOST_CELLS cells.
        """
        rows = self._possible(self._rows(counts))
        if not len(self.cells):
            return
        order = np.argsort(rows.tick, kind="stable")
        ticks = np.arange(stretch.since_us, stretch.until_us, stretch.tick_us, dtype=np.int64)
        edges = np.searchsorted(rows.tick[order], np.append(ticks, stretch.until_us))
        for place, tick in enumerate(ticks.tolist()):
            window = self._window(rows, order[edges[place] : edges[place + 1]], tick, stretch.tick_us)
            if window is not None:
                yield window

    def _rows(self, counts: "pa.Table") -> _Rows:
        unknown = int(_numbers(counts, UNKNOWN).sum()) if UNKNOWN in counts.column_names else 0
        if unknown:
            self._notes.append(f"{unknown:,} rows have an outcome that is no known word: they are left out")
        self._learn_currencies(counts)
        measured = [name for name in (PAYMENTS, AMOUNT) if name in counts.column_names]
        return _Rows(
            tick=_numbers(counts, TICK),
            cell=self._cell(counts),
            code=self._code(counts),
            bin=_numbers(counts, BIN),
            measures={name: _numbers(counts, name) for name in (ATTEMPTS, SUCCESSES, PENDING, *measured)},
        )

    def _cell(self, counts: "pa.Table") -> Ints:
        columns = [_texts(counts, dimension(place)) for place in range(len(self.attributes))]
        number, row = _combinations(counts.num_rows, [values for values, _ in columns])
        named = [list(map(texts.__getitem__, values[row].tolist())) for values, texts in columns]
        keys = list(zip(*named, strict=True)) if named else [()] * len(row)
        self._know(keys)
        return np.array(list(map(self._row_of.__getitem__, keys)), dtype=np.int64)[number]

    def _know(self, keys: Sequence[tuple[str, ...]]) -> None:
        new = sorted(set(filterfalse(self._row_of.__contains__, keys)))
        if len(self._row_of) + len(new) > MOST_CELLS:
            raise BadMapping(
                f"dims make more than {MOST_CELLS:,} cells; leave out the one with the most values of "
                f"{', '.join(self.attributes)}."
            )
        for key in new:
            self._row_of[key] = len(self._row_of)
        if new:
            self.cells = Cells(attributes=self.attributes, keys=(*self.cells.keys, *new))

    def _code(self, counts: "pa.Table") -> Ints:
        values, texts = _texts(counts, CODE)
        failing = _numbers(counts, ATTEMPTS) > _numbers(counts, SUCCESSES) + _numbers(counts, PENDING)
        of_failures = {texts[place].strip() for place in _present(values[failing])}
        room = room_for_codes(max(1, len(self._row_of)))
        for code in sorted(of_failures - {""} - self._column_of.keys()):
            if len(self._column_of) >= room:
                self._notes.append(f"Only the first {room} codes are told apart, {code!r} is not one of them")
                break
            self._column_of[code] = len(self._column_of)
        self.codes = tuple(self._column_of)
        return np.array([self._column_of.get(text.strip(), -1) for text in texts], dtype=np.int64)[values]

    def _learn_currencies(self, counts: "pa.Table") -> None:
        """Note the currencies; amounts of several cannot be added, and are left out from then on."""
        if CURRENCY not in counts.column_names or AMOUNT not in counts.column_names:
            return
        values, texts = _texts(counts, CURRENCY)
        used = _present(values[_numbers(counts, AMOUNT) > 0])
        found = {texts[place].strip().upper() for place in used} - self._currencies
        self._currencies |= found
        if found and len(self._currencies) > 1:
            known = ", ".join(sorted(one or "none" for one in self._currencies))
            self._notes.append(f"Amounts are left out: those of {known[:_VALUE_CHARACTERS]} cannot be added")

    def _currency(self) -> str | None:
        """Give the one currency of the amounts, where it is one."""
        only = next(iter(self._currencies)) if len(self._currencies) == 1 else ""
        return only if re.fullmatch("[A-Z]{3}", only) else None

    def _possible(self, rows: _Rows) -> _Rows:
        """Leave out rows that cannot be, and count them."""
        attempts, ended = rows.measures[ATTEMPTS], rows.measures[SUCCESSES] + rows.measures[PENDING]
        fine = (attempts >= 0) & (rows.measures[SUCCESSES] >= 0) & (rows.measures[PENDING] >= 0)
        fine &= ended <= attempts
        for name, most in ((PAYMENTS, attempts), (AMOUNT, np.int64(2**53))):
            if name in rows.measures:
                fine &= (rows.measures[name] >= 0) & (rows.measures[name] <= most)
        if not fine.all():
            self._notes.append(
                f"{int((~fine).sum()):,} rows have counts that cannot be, such as more successes than "
                "attempts, and are left out"
            )
        return rows.at(fine & (attempts > 0))

    def _window(self, rows: _Rows, chosen: Ints, tick_us: int, length_us: int) -> Window | None:
        cells, cell = len(self.cells), rows.cell[chosen]
        columns = {name: _summed(cell, column[chosen], cells) for name, column in rows.measures.items()}
        amount = columns.pop(AMOUNT, None)
        failed = rows.measures[ATTEMPTS] - rows.measures[SUCCESSES] - rows.measures[PENDING]
        by_code = _crossed(cell, rows.code[chosen], failed[chosen], (cells, len(self.codes)))
        latency = _crossed(cell, rows.bin[chosen], rows.measures[ATTEMPTS][chosen], (cells, LATENCY_BINS))
        start = EPOCH + timedelta(microseconds=tick_us)
        try:
            return Window(
                start=start,
                duration_s=length_us / 1e6,
                cells=self.cells,
                codes=self.codes,
                failures_by_code=by_code if self.codes else None,
                latency=latency if rows.bin.size and rows.bin.max() >= 0 else None,
                amount_minor=amount if len(self._currencies) <= 1 else None,
                currency=self._currency(),
                attempts=columns[ATTEMPTS],
                successes=columns[SUCCESSES],
                pending=columns[PENDING],
                payments=columns.get(PAYMENTS),
            )
        except ValidationError as error:
            self._notes.append(f"increment {start.isoformat()} is left out: {error.errors()[0]['msg']}")
            return None


def _numbers(counts: "pa.Table", name: str) -> Ints:
    found: Ints = counts.column(name).to_numpy().astype(np.int64, copy=False)
    return found


def _texts(counts: "pa.Table", name: str) -> tuple[Ints, list[str]]:
    """Give the place of each row's text in a list of texts."""
    column = counts.column(name).combine_chunks()
    encoded = column if hasattr(column, "dictionary") else column.dictionary_encode()
    texts = [(text or "")[:_VALUE_CHARACTERS] for text in encoded.dictionary.to_pylist()]
    return _places(encoded), texts


def _places(encoded: "pa.DictionaryArray") -> Ints:
    places: Ints = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def _combinations(rows: int, columns: Iterable[Ints]) -> tuple[Ints, Ints]:
    """Number the combinations of columns of small numbers: that of each row, and a row of each."""
    number, width = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        size = int(column.max(initial=0)) + 1
        if width * size > _WIDEST:
            number, width = _numbered(number), rows
        number, width = number * size + column, width * size
    number = _numbered(number)
    row = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    row[number] = np.arange(rows)
    return number, row


def _numbered(values: Ints) -> Ints:
    """Number the different values as they come; np.unique sorts them, which takes five times as long."""
    import pyarrow as pa

    return _places(pa.array(values).dictionary_encode())


def _present(places: Ints) -> list[int]:
    """Give the different ones of small numbers."""
    present: list[int] = np.flatnonzero(np.bincount(places)).tolist()
    return present


def _summed(cell: Ints, amounts: Ints, cells: int) -> Ints:
    summed = np.zeros(cells, dtype=np.int64)
    np.add.at(summed, cell, amounts)
    return summed


def _crossed(cell: Ints, other: Ints, amounts: Ints, shape: tuple[int, int]) -> Ints:
    """Sum by two places; where the other one is negative there is none."""
    there = other >= 0
    return _summed(cell[there] * shape[1] + other[there], amounts[there], shape[0] * shape[1]).reshape(shape)
