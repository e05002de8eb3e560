"""Chroma as the index of lessons: embedded or on a server, free to be thrown away and rebuilt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from memory.embedding import Vector
from memory.index_places import Embedded
from payments.errors import BrokenIndexError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Where

BATCH = 1_000
"""Entries written to the index at once."""

_GRAPH: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 400,
}
"""Of the graph that is searched (HNSW: Malkov and Yashunin 2016). Lessons lie in dense groups, one for
each trouble that recurs; with half the neighbours some are hardly linked to others, and are not found."""


@dataclass(frozen=True)
class Entry:
    """One lesson as the index holds it."""

    incident_id: str
    fingerprint: str
    """Tells whether the index holds the lesson as it is now."""
    vector: Vector
    labels: dict[str, str]
    """What can be asked for beside similarity, and for people who look into the collection."""


class Place(Protocol):
    """Where a collection lies."""

    @property
    def words(self) -> str:
        """Name the place in an error."""

    @property
    def collection(self) -> str:
        """The collection's name."""

    def connect(self) -> "ClientAPI":
        """Open it. May raise whatever Chroma raises."""

    def disconnect(self, client: "ClientAPI") -> None:
        """Let go of it."""

    def put_aside(self, close: Callable[[], None]) -> Path | None:
        """Make room for an empty collection; says where the old one was put, if anywhere.

        Args:
            close: lets go of what is open.
        """


class ChromaIndex:
    """Finds the entries nearest to a vector. Nothing is imported or opened before the first use.

    Every method may raise BrokenIndexError; after `clear` the index is empty and usable again.
    """

    def __init__(self, place: Place | Path) -> None:
        """Take where it lies; a path is a folder of this process."""
        self._place = Embedded(place) if isinstance(place, Path) else place
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
        found: dict[str, str] = {}
        with self._collection() as collection:
            for start in range(0, collection.count(), BATCH):
                held = collection.get(include=["metadatas"], limit=BATCH, offset=start)
                labels = held["metadatas"] or []
                pairs = zip(held["ids"], labels, strict=True)
                found |= {key: str(label.get("fingerprint")) for key, label in pairs}
        return found

    def nearest(
        self, vector: Vector, k: int, labels: Mapping[str, str] | None = None
    ) -> list[tuple[str, float]]:
        """Give the incident ids nearest to a vector, most similar first, with their cosine similarity.

        Args:
            vector: of unit length.
            k: how many at most.
            labels: what an entry must have; None for any.
        """
        with self._collection() as collection:
            count = min(k, collection.count())
            if count <= 0:
                return []
            found = collection.query(
                query_embeddings=vector[None, :],
                n_results=count,
                where=_where(labels) if labels else None,
                include=["distances"],
            )
        ids, distances = found["ids"][0], found["distances"]
        # Fewer than asked for is no damage: among many equal vectors an approximate search may miss some.
        if distances is None or not (ids or labels):  # how damaged vector files show themselves
            raise BrokenIndexError(f"the index of lessons {self._place.words} holds lessons and finds none")
        return [(key, _similarity(far)) for key, far in zip(ids, distances[0], strict=True)]

    def clear(self) -> Path | None:
        """Start again with an empty index; says where the old one was moved, if it was."""
        with self._errors_are_ours():
            return self._place.put_aside(self.close)

    def close(self) -> None:
        """Let go of the files or the connection; the next use opens them again."""
        client, self._client, self._opened = self._client, None, None
        if client is not None:
            self._place.disconnect(client)

    @contextmanager
    def _collection(self) -> Iterator["Collection"]:
        with self._errors_are_ours():
            yield self._opened or self._open()

    def _open(self) -> "Collection":
        from memory.words import WORDS

        self._client = self._place.connect()
        opened = self._client.get_or_create_collection(
            self._place.collection,
            embedding_function=WORDS,
            configuration={"hnsw": _GRAPH},
        )
        # One that was there stays as it was; by another space every similarity would be wrong.
        held = opened.configuration_json.get("hnsw") or {}
        other = {name: held.get(name) for name, wanted in _GRAPH.items() if held.get(name) != wanted}
        if other:
            msg = f"the index of lessons {self._place.words} was made with {other!r}, not as it is made now"
            raise BrokenIndexError(msg)
        self._opened = opened
        return opened

    @contextmanager
    def _errors_are_ours(self) -> Iterator[None]:
        from chromadb.errors import ChromaError
        from httpx import HTTPError

        try:
            yield
        except (ChromaError, HTTPError, ValueError, OSError) as error:  # ValueError: another embedding
            msg = f"the index of lessons {self._place.words} cannot be used: {error}"
            raise BrokenIndexError(msg) from error


def _where(labels: Mapping[str, str]) -> "Where":
    parts: list[Where] = [{name: value} for name, value in labels.items()]
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _similarity(distance: float) -> float:
    return min(1.0, max(0.0, 1.0 - float(distance)))
