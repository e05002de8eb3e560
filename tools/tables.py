"""Tables of adapters beside those of the incidents, in SQLite and in PostgreSQL alike."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.dml import Insert

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its characters, as SQLite's does: instants are compared as text."""

_ALONE = {
    "sqlite": text("BEGIN IMMEDIATE"),
    "postgresql": text("SELECT pg_advisory_xact_lock(hashtext('payops: tables'))"),
}
"""What keeps a second process out while tables are made."""


def make_missing(engine: Engine, metadata: MetaData) -> None:
    """Make the tables that are not there; several processes may do so at once.

    Where all are there nothing is written: a user of PostgreSQL may be forbidden to make tables.
    """
    with engine.connect() as connection:
        if not _missing(connection, metadata):
            return
    with engine.begin() as connection:
        connection.execute(_ALONE[engine.dialect.name])
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


def _missing(connection: Connection, metadata: MetaData) -> list[Table]:
    found = inspect(connection)
    return [table for table in metadata.sorted_tables if not found.has_table(table.name)]
