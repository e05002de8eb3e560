"""A place for the records of one episode on a PostgreSQL server: a schema that is made and dropped."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url, text

from tools.database import open_database


@contextmanager
def room_on(server: str | None, number: int) -> Iterator[str | None]:
    """Give the address of an empty schema; None without a server. Nothing is open when this returns."""
    if server is None:
        yield None
        return
    name = f"crash_{os.getpid()}_{number}"
    _execute(server, f"CREATE SCHEMA {name}")
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
    finally:
        _execute(server, f"DROP SCHEMA {name} CASCADE")


def _execute(server: str, statement: str) -> None:
    engine = open_database(server)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
