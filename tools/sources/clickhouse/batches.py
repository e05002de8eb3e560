"""Files as batches of text in columns, as fast as they can be read."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from payments.errors import BadFile
from tools.sources.report import Report, shown
from tools.sources.rows import Ints
from tools.sources.tables import CsvTable, JsonLinesTable, ParquetTable, Table, delimiter_of, open_table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv

BATCH_ROWS = 500_000
"""Rows that are staged at once."""
_BLOCK_BYTES = 96 << 20
"""Every block is looked for in all payments of its days: larger ones look less often and take more memory."""
LINE = "line"
_FEWER_LINES = "look for a quote that is not closed"


def batches(path: Path, stored: Mapping[str, str], report: Report) -> Iterator["pa.Table"]:
    """Give batches of the columns of a file, under the names they are stored as, with their lines.

    Raises:
        BadFile: the file cannot be read to its end.
    """
    import pyarrow as pa

    table = open_table(path)
    with _reading(path):
        for batch, lines in _texts(table, path, sorted(set(stored.values())), report):
            columns = {name: batch.column(column) for name, column in stored.items()}
            yield pa.table({LINE: pa.array(lines, pa.uint64()), **columns})


def _texts(
    table: Table, path: Path, columns: Sequence[str], report: Report
) -> Iterator[tuple["pa.Table", Ints]]:
    if isinstance(table, CsvTable):
        yield from _of_csv(path, table.columns(), columns, report)
    elif isinstance(table, ParquetTable):
        yield from _of_parquet(path, columns)
    elif isinstance(table, JsonLinesTable):
        yield from _of_chunks(table, columns, report)


@dataclass
class _Skipped:
    """Rows of a CSV file with too few or too many fields."""

    report: Report
    rows: list[int] = field(default_factory=list)

    def __call__(self, row: "csv.InvalidRow") -> str:
        self.rows.append(row.number)
        detail = f"{row.actual_columns} fields, {row.expected_columns} are expected as in the header"
        self.report.reject(row.number, "wrong number of fields", f"{detail}: {shown(row.text)}")
        return "skip"

    def lines(self, taken: int, rows: int) -> Ints:
        """Give the lines of the next rows after so many taken ones: those skipped count too."""
        skipped = np.array(self.rows, dtype=np.int64) - np.arange(len(self.rows))
        places = np.arange(taken + 2, taken + 2 + rows, dtype=np.int64)  # the header is line 1
        return places + np.searchsorted(skipped, places, side="right")


def _of_csv(
    path: Path, header: Sequence[str], columns: Sequence[str], report: Report
) -> Iterator[tuple["pa.Table", Ints]]:
    import pyarrow as pa
    from pyarrow import csv

    skipped, taken = _Skipped(report), 0
    reading = csv.ReadOptions(
        block_size=_BLOCK_BYTES, column_names=list(header), skip_rows=1, use_threads=False
    )
    parsing = csv.ParseOptions(
        delimiter=delimiter_of(path), newlines_in_values=True, invalid_row_handler=skipped
    )
    texts = csv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )
    is_packed = path.name.lower().endswith(".gz")
    with (
        gzip.open(path) if is_packed else path.open("rb") as file,
        csv.open_csv(file, reading, parsing, texts) as stream,
    ):
        for batch in stream:
            yield pa.Table.from_batches([batch]), skipped.lines(taken, batch.num_rows)
            taken += batch.num_rows


def _of_parquet(path: Path, columns: Sequence[str]) -> Iterator[tuple["pa.Table", Ints]]:
    import pyarrow as pa
    from pyarrow import compute, parquet

    taken = 0
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
            rows = pa.Table.from_batches([batch])
            texts = [compute.fill_null(rows.column(name).cast(pa.string()), "") for name in columns]
            yield pa.table(texts, names=list(columns)), np.arange(taken + 1, taken + 1 + batch.num_rows)
            taken += batch.num_rows


def _of_chunks(table: Table, columns: Sequence[str], report: Report) -> Iterator[tuple["pa.Table", Ints]]:
    import pyarrow as pa

    texts: list[pa.Table] = []
    lines: list[int] = []
    for chunk in table.chunks(report):
        texts.append(pa.table({name: pa.array(chunk.columns[name], pa.string()) for name in columns}))
        lines.extend(chunk.lines)
        if len(lines) >= BATCH_ROWS:
            yield pa.concat_tables(texts), np.array(lines, dtype=np.int64)
            texts, lines = [], []
    if lines:
        yield pa.concat_tables(texts), np.array(lines, dtype=np.int64)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say in one sentence why a file cannot be read to its end."""
    import pyarrow as pa

    try:
        yield
    except (EOFError, gzip.BadGzipFile) as error:
        raise BadFile(f"The file {str(path)!r} is damaged or cut short: {error}.") from error
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise BadFile(
            f"The file {str(path)!r} cannot be read to its end: {reason}; {_FEWER_LINES}."
        ) from error
