"""Files of rows as columns of text, chunk by chunk: CSV, JSON lines and Parquet look alike from here on."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from payments.errors import BadFile
from tools.sources.json_lines import texts_in
from tools.sources.report import Report

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

CHUNK_ROWS = 1_000
"""Small enough for a processor's cache: with 10,000 a file takes half as long again."""
_PEEKED_LINES = 10_000
"""Lines of a JSON lines file that are searched for the names of columns."""

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Chunk:
    """Some rows, column by column."""

    lines: Sequence[int]
    """Line of the file on which each row ends; the number of the row in a Parquet file."""
    columns: Mapping[str, Sequence[str]]
    """Values as text, by column; a missing value is the empty text."""


class Table(Protocol):
    """A file of rows."""

    def columns(self) -> tuple[str, ...]:
        """Give the names of the columns; BadFile when there are none."""

    def chunks(self, report: Report) -> Iterator[Chunk]:
        """Give the rows that have the form of a row; the others go to the report."""


def open_table(path: Path) -> Table:
    """Choose the reader by the ending of the file.

    Raises:
        BadFile: there is no such file, it is empty, or nothing reads this ending.
    """
    if path.is_dir():
        raise BadFile(f"{str(path)!r} is a folder; name a file in it.")
    if not path.is_file():
        raise BadFile(f"The file {str(path)!r} does not exist; check the name.")
    name = path.name.lower()
    kind = next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), None)
    if kind is None:
        raise BadFile(
            f"{str(path)!r} has an unknown ending; .csv, .jsonl, .ndjson (each also with .gz) and .parquet "
            "are read."
        )
    if path.stat().st_size == 0:
        raise BadFile(f"The file {str(path)!r} is empty; rows are expected.")
    return kind(path)


@dataclass(frozen=True)
class CsvTable:
    """Comma-separated text with a header; semicolons, tabs and bars are recognised in the header."""

    path: Path

    def columns(self) -> tuple[str, ...]:
        """Read the header."""
        with _reading(self.path), _open_text(self.path) as text:
            return tuple(name.strip() for name in _header(_csv_reader(text)))

    def chunks(self, report: Report) -> Iterator[Chunk]:
        """Read the rows below the header."""
        names = self.columns()
        with _reading(self.path), _open_text(self.path) as text:
            reader = _csv_reader(text)
            _header(reader)
            before = reader.line_num
            for rows, lines in _csv_rows(reader, report):
                fitting = [len(fields) == len(names) for fields in rows]
                if not all(fitting):
                    _reject_unfitting(rows, [before, *lines], len(names), report)
                if any(fitting):
                    columns = zip(*compress(rows, fitting), strict=True)
                    yield Chunk(list(compress(lines, fitting)), dict(zip(names, columns, strict=True)))
                before = reader.line_num


def delimiter_of(path: Path) -> str:
    """Give the character that separates the fields of a CSV file: the commonest one of its header.

    Raises:
        BadFile: the file cannot be read.
    """
    with _reading(path), _open_text(path) as text:
        return _delimiter(text.readline())


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _csv_reader(text: TextIO) -> "CsvReader":
    header = text.readline()
    text.seek(0)
    return csv.reader(text, delimiter=_delimiter(header))


def _header(reader: "CsvReader") -> list[str]:
    try:
        return next((fields for fields in reader if fields), [])
    except csv.Error as error:
        raise BadFile(f"The header is no CSV ({error}); names of columns are expected.") from error


def _csv_rows(reader: "CsvReader", report: Report) -> Iterator[tuple[list[list[str]], list[int]]]:
    """Give the rows chunk by chunk; one that is no CSV does not end the file."""
    is_over = False
    while not is_over:
        rows: list[list[str]] = []
        lines: list[int] = []
        before = reader.line_num
        try:
            for fields in islice(reader, CHUNK_ROWS):
                rows.append(fields)
                lines.append(reader.line_num)
            is_over = len(rows) < CHUNK_ROWS
        except csv.Error as error:
            first, last = (lines[-1] if lines else before) + 1, reader.line_num
            detail = f"lines {first} to {last} are no CSV ({error}); look for a quote that is not closed"
            report.reject(first, "no CSV", detail, rows=max(1, last - first + 1))
        yield rows, lines


def _reject_unfitting(rows: list[list[str]], ends: list[int], width: int, report: Report) -> None:
    """Report rows by the line that each ends on; the first of `ends` is the line before them all."""
    for fields, (before, line) in zip(rows, pairwise(ends), strict=True):
        if fields and len(fields) != width:  # a blank line is no row
            detail = f"{len(fields)} fields, {width} are expected as in the header"
            # A quote that is not closed swallows the rows after it: they are missing too.
            if line - before > 1:
                detail += f", in lines {before + 1} to {line}; look for a quote that is not closed"
            report.reject(before + 1, "wrong number of fields", detail, rows=line - before)


@dataclass(frozen=True)
class JsonLinesTable:
    """One JSON object a line; a key that a line lacks is an empty value."""

    path: Path

    def columns(self) -> tuple[str, ...]:
        """Gather the keys of the first lines."""
        unheard = Report(str(self.path))
        with _reading(self.path), _open_text(self.path) as text:
            objects = [fields for _, fields in texts_in(islice(text, _PEEKED_LINES), unheard)]
        return tuple(dict.fromkeys(key for fields in objects for key in fields))

    def chunks(self, report: Report) -> Iterator[Chunk]:
        """Read the lines."""
        names = self.columns()
        with _reading(self.path), _open_text(self.path) as text:
            objects = texts_in(text, report)
            while taken := list(islice(objects, CHUNK_ROWS)):
                columns = {name: [fields.get(name, "") for _, fields in taken] for name in names}
                yield Chunk([line for line, _ in taken], columns)


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file; its values become the text that the same row has in a CSV file."""

    path: Path

    def columns(self) -> tuple[str, ...]:
        """Read the schema."""
        import pyarrow as pa
        from pyarrow import parquet

        with _reading(self.path, pa.ArrowException):
            return tuple(field.name for field in parquet.read_schema(self.path) if _is_plain(field.type))

    def chunks(self, report: Report) -> Iterator[Chunk]:
        """Read the record batches."""
        import pyarrow as pa
        from pyarrow import parquet

        row = 0
        with _reading(self.path, pa.ArrowException), parquet.ParquetFile(self.path) as file:
            names = list(dict.fromkeys(self.columns()))
            for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=names):
                texts = (column.cast(pa.string()).fill_null("").to_pylist() for column in batch.columns)
                yield Chunk(
                    range(row + 1, row + 1 + batch.num_rows),
                    dict(zip(batch.schema.names, texts, strict=True)),
                )
                row += batch.num_rows


def _is_plain(kind: object) -> bool:
    """Say whether each value of a Parquet type has one text."""
    from pyarrow import types

    plain = (
        types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean,
        types.is_decimal, types.is_timestamp, types.is_date, types.is_dictionary,
    )  # fmt: skip
    return any(is_kind(kind) for is_kind in plain)


_KINDS: Mapping[str, type[CsvTable] | type[JsonLinesTable] | type[ParquetTable]] = {
    **dict.fromkeys((".csv", ".csv.gz"), CsvTable),
    **dict.fromkeys((".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"), JsonLinesTable),
    ".parquet": ParquetTable,
}


def _open_text(path: Path) -> TextIO:
    # newline="" keeps line breaks inside quoted fields; utf-8-sig takes a byte order mark away.
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


@contextmanager
def _reading(path: Path, *vendor: type[Exception]) -> Iterator[None]:
    """Say in one sentence why a file cannot be read to its end."""
    unreadable: tuple[type[Exception], ...] = (OSError, *vendor)
    try:
        yield
    except UnicodeDecodeError as error:
        raise BadFile(
            f"The file {str(path)!r} is not UTF-8 text ({error.reason}); save it as UTF-8."
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFile(f"The file {str(path)!r} is damaged or cut short: {error}.") from error
    except unreadable as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadFile(f"The file {str(path)!r} cannot be read: {reason}.") from error
