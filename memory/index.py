"""Chroma as the index of lessons: embedded, offline, and free to be thrown away and rebuilt."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memory.embedding import Vector, embed_lesson
from payments.incident import Lesson

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BATCH = 1_000
"""Lessons written to the index at once."""


class ChromaIndex:
    """Finds the lessons nearest to a vector. Nothing is imported or opened before the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, lessons: Sequence[Lesson]) -> None:
        """Write lessons, over older ones of the same incident."""
        for start in range(0, len(lessons), BATCH):
            batch = lessons[start : start + BATCH]
            self._collection.upsert(
                ids=[lesson.incident_id for lesson in batch],
                embeddings=np.stack([embed_lesson(lesson) for lesson in batch]),
                metadatas=[_metadata(lesson) for lesson in batch],
            )

    def ids(self) -> frozenset[str]:
        """Give the incident ids of all lessons in the index."""
        return frozenset(self._collection.get(include=[])["ids"])

    def nearest(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Give the incident ids nearest to a vector, most similar first, with their cosine similarity."""
        count = min(k, self._collection.count())
        if count == 0:
            return []
        found = self._collection.query(
            query_embeddings=vector[None, :], n_results=count, include=["distances"]
        )
        distances: Any = found["distances"]
        return [
            (incident_id, min(1.0, max(0.0, 1.0 - float(distance))))
            for incident_id, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    @cached_property
    def _client(self) -> "ClientAPI":
        import chromadb
        from chromadb.config import Settings

        return chromadb.PersistentClient(str(self._path), Settings(anonymized_telemetry=False))

    @cached_property
    def _collection(self) -> "Collection":
        # Vectors are always given: Chroma's own embedding function, which downloads a model, is off.
        return self._client.get_or_create_collection(
            "lessons", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )


def _metadata(lesson: Lesson) -> dict[str, str]:
    return {
        "cause": lesson.cause,
        "category": lesson.category.value,
        "action": lesson.action.value,
        "effect": lesson.effect.value,
        "culprit": str(lesson.culprit)[:500],
    }
