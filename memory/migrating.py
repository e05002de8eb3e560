"""Tables of an earlier shape, brought to today's at the first opening."""

from sqlalchemy import Connection, Engine, Table, inspect, select, text
from sqlalchemy.schema import CreateTable, DropTable

from memory.rows import reading, writing

ALONE = {
    "sqlite": text("BEGIN IMMEDIATE"),
    "postgresql": text("SELECT pg_advisory_xact_lock(hashtext('payops: tables'))"),
}
"""What keeps a second process out; SQLite's driver would else commit each change of a table by itself."""


def number_questions(engine: Engine, decisions: Table) -> None:
    """Give the decisions of a database that knew one question an incident the number 1; does it once.

    All of it happens or nothing, whatever crashes, and of several processes one does it.
    """
    with reading(engine) as connection:
        if not _knows_one_question(connection, decisions.name):
            return
    with writing(engine) as connection:
        connection.execute(ALONE[engine.dialect.name])
        if _knows_one_question(connection, decisions.name):
            _convert(connection, decisions)


def _knows_one_question(connection: Connection, name: str) -> bool:
    found = inspect(connection)
    return found.has_table(name) and "question" not in {one["name"] for one in found.get_columns(name)}


def _convert(connection: Connection, decisions: Table) -> None:
    rows = connection.execute(select(decisions.c.incident_id, decisions.c.body)).all()
    connection.execute(DropTable(decisions))
    connection.execute(CreateTable(decisions))
    if rows:
        numbered = [{"incident_id": row.incident_id, "question": 1, "body": row.body} for row in rows]
        connection.execute(decisions.insert(), numbered)
