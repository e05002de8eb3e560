"""Lessons of past incidents: the database holds the truth, the index finds the similar ones."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Engine, select

from memory.embedding import Vector, embed_signature, embed_text
from memory.tables import LESSONS, METADATA, replace
from payments.incident import Lesson, Signature


class Index(Protocol):
    """What finds the lessons nearest to a vector, and may be rebuilt at any time."""

    def put(self, lessons: Sequence[Lesson]) -> None:
        """Write lessons, over older ones of the same incident."""

    def ids(self) -> frozenset[str]:
        """Give the incident ids of all lessons in the index."""

    def nearest(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Give incident ids with their similarity, most similar first."""


class Lessons:
    """Remembers lessons and recalls the ones like an incident at hand."""

    def __init__(self, engine: Engine, index: Index) -> None:
        self._engine = engine
        self._index = index
        self._index_is_whole = False
        METADATA.create_all(engine)

    def remember(self, lesson: Lesson) -> None:
        """Keep a lesson, once per incident: a later one of the same incident replaces it."""
        kept = lesson.model_copy(update={"similarity": None})
        values = {"incident_id": kept.incident_id, "at": kept.at.isoformat(), "body": kept.model_dump_json()}
        with self._engine.begin() as connection:
            connection.execute(replace(self._engine, LESSONS, values))
        self._index.put([kept])

    def recall(self, signature: Signature, k: int = 5) -> tuple[Lesson, ...]:
        """Give the lessons most like an incident, most similar first, each with its similarity."""
        return self._nearest(embed_signature(signature), k)

    def search(self, text: str, k: int = 5) -> tuple[Lesson, ...]:
        """Give the lessons that fit a person's words best."""
        return self._nearest(embed_text(text), k)

    def all(self, limit: int = 100) -> tuple[Lesson, ...]:
        """Give the newest lessons."""
        query = select(LESSONS.c.body).order_by(LESSONS.c.at.desc(), LESSONS.c.incident_id).limit(limit)
        with self._engine.connect() as connection:
            return tuple(Lesson.model_validate_json(body) for body in connection.execute(query).scalars())

    def _nearest(self, vector: Vector, k: int) -> tuple[Lesson, ...]:
        if self._is_empty():
            return ()  # spares a quiet machine the second and a half that Chroma takes to import
        self._repair()
        found = dict(self._index.nearest(vector, k))
        lessons = self._by_id(list(found))
        return tuple(
            lessons[incident_id].model_copy(update={"similarity": similarity})
            for incident_id, similarity in found.items()
            if incident_id in lessons
        )

    def _is_empty(self) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(select(LESSONS.c.incident_id).limit(1)).first() is None

    def _repair(self) -> None:
        """Write what the index misses, as after a crash between the two writes."""
        if self._index_is_whole:
            return
        with self._engine.connect() as connection:
            known = set(connection.execute(select(LESSONS.c.incident_id)).scalars())
        missing = sorted(known - self._index.ids())
        self._index.put(list(self._by_id(missing).values()))
        self._index_is_whole = True

    def _by_id(self, incident_ids: list[str]) -> dict[str, Lesson]:
        lessons: dict[str, Lesson] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(incident_ids), 500):
                some = incident_ids[start : start + 500]
                query = select(LESSONS.c.body).where(LESSONS.c.incident_id.in_(some))
                for body in connection.execute(query).scalars():
                    lesson = Lesson.model_validate_json(body)
                    lessons[lesson.incident_id] = lesson
        return lessons
