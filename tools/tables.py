"""Tables of adapters beside those of the incidents, in SQLite and in PostgreSQL alike."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.dml import Insert

from payments.errors import PayOpsError

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its characters, as SQLite's does: instants are compared as text."""

AsOurs = Callable[[str], PayOpsError]
"""Makes an error of ours from the first line of what the database said."""

ALONE = {
    "sqlite": text("BEGIN IMMEDIATE"),
    "postgresql": text("SELECT pg_advisory_xact_lock(hashtext('payops: tables'))"),
}
"""What keeps a second process out while tables are made or changed."""


@contextmanager
def reading(engine: Engine, as_ours: AsOurs) -> Iterator[Connection]:
    """Open a connection to read with; what the database refuses becomes an error of ours."""
    with _translated(as_ours), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, as_ours: AsOurs) -> Iterator[Connection]:
    """Open a transaction: all of it is kept, or nothing after an error, which is one of ours."""
    with _translated(as_ours), engine.begin() as connection:
        yield connection


def make_missing(engine: Engine, metadata: MetaData, as_ours: AsOurs) -> None:
    """Make the tables that are not there; several processes may do so at once.

    Where all are there nothing is written: a user of PostgreSQL may be forbidden to make tables.
    """
    with reading(engine, as_ours) as connection:
        if not _missing(connection, metadata):
            return
    with writing(engine, as_ours) as connection:
        connection.execute(ALONE[engine.dialect.name])
        for table in _missing(connection, metadata):
            connection.execute(CreateTable(table))
            for index in sorted(table.indexes, key=lambda one: str(one.name)):
                connection.execute(CreateIndex(index))


def insert_once(engine: Engine, table: Table, values: Mapping[str, Any]) -> Insert:
    """Make an insert that leaves an existing row alone: `rowcount` tells which it was."""
    kind = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    once = kind(table).values(**values).on_conflict_do_nothing()
    return once.execution_options(preserve_rowcount=True)  # PostgreSQL's is forgotten otherwise


def plain(value: str) -> str:
    """Write what no database holds in a column as escapes: NUL and lone surrogates of hostile text."""
    return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def _translated(as_ours: AsOurs) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
        raise as_ours(reason) from error


def _missing(connection: Connection, metadata: MetaData) -> list[Table]:
    found = inspect(connection)
    return [table for table in metadata.sorted_tables if not found.has_table(table.name)]
