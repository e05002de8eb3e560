"""Numbers for the codes of a feed, and what each one counts as."""

from dataclasses import dataclass

import numpy as np

from agents.monitor.grow import Reals
from agents.monitor.kinds import COLUMNS, group_column
from agents.monitor.packed import Small, small
from agents.monitor.streams import Flags, Rows
from payments.codes import look_up
from payments.quantity import Floats
from payments.window import Window


class Codes:
    """The codes seen so far; their numbers only grow."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.columns: Rows = np.zeros(0, dtype=np.intp)
        """Column of each code's group, or one that nobody reads: shape (codes,)."""
        self._number_of: dict[str, int] = {}
        self._last: tuple[tuple[str, ...], Rows, Flags] | None = None

    def read(self, codes: tuple[str, ...]) -> tuple[Rows, Flags]:
        """Give the number of each column of a window, and mark the technical ones."""
        if self._last is None or self._last[0] != codes:
            numbers = np.array([self.number(code) for code in codes], dtype=np.intp)
            technical = np.array([look_up(code).technical for code in codes], dtype=np.bool_)
            self._last = (codes, numbers, technical)
        return self._last[1], self._last[2]

    def number(self, code: str) -> int:
        """Give the number of a code, a new one if it was never seen."""
        number = self._number_of.setdefault(code, len(self.names))
        if number == len(self.names):
            self.names.append(code)
            column = group_column(code)
            self.columns = np.append(self.columns, COLUMNS if column is None else column)
        return number

    def filled(self) -> Flags:
        """Mark the columns that some code is counted in: shape (COLUMNS,)."""
        marked = np.zeros(COLUMNS + 1, dtype=np.bool_)
        marked[self.columns] = True
        return marked[:COLUMNS]


@dataclass(frozen=True)
class CodeCounts:
    """The failures by cell and code that are not zero."""

    cells: Small
    numbers: Small
    counts: Small

    def add_groups(self, table: Reals, rows: Rows, codes: Codes) -> None:
        """Add them up by group into the columns of a table of some cells: shape (rows, COLUMNS)."""
        columns = codes.columns[self.numbers]
        kept = columns < COLUMNS
        places = rows.searchsorted(self.cells[kept])
        np.add.at(table, (places, columns[kept]), self.counts[kept].astype(table.dtype))

    def of_group(self, column: int, codes: Codes, cells: int) -> Floats:
        """Add up one group: shape (cells,)."""
        kept = codes.columns[self.numbers] == column
        return np.bincount(self.cells[kept], self.counts[kept], cells).astype(np.float64, copy=False)

    @property
    def places(self) -> tuple[Rows, Rows]:
        """Where the counts belong in a table of cells and codes."""
        return self.cells.astype(np.intp), self.numbers.astype(np.intp)


def code_counts(window: Window, rows: Rows, codes: Codes) -> tuple[CodeCounts, Reals]:
    """Pick the failures by code out of a window; gives also the technical ones of each of its cells."""
    table = window.failures_by_code
    numbers, technical = codes.read(window.codes)
    if table is None or table.size == 0:
        none = small(np.zeros(0, dtype=np.int64))
        return CodeCounts(none, none, none), np.zeros(len(rows))
    filled = np.flatnonzero(table != 0)
    places, columns = np.divmod(filled, table.shape[1])
    counts = table.ravel()[filled]
    flagged = technical[columns]
    technical_counts = np.bincount(places[flagged], counts[flagged], len(rows)).astype(np.float64)
    return CodeCounts(small(rows[places]), small(numbers[columns]), small(counts)), technical_counts
