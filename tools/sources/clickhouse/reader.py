"""Payments in ClickHouse as a source."""

from datetime import datetime
from typing import TYPE_CHECKING

from payments.errors import BadMapping, InputError
from tools.sources.clickhouse.engine import Engine, filled, statements
from tools.sources.mapping import ColumnMap
from tools.sources.sql.counting import Counting
from tools.sources.sql.dialect import ClickHouse, TimeKind
from tools.sources.sql.table import Given, check_whole, time_kind
from tools.sources.stream.pace import instant
from tools.sources.stream.reader import SourceDown, Stretch

if TYPE_CHECKING:
    import pyarrow as pa

CELLS = "payments_5s"
CELL_S = 5
DIMENSIONS = ("psp", "method", "issuer", "network", "country")
STORED_DIMENSIONS = ("psp", "method", "issuer", "network", "country", "merchant")


def make_tables(engine: Engine) -> None:
    """Make the tables of payments and of their cells where they are not there yet."""
    for statement in statements("payments.sql"):
        engine.run(filled(statement, database=engine.database))


def cells(dims: tuple[str, ...] = DIMENSIONS) -> ColumnMap:
    """Say what the columns of our own cells mean.

    Raises:
        BadMapping: a dimension is not among those that are stored.
    """
    for name in dims:
        if name not in STORED_DIMENSIONS:
            raise BadMapping(
                f"dims names {name!r}; the cells have {', '.join(STORED_DIMENSIONS)}. --table reads one of "
                "your own."
            )
    return ColumnMap(
        time="tick", success="successes", attempts="attempts", pending="pending", payments="payments",
        amount="amount", currency="currency", code="code", dims=dims,
    )  # fmt: skip


class ClickHouseReader:
    """Implements `Reader` over a table, a query of your own, or (without either) our own cells.

    Raises:
        BadMapping: the mapping does not fit the columns, or the tick does not fit the cells.
        SourceDown: ClickHouse does not answer.
    """

    def __init__(self, engine: Engine, given: Given | None, mapping: ColumnMap | None, tick_s: float) -> None:
        self._engine = engine
        own = given is None
        if own and (tick_s * 1e6) % (CELL_S * 1e6):
            raise BadMapping(
                f"TICK_SEC is {tick_s:g}, the cells have {CELL_S} s: set a multiple, or --table payments."
            )
        table = given or Given(f"{engine.database}.{CELLS}")
        types = self._types(table)
        found = mapping or (cells() if own else table.recognise(types))
        found.check(tuple(types))
        if found.amount:
            check_whole(table, found.amount, types[found.amount], self._largest)
        self._counting = Counting(
            ClickHouse(), table.sql, found, types, self._time_kind(table, found.time, types),
            latency_bin="latency_bin" if own else None,
        )  # fmt: skip
        self.attributes = found.dims
        self.feed = f"{engine.name}/{table.name}"

    def counts(self, stretch: Stretch) -> "pa.Table":
        """Count a stretch of time."""
        return self._engine.table(self._counting.counts(stretch))

    def totals(self, stretch: Stretch) -> "pa.Table":
        """Count the attempts of each increment."""
        return self._engine.table(self._counting.totals(stretch))

    def span(self) -> tuple[datetime, datetime]:
        """Give the first and the last time that is stored.

        Raises:
            InputError: nothing is stored.
        """
        first, last, rows = (
            int(column[0].as_py() or 0) for column in self._engine.table(self._counting.span())
        )
        if not rows:
            raise InputError(
                f"There are no payments in {self.feed} yet: load some with run.py ingest FILE first."
            )
        return instant(first), instant(last)

    def collect_notes(self) -> tuple[str, ...]:
        """Give nothing: the counts say it all."""
        return ()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def _types(self, table: Given) -> dict[str, str]:
        try:
            described = self._engine.table(f"DESCRIBE TABLE {table.sql}")
        except SourceDown as error:
            raise BadMapping(f"{table.name} cannot be read: {error} {self._there()}") from error
        names, types = (described.column(name).to_pylist() for name in ("name", "type"))
        return dict(zip(names, types, strict=True))

    def _there(self) -> str:
        tables = self._engine.table("SHOW TABLES").column(0).to_pylist()
        return f"There are {', '.join(tables) or 'no tables'}."

    def _time_kind(self, table: Given, column: str, types: dict[str, str]) -> TimeKind:
        name = types[column].removeprefix("Nullable(").rstrip(")")
        if name.startswith("DateTime"):
            return "instant"
        return time_kind(table, column, types[column], self._largest)

    def _largest(self, query: str) -> float | None:
        value = self._engine.table(query).column(0)[0].as_py()
        return None if value is None else float(value)
