"""Loads files of single payments into ClickHouse: each attempt once, whatever is loaded twice."""

from collections.abc import Callable
from pathlib import Path

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

DAY_US = 86_400 * 10**6
"""How far apart the times of an attempt may lie that is given twice."""


class Loader:
    """Loads files over one staging table, which goes away at the end."""

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
        self._engine.run(self._statements["stage"])
        try:
            for batch in ahead(batches(path, stored, report)):
                self._engine.insert(self._stage, batch)
                self._engine.run(self._statements["read"])
                self._engine.run(f"TRUNCATE TABLE {self._stage}")
                self._take(batch.num_rows, report)
                self._engine.run(f"DROP TABLE {self._stage}_read")
                if on_rows is not None:
                    on_rows(report.rows)
        finally:
            self._engine.run(f"DROP TABLE IF EXISTS {self._stage}_read")
            self._engine.run(f"DROP TABLE IF EXISTS {self._stage}")
        if report.valid + report.duplicates == 0:
            first = f"; the first: {report.problems[0]}" if report.problems else ""
            raise BadFile(f"The file {str(path)!r} has no valid row among {report.rows:,}{first}")
        return report

    def _take(self, rows: int, report: Report) -> None:
        problems = self._engine.table(self._statements["problems"]).to_pylist()
        for found in problems:
            report.bad[found["problem"]] += found["rows"]
        if problems and report.wants_problems:
            for example in self._engine.table(self._statements["examples"]).to_pylist():
                report.keep(example["line"], example["problem"])
        valid = rows - sum(found["rows"] for found in problems)
        if not valid:
            return
        before = self._count()
        first, last = (column[0].as_py() for column in self._engine.table(self._statements["span"]))
        ends = {"since_us": str(first - DAY_US), "until_us": str(last + DAY_US)}
        self._engine.run(filled(self._statements["load"], **ends))
        taken = self._count() - before
        report.valid += taken
        report.duplicates += valid - taken

    def _count(self) -> int:
        counted = self._engine.table(self._statements["count"])
        return int(counted.column(0)[0].as_py())
