"""The tables of incidents and lessons: SQLite now, PostgreSQL by the same code."""

from collections.abc import Mapping

from sqlalchemy import Column, Engine, Float, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.dml import Insert

from memory.migrating import number_questions
from memory.rows import writing

METADATA = MetaData()

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("feed", Text, nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("opened_at", String(40), nullable=False, index=True),
    Column("updated_at", String(40), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
"""`body` is the incident as JSON; times are ISO 8601 in UTC, so their text sorts as they do."""

EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("incident_id", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""`body` is zlib-compressed JSON."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("incident_id", String(64), primary_key=True),
    Column("question", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)
"""The primary key makes a second decision on the same question impossible."""

LEASES = Table(
    "leases",
    METADATA,
    Column("incident_id", String(64), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until_s", Float, nullable=False),
)
"""`until_s` is a Unix time."""

INTERVENTIONS = Table(
    "interventions",
    METADATA,
    Column("key", String(128), primary_key=True),
    Column("incident_id", String(64), nullable=False),
    Column("feed", Text, nullable=False, index=True),
    Column("active", Integer, nullable=False, index=True),
    Column("body", Text, nullable=False),
)

LESSONS = Table(
    "lessons",
    METADATA,
    Column("incident_id", String(64), primary_key=True),
    Column("at", String(40), nullable=False, index=True),
    Column("body", Text, nullable=False),
)


def make_tables(engine: Engine) -> None:
    """Make the tables that are not there yet; several processes may start on an empty database at once.

    `MetaData.create_all` looks first and creates then, so that one of two processes fails.
    """
    number_questions(engine, DECISIONS)
    with writing(engine) as connection:
        for table in METADATA.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in sorted(table.indexes, key=lambda one: str(one.name)):
                connection.execute(CreateIndex(index, if_not_exists=True))


def insert_new(engine: Engine, table: Table) -> Insert:
    """Make an insert that leaves an existing row alone: `rowcount` tells which it was."""
    kind = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    return kind(table).on_conflict_do_nothing()


def replace(engine: Engine, table: Table, values: Mapping[str, object]) -> Insert:
    """Make an insert that overwrites an existing row of the same primary key."""
    kind = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    return kind(table).values(values).on_conflict_do_update(index_elements=keys, set_=changed)
