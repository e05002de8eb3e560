"""The one query: rows of any table, of single payments or counted ones, as counts by increment and cell."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.sources import values
from tools.sources.mapping import ColumnMap
from tools.sources.sql.dialect import Dialect, TimeKind, quoted, words
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


@dataclass(frozen=True)
class Counting:
    """Counts the rows of a table, or of a query of your own, by what their columns mean."""

    dialect: Dialect
    table: str
    """Name of the table as SQL, or a query in brackets."""
    mapping: ColumnMap
    types: Mapping[str, str]
    """Types of the columns, as the database calls them."""
    time_kind: TimeKind
    latency_bin: str | None = None
    """Column that holds the bin of the latency, in tables made for this."""

    def counts(self, stretch: Stretch) -> str:
        """Write the query for all that is counted."""
        keys, measures = self._keys(stretch), self._measures()
        inner = ", ".join(f"{expression} AS _{name}" for name, expression in {**keys, **measures}.items())
        counted = f"(SELECT {inner} FROM ({self._rows(stretch)}) AS _rows) AS _counted"
        grouped = ", ".join(f"_{name}" for name in keys)
        outer = [*(f"_{name} AS {name}" for name in keys), *(f"sum(_{name}) AS {name}" for name in measures)]
        return f"SELECT {', '.join(outer)} FROM {counted} GROUP BY {grouped}"

    def totals(self, stretch: Stretch) -> str:
        """Write the query for the attempts of each increment."""
        tick, attempts = self._tick(stretch), self._measures()[ATTEMPTS]
        inner = f"SELECT {tick} AS _tick, {attempts} AS _attempts FROM ({self._rows(stretch)}) AS _rows"
        summed = f"SELECT _tick AS {TICK}, sum(_attempts) AS {ATTEMPTS} FROM ({inner}) AS _counted"
        return f"{summed} GROUP BY _tick"

    def span(self) -> str:
        """Write the query for the first and the last time, as the starts of increments of a microsecond."""
        time = self._of(self.mapping.time)
        ends = (self.dialect.tick(f"{end}({time})", self.time_kind, 1) for end in ("min", "max"))
        return f"SELECT {', '.join(ends)}, count(*) FROM {self.table} AS _rows"

    def _of(self, column: str) -> str:
        return f"_rows.{quoted(column)}"

    def _rows(self, stretch: Stretch) -> str:
        time = self._of(self.mapping.time)
        since = self.dialect.instant(stretch.since_us, self.time_kind)
        until = self.dialect.instant(stretch.until_us, self.time_kind)
        select = f"SELECT * FROM {self.table} AS _rows WHERE {time} >= {since} AND {time} < {until}"
        if self.mapping.payment_id is None or self.mapping.attempt_no is None:
            return select
        keys = [self._of(self.mapping.payment_id), self._of(self.mapping.attempt_no)]
        return self.dialect.once(select, keys, time)

    def _tick(self, stretch: Stretch) -> str:
        if stretch.until_us - stretch.since_us == stretch.tick_us:
            return str(stretch.since_us)  # worked out once, not for each row
        return self.dialect.tick(self._of(self.mapping.time), self.time_kind, stretch.tick_us)

    def _keys(self, stretch: Stretch) -> dict[str, str]:
        dialect, mapping = self.dialect, self.mapping
        named = {TICK: self._tick(stretch)}
        for place, column in enumerate(mapping.dims):
            named[dimension(place)] = dialect.text(self._of(column), self.types.get(column, ""))
        named[CODE] = "''" if mapping.code is None else self._text(mapping.code)
        if self.latency_bin is not None:
            named[BIN] = self._of(self.latency_bin)
        else:
            named[BIN] = "-1" if mapping.latency_ms is None else dialect.bin(self._of(mapping.latency_ms))
        if mapping.amount is not None and mapping.currency is not None:
            named[CURRENCY] = self._text(mapping.currency)
        return named

    def _text(self, column: str) -> str:
        return self.dialect.text(self._of(column), self.types.get(column, ""))

    def _measures(self) -> dict[str, str]:
        measures = self._of_aggregates() if self.mapping.aggregated else self._of_payments()
        if self.mapping.amount is not None:
            measures[AMOUNT] = self.dialect.whole(self._of(self.mapping.amount))
        return measures

    def _of_aggregates(self) -> dict[str, str]:
        columns = {
            ATTEMPTS: self.mapping.attempts,
            SUCCESSES: self.mapping.success,
            PENDING: self.mapping.pending,
            PAYMENTS: self.mapping.payments,
        }
        there = {name: column for name, column in columns.items() if column is not None}
        measures = {name: self.dialect.whole(self._of(column)) for name, column in there.items()}
        return {PENDING: "0", **measures}

    def _of_payments(self) -> dict[str, str]:
        outcome = f"lower(trim({self._text(self.mapping.success)}))"
        succeeded, failed, pending = (
            f"{outcome} IN ({words(values.WORDS[kind])})"
            for kind in (values.SUCCESS, values.FAILURE, values.PENDING)
        )
        if self.mapping.pending is not None:
            flag = (
                f"lower(trim({self._text(self.mapping.pending)})) IN ({words(values.WORDS[values.SUCCESS])})"
            )
            pending, succeeded = f"({pending} OR {flag})", f"({succeeded} AND NOT {flag})"
        known = f"({succeeded} OR {failed} OR {pending})"
        measures = {ATTEMPTS: known, SUCCESSES: succeeded, PENDING: pending, UNKNOWN: f"NOT {known}"}
        if self.mapping.attempt_no is not None:
            number = self.dialect.whole(self._of(self.mapping.attempt_no))
            measures[PAYMENTS] = f"{known} AND {number} = 1"
        return {name: f"CASE WHEN {condition} THEN 1 ELSE 0 END" for name, condition in measures.items()}
