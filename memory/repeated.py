"""Questions that every cycle asks: answered from memory while nobody has written, whichever process it is."""

import sqlite3
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import finalize

from sqlalchemy import Engine, Row, Select
from sqlalchemy.engine.interfaces import DBAPICursor

from memory.rows import reading
from payments.errors import StorageError

M = TypeVar("M")
_Rows = Sequence[Row[Any]]

_PARSED_AT_MOST = 256


class Repeated:
    """Asks again only when the database has changed since.

    SQLite counts, for each connection, the changes that others have committed (PRAGMA data_version). The
    connection kept for that changes nothing, so it sees those of this process as well. Other databases, and
    one that lives in memory, have no such number: there everything is asked each time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counts = engine.dialect.name == "sqlite" and engine.url.database not in {None, "", ":memory:"}
        self._counting: DBAPICursor | None = None
        self._one_at_a_time = Lock()
        self._answers: dict[Select[Any], tuple[object, dict[str, str], _Rows]] = {}

    def rows(self, query: Select[Any], **values: str) -> _Rows:
        """Give the rows that a query, the same object each time, has now.

        Raises:
            StorageError: the database cannot be read.
        """
        # The version first: rows that are newer than it are read once too often, and never too seldom.
        version, known = self._version(), self._answers.get(query)
        if known is not None and known[:2] == (version, values):
            return known[2]
        with reading(self._engine) as connection:
            rows = connection.execute(query, values).all()
        self._answers[query] = (version, values, rows)
        return rows

    def _version(self) -> object:
        """Give what is another object, and not equal, once anybody has written."""
        if not self._counts:
            return object()
        # One thread at a time: a statement that is not done yet holds its connection at an older state.
        with self._one_at_a_time:
            counting = self._counting or self._watch()
            try:
                counting.execute("PRAGMA data_version")
                return counting.fetchall()[0]
            except sqlite3.Error as error:
                msg = f"the database cannot be read: {error}"
                raise StorageError(msg) from error

    def _watch(self) -> DBAPICursor:
        """Open the connection that counts what others commit, this process among them."""
        with reading(self._engine):
            watching = self._engine.raw_connection()
        watching.detach()
        finalize(self, watching.close)
        self._counting = watching.cursor()
        return self._counting


class Parsed(Generic[M]):
    """Reads a row's body again only when it is another one."""

    def __init__(self, read: Callable[[str, str], M]) -> None:
        self._read = read
        self._known: dict[str, tuple[str, M]] = {}

    def of(self, key: str, body: str) -> M:
        """Give what a body says, the same object for the same body.

        Raises:
            InputError: it cannot be read.
        """
        known = self._known.get(key)
        if known is None or known[0] != body:
            if len(self._known) >= _PARSED_AT_MOST:
                self._known.clear()
            self._known[key] = known = (body, self._read(key, body))
        return known[1]
