"""The tables of incidents and lessons, in SQLite and in PostgreSQL alike."""

from collections.abc import Collection, Mapping

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.dml import Insert

from memory.migrating import ALONE, number_questions
from memory.rows import writing

METADATA = MetaData()

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its characters, as SQLite's does: instants are compared as text."""

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("feed", TEXT, nullable=False, index=True),
    Column("status", TEXT, nullable=False, index=True),
    Column("opened_at", TEXT, nullable=False, index=True),
    Column("updated_at", TEXT, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", TEXT, nullable=False),
)
"""`body` is the incident as JSON; times are ISO 8601 in UTC, so their text sorts as they do."""

EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("incident_id", TEXT, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""`body` is zlib-compressed JSON."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("incident_id", TEXT, primary_key=True),
    Column("question", Integer, primary_key=True, autoincrement=False),
    Column("body", TEXT, nullable=False),
)
"""The primary key makes a second decision on the same question impossible."""

LEASES = Table(
    "leases",
    METADATA,
    Column("incident_id", TEXT, primary_key=True),
    Column("owner", TEXT, nullable=False),
    Column("until_s", Float, nullable=False),
)
"""`until_s` is a Unix time."""

INTERVENTIONS = Table(
    "interventions",
    METADATA,
    Column("key", TEXT, primary_key=True),
    Column("incident_id", TEXT, nullable=False),
    Column("feed", TEXT, nullable=False, index=True),
    Column("active", Integer, nullable=False, index=True),
    Column("body", TEXT, nullable=False),
)

LESSONS = Table(
    "lessons",
    METADATA,
    Column("incident_id", TEXT, primary_key=True),
    Column("at", TEXT, nullable=False, index=True),
    Column("body", TEXT, nullable=False),
)


_NAMES = text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = current_schema()"
)


SHARED = MetaData()
"""What is in a database only when several machines share it."""

TENANTS = Table(
    "tenants",
    SHARED,
    Column("feed", TEXT, primary_key=True),
    Column("owner", TEXT, nullable=False),
    Column("number", Integer, nullable=False),
    Column("until_s", Float, nullable=False),
)
"""Who watches a feed. `number` goes up with each owner; `until_s` is a Unix time by the database's clock."""

AUDIT = Table(
    "audit",
    SHARED,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record_id", TEXT, nullable=False, unique=True),
    Column("line", LargeBinary, nullable=False),
)

AUDIT_HEAD = Table(
    "audit_head",
    SHARED,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary),
)
"""One row, of place 1; it is locked by whoever appends."""


def make_tables(engine: Engine, metadata: MetaData = METADATA) -> None:
    """Make the tables that are not there yet; several processes may start on an empty database at once.

    `MetaData.create_all` looks first and creates then, so that one of two processes fails.
    """
    number_questions(engine, DECISIONS)
    with writing(engine) as connection:
        there = _names_there(connection)
        for table in metadata.sorted_tables:
            if table.name not in there:
                connection.execute(CreateTable(table, if_not_exists=True))
            for index in sorted(table.indexes, key=lambda one: str(one.name)):
                if index.name not in there:
                    connection.execute(CreateIndex(index, if_not_exists=True))


def _names_there(connection: Connection) -> Collection[str]:
    """Give what need not be made. A PostgreSQL user may be forbidden to make tables that are there already.

    There one process at a time makes tables, for IF NOT EXISTS fails when two do.
    """
    if connection.dialect.name != "postgresql":
        return ()
    connection.execute(ALONE["postgresql"])
    return connection.execute(_NAMES).scalars().all()


def insert_new(engine: Engine, table: Table) -> Insert:
    """Make an insert that leaves an existing row alone: `rowcount` tells which it was."""
    kind = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    insert = kind(table).on_conflict_do_nothing()
    return insert.execution_options(preserve_rowcount=True)  # PostgreSQL's is forgotten otherwise


def replace(engine: Engine, table: Table, values: Mapping[str, object]) -> Insert:
    """Make an insert that overwrites an existing row of the same primary key."""
    kind = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    return kind(table).values(values).on_conflict_do_update(index_elements=keys, set_=changed)
