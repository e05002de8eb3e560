"""Chroma as the index of lessons: embedded, offline, and free to be thrown away and rebuilt."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memory.embedding import Vector
from payments.errors import BrokenIndexError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BATCH = 1_000
"""Entries written to the index at once."""


@dataclass(frozen=True)
class Entry:
    """One lesson as the index holds it."""

    incident_id: str
    fingerprint: str
    """Tells whether the index holds the lesson as it is now."""
    vector: Vector
    labels: dict[str, str]
    """For people who look into the collection; never asked for by us."""


class ChromaIndex:
    """Finds the entries nearest to a vector. Nothing is imported or opened before the first use.

    Every method may raise BrokenIndexError; after `clear` the index is empty and usable again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._client: ClientAPI | None = None
        self._opened: Collection | None = None

    def put(self, entries: Sequence[Entry]) -> None:
        """Write entries, over older ones of the same incident."""
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            with self._collection() as collection:
                collection.upsert(
                    ids=[entry.incident_id for entry in batch],
                    embeddings=np.stack([entry.vector for entry in batch]),
                    metadatas=[{**entry.labels, "fingerprint": entry.fingerprint} for entry in batch],
                )

    def drop(self, incident_ids: Sequence[str]) -> None:
        """Take entries out."""
        for start in range(0, len(incident_ids), BATCH):
            with self._collection() as collection:
                collection.delete(ids=list(incident_ids[start : start + BATCH]))

    def fingerprints(self) -> dict[str, str]:
        """Give the fingerprint of every entry by incident id."""
        with self._collection() as collection:
            held = collection.get(include=["metadatas"])
        labels = held["metadatas"] or []
        return {key: str(found.get("fingerprint")) for key, found in zip(held["ids"], labels, strict=True)}

    def nearest(self, vector: Vector, k: int) -> list[tuple[str, float]]:
        """Give the incident ids nearest to a vector, most similar first, with their cosine similarity."""
        with self._collection() as collection:
            count = min(k, collection.count())
            if count <= 0:
                return []
            found = collection.query(query_embeddings=vector[None, :], n_results=count, include=["distances"])
        ids, distances = found["ids"][0], found["distances"]
        # Fewer than asked for is no damage: among many equal vectors an approximate search may miss some.
        if not ids or distances is None:  # how damaged vector files show themselves
            raise BrokenIndexError(f"the index {str(self._path)!r} holds lessons and finds none")
        return [(key, _similarity(far)) for key, far in zip(ids, distances[0], strict=True)]

    def clear(self) -> Path | None:
        """Start again with an empty index; says where the old folder was moved, if there was one."""
        self.close()
        if not self._path.exists():
            return None
        aside = next(place for place in self._places_aside() if not place.exists())
        with self._errors_are_ours():
            self._path.rename(aside)
        return aside

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        client: Any = self._client
        self._client = self._opened = None
        if client is not None:
            client.close()

    def _places_aside(self) -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield self._path.with_name(f"{self._path.name}.broken-{number}")

    @contextmanager
    def _collection(self) -> Iterator["Collection"]:
        with self._errors_are_ours():
            yield self._opened or self._open()

    def _open(self) -> "Collection":
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        from memory.words import WORDS

        settings = Settings(anonymized_telemetry=False)
        try:
            self._client = chromadb.PersistentClient(str(self._path), settings)
        except ChromaError:
            # Chroma keeps what it could not start and would hand it out to the next who opens this path.
            SharedSystemClient.clear_system_cache()
            raise
        opened = self._client.get_or_create_collection("lessons", embedding_function=WORDS)
        space = (opened.configuration_json.get("hnsw") or {}).get("space")
        if space != "cosine":  # Chroma opens it all the same, and every similarity would be wrong
            raise BrokenIndexError(f"the index {str(self._path)!r} compares by {space!r}, not by cosine")
        self._opened = opened
        return opened

    @contextmanager
    def _errors_are_ours(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, ValueError, OSError) as error:  # ValueError: made with another embedding
            msg = f"the index of lessons in {str(self._path)!r} cannot be used: {error}"
            raise BrokenIndexError(msg) from error


def _similarity(distance: float) -> float:
    return min(1.0, max(0.0, 1.0 - float(distance)))
