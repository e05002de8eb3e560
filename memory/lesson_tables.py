"""Tables beside that of the lessons: what later incidents said of them, and whose they are."""

from collections.abc import Callable

from sqlalchemy import Column, Engine, Integer, Table, select

from memory.rows import writing
from memory.tables import METADATA, TEXT, insert_new, make_tables

LESSON_TRIALS = Table(
    "lesson_trials",
    METADATA,
    Column("lesson_id", TEXT, primary_key=True),
    Column("incident_id", TEXT, primary_key=True),
    Column("agreed", Integer, nullable=False),
)
"""One row for each later incident that confirmed or refuted a lesson."""

LESSON_OWNER = Table(
    "lesson_owner",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
)
"""One row: the name by which this database is told from others that share an index."""


def collection_of(engine: Engine, new_id: Callable[[], str]) -> str:
    """Give the name of this database's own collection; the first to ask draws it."""
    make_tables(engine)
    with writing(engine) as connection:
        connection.execute(insert_new(engine, LESSON_OWNER).values(number=1, name=new_id()))
        name = connection.execute(select(LESSON_OWNER.c.name)).scalar_one()
    return f"lessons_{name}"
