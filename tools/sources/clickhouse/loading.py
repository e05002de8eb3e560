"""Loads files of single payments into ClickHouse: each attempt once, whatever is loaded twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from payments.errors import BadFile
from tools.sources.clickhouse.ahead import ahead
from tools.sources.clickhouse.batches import batches
from tools.sources.clickhouse.columns import stored_as
from tools.sources.clickhouse.engine import Engine, filled, named_statements
from tools.sources.mapping import ColumnMap, recognise
from tools.sources.report import Report
from tools.sources.sql.dialect import words
from tools.sources.tables import open_table
from tools.sources.values import FAILURE, PENDING, SUCCESS, WORDS

if TYPE_CHECKING:
    import pyarrow as pa

DAY_US = 86_400 * 10**6
"""How far apart the times of an attempt may lie that is given twice."""


class _Read(NamedTuple):
    """A batch whose texts were read: the table that holds it, and its rows."""

    table: str
    rows: int


class Loader:
    """Loads files over staging tables, which go away at the end."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._stage = f"{engine.database}.staged_{name}"
        self._statements = {
            key: filled(
                text,
                stage=self._stage,
                database=engine.database,
                successes=words(WORDS[SUCCESS]),
                failures=words(WORDS[FAILURE]),
                pendings=words(WORDS[PENDING]),
            )
            for key, text in named_statements("load.sql").items()
        }

    def load(
        self,
        path: Path,
        mapping: ColumnMap | None,
        name: str | None = None,
        on_rows: Callable[[int], object] | None = None,
    ) -> Report:
        """Load a file, which messages call `name`; tells what became of its rows.

        `on_rows` hears how many were read so far.

        Raises:
            BadFile: the file cannot be read, or has no valid row. What was loaded before the damage stays.
            BadMapping: the mapping does not fit the file.
            SourceDown: ClickHouse does not answer.
        """
        table = open_table(path)
        columns = table.columns()
        found = mapping or recognise(columns)
        found.check(columns)
        stored, notes = stored_as(found)
        report = Report(name or str(path), notes=notes)
        with self._read(path, stored, report) as coming:
            for batch in coming:
                self._take(batch, report)
                if on_rows is not None:
                    on_rows(report.rows)
        if report.valid + report.duplicates == 0:
            first = f"; the first: {report.problems[0]}" if report.problems else ""
            raise BadFile(f"The file {str(path)!r} has no valid row among {report.rows:,}{first}")
        return report

    @contextmanager
    def _read(self, path: Path, stored: Mapping[str, str], report: Report) -> Iterator[Iterator[_Read]]:
        """Stage and read batches over a second connection, each while the one before it is taken."""
        places = [f"{self._stage}_read_{place}" for place in range(2)]
        with closing(self._engine.beside()) as second:
            try:
                self._engine.run(self._statements["stage"])
                with closing(ahead(self._reading(second, batches(path, stored, report), places))) as coming:
                    yield coming
            finally:
                for table in (*places, self._stage):
                    self._engine.run(f"DROP TABLE IF EXISTS {table}")

    def _reading(self, second: Engine, found: Iterator["pa.Table"], places: Sequence[str]) -> Iterator[_Read]:
        for batch, place in zip(found, cycle(places), strict=False):
            second.insert(self._stage, batch)
            second.run(filled(self._statements["read"], read=place))
            second.run(f"TRUNCATE TABLE {self._stage}")
            yield _Read(place, batch.num_rows)

    def _take(self, batch: _Read, report: Report) -> None:
        """Move the good rows of a batch to the payments that are new."""
        statements = {key: filled(text, read=batch.table) for key, text in self._statements.items()}
        problems = self._engine.table(statements["problems"]).to_pylist()
        for found in problems:
            report.bad[found["problem"]] += found["rows"]
        if problems and report.wants_problems:
            for example in self._engine.table(statements["examples"]).to_pylist():
                report.keep(example["line"], example["problem"])
        valid = batch.rows - sum(found["rows"] for found in problems)
        if valid:
            taken = self._move(statements)
            report.valid += taken
            report.duplicates += valid - taken
        self._engine.run(f"DROP TABLE {batch.table}")

    def _move(self, statements: Mapping[str, str]) -> int:
        before = self._count()
        first, last = (column[0].as_py() for column in self._engine.table(statements["span"]))
        ends = {"since_us": str(first - DAY_US), "until_us": str(last + DAY_US)}
        self._engine.run(filled(statements["load"], **ends))
        return self._count() - before

    def _count(self) -> int:
        counted = self._engine.table(self._statements["count"])
        return int(counted.column(0)[0].as_py())
