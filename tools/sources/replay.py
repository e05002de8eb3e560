"""Replays a file of payments, or of counts, as increments at full speed."""

from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from payments.errors import BadFile
from payments.window import Cells, Window
from tools.sources.grouping import first_occurrences
from tools.sources.mapping import ColumnMap, recognise
from tools.sources.recording import record
from tools.sources.report import Report
from tools.sources.rows import Columns, RowReader
from tools.sources.tables import open_table

RECENT_S = 60.0
"""Stretch of the last increments that tells load and success rate of the routes; at least one of them."""


class ReplaySource:
    """Implements `Source` for a CSV, JSON lines or Parquet file, read as a whole when it is opened.

    Increments follow the data: aggregated rows give the smallest difference between their times, payments
    `min_tick_s`. A tick without rows gives no window. `on_rows` hears how many rows were read so far.

    Raises:
        BadFile: the file cannot be read, has no valid row, or more than half of its rows are bad.
        BadMapping: the mapping does not fit the file, or (without one) its columns are not recognised.
    """

    def __init__(
        self,
        path: Path,
        mapping: ColumnMap | None,
        feed: str,
        min_tick_s: float = 5.0,
        on_rows: Callable[[int], object] | None = None,
    ) -> None:
        self.report = Report(str(path))
        self._feed = feed
        reader = _read(path, mapping, self.report, on_rows)
        columns = _without_repetitions(reader)
        self._recording = record(reader, columns, max(1, round(min_tick_s * 1e6)))
        self._next = 0
        self._recent: deque[Window] = deque(maxlen=max(1, round(RECENT_S / self.tick_s)))

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self._feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self._recording.tick_us / 1e6

    @property
    def windows(self) -> int:
        """Increments in the whole file."""
        return len(self._recording)

    @property
    def cells(self) -> Cells:
        """All cells of the file; every window has this object."""
        return self._recording.cells

    @property
    def recent(self) -> tuple[Window, ...]:
        """The last increments read, about a minute or one increment, oldest first."""
        return tuple(self._recent)

    def history(self) -> Iterable[Window]:
        """Give nothing: a file is replayed from its beginning, and the baseline is learned on the way."""
        return ()

    def read(self) -> Window | None:
        """Give the next increment, or None at the end of the file.

        Raises:
            InvalidWindow: the rows are valid one by one, but their sums cannot be.
        """
        if self._next >= self.windows:
            return None
        tick, self._next = self._next, self._next + 1
        window = self._recording.window(tick)
        self._recent.append(window)
        return window


def _read(
    path: Path, mapping: ColumnMap | None, report: Report, on_rows: Callable[[int], object] | None
) -> RowReader:
    table = open_table(path)
    columns = table.columns()
    if not columns:
        raise BadFile(f"The file {str(path)!r} has no columns; a header and rows are expected.")
    mapping = mapping or recognise(columns)
    mapping.check(columns)
    reader = RowReader(mapping, report)
    for chunk in table.chunks(report):
        reader.take(chunk)
        if on_rows is not None:
            on_rows(report.rows)
    _refuse_hopeless(path, report)
    return reader


def _refuse_hopeless(path: Path, report: Report) -> None:
    first = f"; the first: {report.problems[0]}" if report.problems else ""
    if report.rows == 0:
        raise BadFile(f"The file {str(path)!r} has columns but no row; rows are expected.")
    if report.valid == 0:
        raise BadFile(f"The file {str(path)!r} has no valid row among {report.rows:,}{first}")
    if 2 * report.bad.total() > report.rows:
        raise BadFile(
            f"{report.bad.total():,} of {report.rows:,} rows of {str(path)!r} are bad, more than half{first}"
        )


def _without_repetitions(reader: RowReader) -> Columns:
    """Leave out the rows that come a second time, and count them."""
    columns, report = reader.columns(), reader.report
    first = first_occurrences(columns, aggregated=reader.mapping.aggregated)
    again = columns["line"][~first]
    report.valid -= len(again)
    report.duplicates += len(again)
    for line in again.tolist():
        if not report.wants_problems:
            break
        report.keep(line, "repeats an earlier row in time and segment; the first one counts")
    return {name: column[first] for name, column in columns.items()}
