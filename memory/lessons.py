"""Lessons of past incidents: the database holds the truth, the index finds the similar ones."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, Select, func, select

from memory.embedding import VERSION, Vector, embed_lesson, embed_signature, embed_text
from memory.index import Entry
from memory.rows import from_body, plain, reading, to_body, writing
from memory.tables import LESSONS, make_tables, replace
from payments.errors import BrokenIndexError, InputError
from payments.incident import Lesson, Signature

_LOG = logging.getLogger(__name__)
_IDS_AT_ONCE = 500
_LABEL_CHARACTERS = 200


class Index(Protocol):
    """What finds the lessons nearest to a vector, and may be rebuilt at any time.

    Every method but `clear` raises BrokenIndexError when the index cannot be used.
    """

    def put(self, entries: Sequence[Entry]) -> None:
        """Write entries, over older ones of the same incident."""

    def drop(self, incident_ids: Sequence[str]) -> None:
        """Take entries out."""

    def fingerprints(self) -> dict[str, str]:
        """Give the fingerprint of every entry by incident id."""

    def nearest(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Give incident ids with their similarity, most similar first."""

    def clear(self) -> Path | None:
        """Start again with an empty index; says where the old one was put, if anywhere."""


class Lessons:
    """Remembers lessons and recalls the ones like an incident at hand."""

    def __init__(self, engine: Engine, index: Index) -> None:
        self._engine = engine
        self._index = index
        self._indexed: dict[str, str] | None = None
        """Fingerprints that the index holds, as far as this process knows; None before it was compared."""
        self._told: set[str] = set()
        make_tables(engine)

    def remember(self, lesson: Lesson) -> None:
        """Keep a lesson, once per incident: a later one of the same incident replaces it."""
        kept = lesson.model_copy(update={"similarity": None})
        key, body = plain(kept.incident_id), to_body(kept)
        values = {"incident_id": key, "at": kept.at.astimezone(UTC).isoformat(), "body": body}
        with writing(self._engine) as connection:
            connection.execute(replace(self._engine, LESSONS, values))
        try:
            entry = _entry(key, kept, _fingerprint(body))
            self._index.put([entry])
            if self._indexed is not None:
                self._indexed[key] = entry.fingerprint
        except BrokenIndexError as error:
            # The lesson is kept; the next question repairs the index or says that it cannot.
            self._indexed = None
            _LOG.warning("incident %s is learned but not indexed yet: %s", key, error)

    def recall(self, signature: Signature, k: int = 5) -> tuple[Lesson, ...]:
        """Give the lessons most like an incident, most similar first, each with its similarity.

        Raises:
            BrokenIndexError: the index cannot be used, and could not be rebuilt either.
        """
        return self._nearest(embed_signature(signature), k)

    def search(self, text: str, k: int = 5) -> tuple[Lesson, ...]:
        """Give the lessons that fit a person's words best.

        Raises:
            BrokenIndexError: the index cannot be used, and could not be rebuilt either.
        """
        return self._nearest(embed_text(text), k)

    def all(self, limit: int = 100) -> tuple[Lesson, ...]:
        """Give the newest lessons."""
        query = select(LESSONS.c.incident_id, LESSONS.c.body)
        newest = query.order_by(LESSONS.c.at.desc(), LESSONS.c.incident_id).limit(limit)
        return tuple(lesson for _, lesson in self._readable(self._rows(newest)))

    def _nearest(self, vector: Vector, k: int) -> tuple[Lesson, ...]:
        kept = self._count()
        if kept == 0:
            return ()  # spares a quiet machine the second and a half that Chroma takes to import
        try:
            self._repair(kept)
            found = self._index.nearest(vector, k)
        except BrokenIndexError as error:
            self._rebuild(error)
            found = self._index.nearest(vector, k)
        lessons = self._by_id([key for key, _ in found])
        return tuple(
            lessons[key].model_copy(update={"similarity": similarity})
            for key, similarity in found
            if key in lessons
        )

    def _repair(self, kept: int) -> None:
        """Make the index hold what the database holds, as after a crash between the two writes.

        Another process may have learned since. Its entries are put again: a reader of Chroma does not see
        what others wrote before it writes itself.
        """
        if self._indexed is not None and len(self._indexed) == kept:
            return
        known = self._index.fingerprints() if self._indexed is None else self._indexed
        self._indexed = None
        rows = list(self._rows(select(LESSONS.c.incident_id, LESSONS.c.body)))
        wanted = {key: _fingerprint(body) for key, body in rows}
        self._index.drop(sorted(known.keys() - wanted.keys()))
        missing = [(key, body) for key, body in rows if known.get(key) != wanted[key]]
        self._index.put([_entry(key, lesson, wanted[key]) for key, lesson in self._readable(missing)])
        self._indexed = wanted

    def _rebuild(self, error: BrokenIndexError) -> None:
        aside = self._index.clear()
        kept = f"; the old one is kept as {str(aside)!r}" if aside else ""
        _LOG.warning("%s; it is rebuilt from the lessons%s", error, kept)
        self._indexed = None
        self._repair(self._count())

    def _count(self) -> int:
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(LESSONS)).scalar_one()

    def _by_id(self, keys: Sequence[str]) -> dict[str, Lesson]:
        query = select(LESSONS.c.incident_id, LESSONS.c.body)
        starts = range(0, len(keys), _IDS_AT_ONCE)
        some = (query.where(LESSONS.c.incident_id.in_(keys[at : at + _IDS_AT_ONCE])) for at in starts)
        return dict(self._readable(row for one in some for row in self._rows(one)))

    def _rows(self, query: Select[tuple[str, str]]) -> list[tuple[str, str]]:
        with reading(self._engine) as connection:
            return [(row.incident_id, row.body) for row in connection.execute(query)]

    def _readable(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Lesson]]:
        """Read what can be read; the rest is told once in the log, so that one bad row stops no recall."""
        for key, body in rows:
            try:
                yield key, from_body(Lesson, body, f"the lesson of incident {key}")
            except InputError as error:
                if key not in self._told:
                    self._told.add(key)
                    _LOG.warning("left out: %s", error)


def _entry(key: str, lesson: Lesson, fingerprint: str) -> Entry:
    labels = {
        "cause": lesson.cause,
        "category": lesson.category.value,
        "action": lesson.action.value,
        "effect": lesson.effect.value,
        "culprit": str(lesson.culprit),
    }
    short = {name: plain(label[:_LABEL_CHARACTERS]) for name, label in labels.items()}
    return Entry(key, fingerprint, embed_lesson(lesson), short)


def _fingerprint(body: str) -> str:
    return blake2b(f"{VERSION}|{body}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
