"""Payments in a table or query of PostgreSQL: counted there, in a read-only transaction with a time limit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from payments.errors import BadMapping, SettingsError
from tools.sources.address import Address
from tools.sources.mapping import ColumnMap
from tools.sources.sql.counting import Counting
from tools.sources.sql.dialect import PostgreSQL, TimeKind
from tools.sources.sql.table import Given, check_whole, time_kind
from tools.sources.stream.reader import Stretch
from tools.sources.stream.rows import table_of
from tools.sources.trouble import down

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

CONNECT_S, STATEMENT_S = 5, 20
TABLE: Final = "payments"

_OPTIONS = f"-c statement_timeout={STATEMENT_S}s -c default_transaction_read_only=on -c TimeZone=UTC"

_TABLES = (
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = ANY (current_schemas(false)) ORDER BY table_name LIMIT 30"
)


class PostgresReader:
    """Implements `Reader` with psycopg; the password comes from the environment, not from the address.

    Raises:
        SettingsError: psycopg is not installed.
        BadMapping: the table is not there, or the mapping does not fit its columns.
        SourceDown: the server does not let us in, or does not answer.
    """

    def __init__(
        self, address: Address, password: str, given: Given | None, mapping: ColumnMap | None
    ) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise SettingsError(
                "PostgreSQL needs the package 'psycopg': install it in the project's folder with "
                ".venv/bin/pip install -e '.[postgres]'."
            ) from error
        self._errors = psycopg.Error
        self._address, self._password = address, password
        self._connection: psycopg.Connection[Any] | None = None
        table = given or Given(TABLE)
        self.feed = f"postgresql:{address.place}/{address.path}/{table.name}"
        try:
            self._counting = self._checked(table, mapping)
        except BaseException:
            self.close()
            raise
        self.attributes = self._counting.mapping.dims

    def counts(self, stretch: Stretch) -> "pa.Table":
        """Count a stretch of time."""
        return table_of(*self._ask(self._counting.counts(stretch)))

    def totals(self, stretch: Stretch) -> "pa.Table":
        """Count the attempts of each increment."""
        return table_of(*self._ask(self._counting.totals(stretch)))

    def collect_notes(self) -> tuple[str, ...]:
        """Give nothing: the counts say it all."""
        return ()

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _checked(self, table: Given, mapping: ColumnMap | None) -> Counting:
        types = self._types(table)
        found = mapping or table.recognise(types)
        found.check(tuple(types))
        if found.amount:
            check_whole(table, found.amount, types[found.amount], self._largest)
        kind = self._time_kind(table, found.time, types[found.time])
        return Counting(PostgreSQL(), table.sql, found, types, kind)

    def _ask(self, query: str) -> tuple[Sequence[str], list[tuple[Any, ...]]]:
        """Run a query in a read-only transaction of its own; a broken connection is made anew next time."""
        try:
            connection = self._connected()
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(query.encode())
                return [column.name for column in cursor.description or ()], cursor.fetchall()
        except (self._errors, UnicodeDecodeError) as error:
            self.close()
            raise down(f"PostgreSQL at {self._address.place}", error) from error

    def _connected(self) -> "psycopg.Connection[Any]":
        import psycopg

        if self._connection is None or self._connection.closed:
            address, given = self._address, dict(self._address.options or {})
            self._connection = psycopg.connect(
                host=address.host,
                port=address.port,
                user=address.user or None,
                password=self._password or None,
                dbname=address.path or None,
                connect_timeout=CONNECT_S,
                application_name="payops",
                options=f"{given.pop('options', '')} {_OPTIONS}",
                **given,  # type: ignore[arg-type] # libpq's own parameters, such as sslmode
            )
            self._connection.read_only = True
        return self._connection

    def _types(self, table: Given) -> dict[str, str]:
        try:
            connection = self._connected()
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(table.none.encode())
                return {column.name: _type_name(column.type_code) for column in cursor.description or ()}
        except self._errors as error:
            self.close()
            if getattr(error, "sqlstate", None) in {"42P01", "42703", "42601"}:
                said = str(error).splitlines()[0]
                raise BadMapping(f"{table.name} cannot be read: {said}. {self._there()}") from error
            raise down(f"PostgreSQL at {self._address.place}", error) from error

    def _there(self) -> str:
        _, rows = self._ask(_TABLES)
        return f"There are {', '.join(name for (name,) in rows) or 'no tables'}."

    def _time_kind(self, table: Given, column: str, type_name: str) -> TimeKind:
        if type_name == "timestamptz":
            return "instant"
        return (
            "local"
            if type_name in {"timestamp", "date"}
            else time_kind(table, column, type_name, self._largest)
        )

    def _largest(self, query: str) -> float | None:
        _, rows = self._ask(query)
        return None if rows[0][0] is None else float(rows[0][0])


def _type_name(oid: int) -> str:
    """Give the name of a type that the server knows by a number."""
    from psycopg import postgres

    found = postgres.types.get(oid)
    return found.name if found else str(oid)
