"""How often the same cause is among the three nearest lessons, and how long that takes."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from bench.memory.incidents import Seen, lessons
from bench.memory.sentences import Reals, Sentences
from memory.embedding import embed_signature
from memory.index import ChromaIndex, Entry
from memory.lessons import Lessons
from payments.diagnosis import Signature
from payments.lesson import Lesson
from tools.database import open_database

TOP = 3
_BATCH = 5_000

Row = dict[str, object]


def by_signature(incidents: Sequence[Seen], asked: Sequence[Seen], count: int, seed: int) -> Row:
    """Ask the crew's own memory, database included."""
    with _opened() as memory:
        memory.take_in(lessons(incidents, count, seed))
        began = time.process_time()
        memory.search("builds the index")
        built_s = time.process_time() - began

        def ask(one: Seen) -> list[str]:
            return [found.cause for found in memory.recall(one.signature, TOP, one.at)]

        return {**_row("signature", count, asked, ask), "index_cpu_s": built_s}


@contextmanager
def _opened() -> Iterator[Lessons]:
    with TemporaryDirectory() as folder:
        engine, index = open_database(Path(folder) / "payops.db"), ChromaIndex(Path(folder) / "lessons")
        try:
            yield Lessons(engine, index)
        finally:
            index.close()
            engine.dispose()


def by_text(
    incidents: Sequence[Seen], asked: Sequence[Seen], count: int, seed: int, model: Sentences
) -> list[Row]:
    """Ask by what is said of an incident, alone and together with its signature."""
    kept = list(lessons(incidents, count, seed))
    said = model.embed([one.text for one in kept])
    looks = np.stack([_look_of(one) for one in kept])

    def question(one: Seen) -> Reals:
        return np.asarray(model.embed([one.sentence])[0])

    def both(one: Seen) -> Reals:
        return _joined(embed_signature(one.signature, one.at), question(one))

    together = np.stack([_joined(look, text) for look, text in zip(looks, said, strict=True)])
    return [
        _of_vectors("text", kept, said, asked, question),
        _of_vectors("both", kept, together, asked, both),
    ]


def _of_vectors(
    name: str, kept: Sequence[Lesson], vectors: Reals, asked: Sequence[Seen], embed: Callable[[Seen], Reals]
) -> Row:
    causes = {one.incident_id: one.cause for one in kept}
    with TemporaryDirectory() as folder:
        index = ChromaIndex(Path(folder) / "lessons")
        try:
            pairs = zip(kept, vectors, strict=True)
            index.put([Entry(one.incident_id, "", vector, {"cause": one.cause}) for one, vector in pairs])

            def ask(one: Seen) -> list[str]:
                return [causes[key] for key, _ in index.nearest(embed(one), TOP)]

            return _row(name, len(kept), asked, ask)
        finally:
            index.close()


def _look_of(lesson: Lesson) -> Reals:
    """Give a lesson without its words."""
    return embed_signature(Signature(culprit=lesson.culprit, shape=lesson.shape), lesson.at)


def _joined(one: Reals, other: Reals) -> Reals:
    return np.asarray(np.concatenate([one, other]) / np.sqrt(2.0), dtype=np.float32)


def _row(name: str, count: int, asked: Sequence[Seen], ask: Callable[[Seen], list[str]]) -> Row:
    ask(asked[0])
    hits, wall_ms, cpu_ms = 0, [], []
    for one in asked:
        began = time.perf_counter(), time.process_time()
        found = ask(one)
        wall_ms.append(1e3 * (time.perf_counter() - began[0]))
        cpu_ms.append(1e3 * (time.process_time() - began[1]))
        hits += one.cause in found
    return {
        "lessons": count,
        "embedding": name,
        "questions": len(asked),
        "top3": hits / len(asked),
        "query_ms_p50": median(wall_ms),
        "query_cpu_ms_p50": median(cpu_ms),
    }
