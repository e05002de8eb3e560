"""The lines of the audit log in a database, for several machines: appended one at a time, with their head."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from sqlalchemy import Engine, select, update

from memory.rows import lasting, plain, reading, writing
from memory.tables import AUDIT, AUDIT_HEAD, SHARED, insert_new, make_tables

_HEAD = select(AUDIT_HEAD.c.sealed).where(AUDIT_HEAD.c.place == 1)
_AT_ONCE = 500
"""Lines that are in memory at a time while a log is read."""


class Line(Protocol):
    """A line, without its end, and the head that is true with it."""

    @property
    def number(self) -> int:
        """Its place, from 1."""

    @property
    def line(self) -> bytes:
        """Its text."""

    @property
    def head(self) -> bytes:
        """The head of the log that ends with it."""


class Kept(NamedTuple):
    """The lines, each with its end and in order, and the head, as they were at one instant."""

    lines: Iterable[bytes]
    head: bytes | None


class AuditLines:
    """Keeps lines and their head; what the lines say is not its business."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        make_tables(engine, SHARED)

    @lasting
    def add(self, record_id: str, following: Callable[[bytes | None], Line]) -> None:
        """Add the line that follows from the head, with its head or not at all; one line an id.

        Raises:
            StorageError: the database cannot be written.
        """
        known = select(AUDIT.c.number).where(AUDIT.c.record_id == plain(record_id))
        with writing(self._engine) as connection:
            # First a write, which keeps others out in SQLite; the lock of the row does so in PostgreSQL.
            connection.execute(insert_new(self._engine, AUDIT_HEAD), {"place": 1, "sealed": None})
            head = connection.execute(_HEAD.with_for_update()).scalar_one()
            if connection.execute(known).first() is None:
                new = following(head)
                row = {"number": new.number, "record_id": plain(record_id), "line": new.line}
                connection.execute(AUDIT.insert(), row)
                connection.execute(update(AUDIT_HEAD).values(sealed=new.head))

    @contextmanager
    def kept(self) -> Iterator[Kept]:
        """Give all there is.

        Raises:
            StorageError: the database cannot be read.
        """
        lines = select(AUDIT.c.line).order_by(AUDIT.c.number)
        with reading(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            head = connection.execute(_HEAD).scalar_one_or_none()
            # Who reads them may have enough before their end.
            with connection.execution_options(yield_per=_AT_ONCE).execute(lines) as found:
                yield Kept((line + b"\n" for line in found.scalars()), head)
