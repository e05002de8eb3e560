"""Lessons in the database, each a row of JSON."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine, Select, delete, func, select

from memory import trials
from memory.lesson_tables import LESSON_TRIALS
from memory.rows import from_body, lasting, plain, reading, to_body, writing
from memory.tables import LESSONS, make_tables, replace
from payments.errors import InputError
from payments.lesson import Lesson

_LOG = logging.getLogger(__name__)
_AT_ONCE = 500
"""Rows read, written or named in one statement."""
_READ_AT_ONCE = 5_000
_KEY_AND_BODY = select(LESSONS.c.incident_id, LESSONS.c.body)

T = TypeVar("T")
_Row = tuple[str, str]
"""Key and body."""


class LessonRows:
    """Keeps lessons, once per incident."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: set[str] = set()
        make_tables(engine)

    @lasting
    def keep(self, lesson: Lesson, recalled: Sequence[Lesson]) -> _Row:
        """Keep a lesson and what it says of earlier ones, both or neither; gives its key and body."""
        with writing(self._engine) as connection:
            trials.record(connection, self._engine, recalled, lesson)
            return self._write(connection, lesson)

    def keep_all(self, lessons: Iterable[Lesson]) -> int:
        """Keep all lessons or, after an error of whoever gives them, none; gives how many."""
        with writing(self._engine) as connection:
            return len([self._write(connection, lesson)[0] for lesson in lessons])

    @lasting
    def forget(self, before: datetime) -> list[str]:
        """Take out the lessons of incidents before an instant; gives their keys."""
        older = LESSONS.c.at < _instant(before)
        with writing(self._engine) as connection:
            gone = list(connection.execute(select(LESSONS.c.incident_id).where(older)).scalars())
            for keys in _some(gone, _AT_ONCE):
                connection.execute(delete(LESSON_TRIALS).where(LESSON_TRIALS.c.lesson_id.in_(keys)))
                connection.execute(delete(LESSONS).where(LESSONS.c.incident_id.in_(keys)))
        return gone

    @lasting
    def count(self) -> int:
        """Say how many there are."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(LESSONS)).scalar_one()

    @lasting
    def weights(self, keys: Sequence[str]) -> Mapping[str, float]:
        """Give what lessons count for, where later incidents said something of them."""
        with reading(self._engine) as connection:
            return trials.weights(connection, keys)

    def by_id(self, keys: Sequence[str]) -> dict[str, Lesson]:
        """Give the lessons of these keys, as far as they are there and can be read."""
        return {key: lesson for some in self.readable(keys) for key, lesson in some.items()}

    def readable(self, keys: Sequence[str]) -> Iterator[dict[str, Lesson]]:
        """Give the same by and by, for there may be very many."""
        for some in _some(keys, _AT_ONCE):
            yield dict(self._readable(self._rows(_KEY_AND_BODY.where(LESSONS.c.incident_id.in_(some)))))

    def fingerprints(self, version: int) -> dict[str, str]:
        """Give a digest of each lesson by its key."""
        return {key: fingerprint(version, body) for key, body in self._pages()}

    def every(self) -> Iterator[Lesson]:
        """Give all lessons that can be read, the oldest first."""
        return (lesson for _, lesson in self._readable(self._pages()))

    def newest(self, limit: int, wanted: Callable[[Lesson], bool]) -> Iterator[Lesson]:
        """Give the newest that are wanted."""
        query = _KEY_AND_BODY.order_by(LESSONS.c.at.desc(), LESSONS.c.incident_id)
        rows = (row for some in self._paged(query, max(limit, _AT_ONCE)) for row in some)
        return islice((lesson for _, lesson in self._readable(rows) if wanted(lesson)), limit)

    def _write(self, connection: Connection, lesson: Lesson) -> _Row:
        key, body = plain(lesson.incident_id), to_body(lesson)
        values = {"incident_id": key, "at": _instant(lesson.at), "body": body}
        connection.execute(replace(self._engine, LESSONS, values))
        return key, body

    def _pages(self) -> Iterator[_Row]:
        query = _KEY_AND_BODY.order_by(LESSONS.c.at, LESSONS.c.incident_id)
        return (row for some in self._paged(query) for row in some)

    def _paged(self, query: Select[_Row], size: int = _READ_AT_ONCE) -> Iterator[list[_Row]]:
        """Read a query by and by; the connection is free in between, for whoever reads may write."""
        start = 0
        while some := self._rows(query.limit(size).offset(start)):
            yield some
            start += len(some)

    @lasting
    def _rows(self, query: Select[_Row]) -> list[_Row]:
        with reading(self._engine) as connection:
            return [(row.incident_id, row.body) for row in connection.execute(query)]

    def _readable(self, rows: Iterable[_Row]) -> Iterator[tuple[str, Lesson]]:
        """Read what can be read; the rest is told once in the log, so that one bad row stops no recall."""
        for key, body in rows:
            try:
                yield key, from_body(Lesson, body, f"the lesson of incident {key}")
            except InputError as error:
                if key not in self._told:
                    self._told.add(key)
                    _LOG.warning("left out: %s", error)


def fingerprint(version: int, body: str) -> str:
    """Give a digest of a lesson's row and of the version of what is made of it."""
    return blake2b(f"{version}|{body}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _some(every: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (every[start : start + size] for start in range(0, len(every), size))
