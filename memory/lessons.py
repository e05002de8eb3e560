"""Lessons of past incidents: the database holds the truth, the index finds the similar ones."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from memory.choosing import chosen
from memory.embedding import (
    SIGNATURE_SEES,
    VERSION,
    WORDS_SEE,
    Vector,
    embed_lesson,
    embed_signature,
    embed_text,
)
from memory.index import Entry
from memory.lesson_rows import LessonRows, fingerprint
from memory.rows import plain
from payments.diagnosis import Signature
from payments.errors import BrokenIndexError
from payments.lesson import Lesson
from payments.segment import Role

_LOG = logging.getLogger(__name__)
_LABEL_CHARACTERS = 200
_LOOKED_AT = 50
"""Nearest lessons that are looked at, at least: of some of them little is left, or they are old."""
_FILTERS: tuple[Role, ...] = ("merchant", "method")


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

    def nearest(
        self, vector: Vector, k: int, labels: Mapping[str, str] | None = None
    ) -> list[tuple[str, float]]:
        """Give incident ids that have these labels, with their similarity, most similar first."""

    def clear(self) -> Path | None:
        """Start again with an empty index; says where the old one was put, if anywhere."""


class Lessons:
    """Remembers lessons and recalls the ones like an incident at hand."""

    def __init__(self, engine: Engine, index: Index, kept_for: timedelta | None = None) -> None:
        """Open the lessons.

        Args:
            engine: of the database.
            index: of the lessons in it.
            kept_for: age from which a lesson is forgotten when a newer one is learned; None for never.
        """
        self._rows = LessonRows(engine)
        self._index = index
        self._kept_for = kept_for
        self._indexed: dict[str, str] | None = None
        """Fingerprints that the index holds, as far as this process knows; None before it was compared."""
        self._said: set[str] = set()

    def remember(self, lesson: Lesson, recalled: Sequence[Lesson] = ()) -> None:
        """Keep a lesson, once per incident: a later one of the same incident replaces it.

        Args:
            lesson: what an incident taught.
            recalled: the lessons that the incident was given; what came of it confirms or refutes them.
        """
        kept = lesson.model_copy(update={"similarity": None})
        key, body = self._rows.keep(kept, recalled)
        if self._kept_for is not None:
            self.prune(lesson.at - self._kept_for)
        try:
            entry = _entry(key, kept, fingerprint(VERSION, body))
            self._index.put([entry])
            if self._indexed is not None:
                self._indexed[key] = entry.fingerprint
        except BrokenIndexError as error:
            # The lesson is kept; the next question repairs the index or says that it cannot.
            self._indexed = None
            _LOG.warning("incident %s is learned but not indexed yet: %s", key, error)

    def recall(self, signature: Signature, k: int = 8, at: datetime | None = None) -> tuple[Lesson, ...]:
        """Give the lessons most like an incident; of those about as much alike the newer, of various targets.

        A lesson's similarity is the cosine of look and place, times what later incidents left of its weight.
        Nothing is recalled, and that is said in the log, while the index cannot be used nor rebuilt: an
        incident is not left alone for want of memories.
        """
        try:
            found = self._nearest(embed_signature(signature, at), max(k, _LOOKED_AT), {})
        except BrokenIndexError as error:
            self._say_once(f"nothing is remembered of earlier incidents for now: {error}")
            return ()
        weights = self._rows.weights([key for key, _ in found])
        counted = [(key, near * weights.get(key, 1.0)) for key, near in found]
        return tuple(chosen(self._read(counted, SIGNATURE_SEES), k))

    def search(self, text: str, k: int = 5, **labels: str) -> tuple[Lesson, ...]:
        """Give the lessons that fit a person's words best, of a `merchant` or `method` alone where named.

        Raises:
            BrokenIndexError: the index cannot be used, and could not be rebuilt either.
        """
        wanted = {name: _label(value) for name, value in labels.items()}
        return self._read(self._nearest(embed_text(text), k, wanted), WORDS_SEE)

    def all(self, limit: int = 100, **labels: str) -> tuple[Lesson, ...]:
        """Give the newest lessons, of a `merchant` or `method` alone where named."""
        wanted = {name: _label(value) for name, value in labels.items()}.items()
        return tuple(self._rows.newest(limit, lambda lesson: wanted <= _filters(lesson).items()))

    def every(self) -> Iterator[Lesson]:
        """Give all lessons, the oldest first."""
        return self._rows.every()

    def take_in(self, lessons: Iterable[Lesson]) -> int:
        """Keep lessons from elsewhere, all of them or, after an error, none; gives how many.

        What later incidents said of a lesson of the same id still stands.
        """
        taken = self._rows.keep_all(lessons)
        self._indexed = None
        return taken

    def prune(self, before: datetime) -> int:
        """Forget the lessons of incidents before an instant; gives how many."""
        gone = self._rows.forget(before)
        try:
            self._index.drop(gone)
            for key in gone:
                (self._indexed or {}).pop(key, None)
        except BrokenIndexError:
            self._indexed = None  # the next question drops them, or says why it cannot
        return len(gone)

    def _read(self, found: Sequence[tuple[str, float]], sees: float) -> tuple[Lesson, ...]:
        lessons = self._rows.by_id([key for key, _ in found])
        return tuple(
            lessons[key].model_copy(update={"similarity": min(1.0, near / sees)})
            for key, near in found
            if key in lessons
        )

    def _nearest(self, vector: Vector, k: int, labels: Mapping[str, str]) -> list[tuple[str, float]]:
        kept = self._rows.count()
        if kept == 0:
            return []  # spares a quiet machine the second and a half that Chroma takes to import
        try:
            self._repair(kept)
            return self._index.nearest(vector, k, labels)
        except BrokenIndexError as error:
            self._rebuild(error)
            return self._index.nearest(vector, k, labels)

    def _repair(self, kept: int) -> None:
        """Make the index hold what the database holds, as after a crash between the two writes.

        Another process may have learned since. Its entries are put again: a reader of Chroma does not see
        what others wrote before it writes itself.
        """
        if self._indexed is not None and len(self._indexed) == kept:
            return
        known = self._index.fingerprints() if self._indexed is None else self._indexed
        self._indexed = None
        wanted = self._rows.fingerprints(VERSION)
        self._index.drop(sorted(known.keys() - wanted.keys()))
        missing = [key for key, print_ in wanted.items() if known.get(key) != print_]
        for some in self._rows.readable(missing):
            self._index.put([_entry(key, lesson, wanted[key]) for key, lesson in some.items()])
        self._indexed = wanted

    def _rebuild(self, error: BrokenIndexError) -> None:
        aside = self._index.clear()
        kept = f"; the old one is kept as {str(aside)!r}" if aside else ""
        _LOG.warning("%s; it is rebuilt from the lessons%s", error, kept)
        self._indexed = None
        self._repair(self._rows.count())

    def _say_once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            _LOG.warning("%s", words)


def _entry(key: str, lesson: Lesson, print_: str) -> Entry:
    labels = {
        "cause": lesson.cause,
        "category": lesson.category.value,
        "action": lesson.action.value,
        "effect": lesson.effect.value,
        "culprit": str(lesson.culprit),
        "decided_by": lesson.decided_by,
    }
    short = {name: _label(label) for name, label in labels.items()}
    return Entry(key, print_, embed_lesson(lesson), {**short, **_filters(lesson)})


def _filters(lesson: Lesson) -> dict[str, str]:
    found = {name: lesson.culprit.role(name) for name in _FILTERS}
    return {name: _label(value) for name, value in found.items() if value is not None}


def _label(text: str) -> str:
    return plain(text[:_LABEL_CHARACTERS])
