import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, update

from memory.embedding import Vector
from memory.index import ChromaIndex
from memory.lessons import Lessons
from memory.tables import LESSONS
from payments.diagnosis import Signature
from payments.errors import BrokenIndexError
from payments.lesson import Lesson
from payments.segment import Segment
from tests.memory.past import CAUSES, history, past_incident
from tests.memory.stock import HOSTILE, indexed, lesson

if TYPE_CHECKING:
    from chromadb import EmbeddingFunction
    from chromadb.api.types import Embeddable

ANY_TEXT = st.text(st.characters(), max_size=80)


def like(past: Lesson) -> Signature:
    return Signature(culprit=past.culprit, shape=past.shape)


def test_a_lesson_is_recalled_with_its_similarity(engine: Engine, tmp_path: Path) -> None:
    with indexed(engine, tmp_path) as lessons:
        lessons.remember(lesson())
        (found,) = lessons.recall(like(lesson()))
    assert found.similarity is not None
    assert 0.5 < found.similarity <= 1.0
    assert found.model_copy(update={"similarity": None}) == lesson()


def test_nothing_learned_recalls_nothing_and_opens_no_index(engine: Engine, tmp_path: Path) -> None:
    with indexed(engine, tmp_path) as lessons:
        assert lessons.recall(like(lesson())) == ()
        assert lessons.search("psp") == ()
    assert not (tmp_path / "lessons").exists()


def test_remembering_twice_keeps_the_later_one_once(engine: Engine, tmp_path: Path) -> None:
    with indexed(engine, tmp_path) as lessons:
        for text in ("first", "second", "second"):
            lessons.remember(lesson(text=text))
        assert [found.text for found in lessons.all()] == ["second"]
        assert [found.text for found in lessons.recall(like(lesson()))] == ["second"]
    index = ChromaIndex(tmp_path / "lessons")
    assert set(index.fingerprints()) == {"abcd-1"}
    index.close()


def test_the_newest_come_first(engine: Engine, tmp_path: Path) -> None:
    with indexed(engine, tmp_path) as lessons:
        for past in history(4, np.random.default_rng(1)):
            lessons.remember(past)
        assert [found.incident_id for found in lessons.all(limit=2)] == ["past-3", "past-2"]


class TestAmongTwoHundred:
    @pytest.fixture
    def stocked(self, engine: Engine, tmp_path: Path) -> tuple[Engine, Path]:
        """Learn in the database only: the index is made at the first question."""
        with engine.begin() as connection:
            Lessons(engine, Unplugged())
            rows = history(200, np.random.default_rng(7))
            values = [
                {"incident_id": r.incident_id, "at": r.at.isoformat(), "body": r.model_dump_json()}
                for r in rows
            ]
            connection.execute(LESSONS.insert(), values)
        return engine, tmp_path

    def test_the_same_cause_is_among_the_first_three(self, stocked: tuple[Engine, Path]) -> None:
        rng = np.random.default_rng(8)
        asked = [past_incident(1000 + number, CAUSES[number % len(CAUSES)], rng) for number in range(90)]
        with indexed(*stocked) as lessons:
            hits = sum(now.cause in {found.cause for found in lessons.recall(like(now), 3)} for now in asked)
        assert hits / len(asked) >= 0.95

    def test_the_most_similar_come_and_no_more_than_asked_for(self, stocked: tuple[Engine, Path]) -> None:
        with indexed(*stocked) as lessons:
            found = lessons.recall(like(lesson()), 7)
        nearness = [one.similarity or 0.0 for one in found]
        assert len(nearness) == 7
        assert nearness[0] == max(nearness)
        assert min(nearness) >= nearness[0] - 0.1

    @pytest.mark.parametrize(
        ("words", "cause"),
        [
            ("certificate expired", "expired_cert"),
            ("stolen cards", "card_testing"),
            ("late success reports", "webhook_lag"),
            ("retry storm", "retry_storm"),
        ],
    )
    def test_words_of_a_person_find_the_cause(
        self, stocked: tuple[Engine, Path], words: str, cause: str
    ) -> None:
        with indexed(*stocked) as lessons:
            assert cause in {found.cause for found in lessons.search(words, 3)}


class TestTheIndexIsOnlyAnIndex:
    def test_a_deleted_folder_is_rebuilt(self, engine: Engine, tmp_path: Path) -> None:
        past = _learned(engine, tmp_path)
        shutil.rmtree(tmp_path / "lessons")
        with indexed(engine, tmp_path) as lessons:
            assert _recalled(lessons) == past

    @pytest.mark.parametrize("damage", ["garbage", "cut short", "a file"])
    def test_a_corrupt_folder_is_put_aside_and_rebuilt(
        self, engine: Engine, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        past = _learned(engine, tmp_path)
        _damage(tmp_path / "lessons", damage)
        with caplog.at_level(logging.WARNING, logger="memory"), indexed(engine, tmp_path) as lessons:
            assert _recalled(lessons) == past
            lessons.remember(lesson("abcd-9"))
            assert _recalled(lessons) == past | {"abcd-9"}
        assert (tmp_path / "lessons.broken-1").exists()
        assert any("rebuilt from the lessons" in record.getMessage() for record in caplog.records)

    def test_a_folder_deleted_under_a_running_process_loses_nothing(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        past = _learned(engine, tmp_path)
        with indexed(engine, tmp_path) as lessons:
            assert _recalled(lessons) == past
            shutil.rmtree(tmp_path / "lessons")
            lessons.remember(lesson("abcd-9"))
            assert _recalled(lessons) == past | {"abcd-9"}

    def test_a_crash_between_the_two_writes_is_repaired(self, engine: Engine, tmp_path: Path) -> None:
        past = _learned(engine, tmp_path)
        Lessons(engine, Unplugged()).remember(lesson("abcd-9"))
        with indexed(engine, tmp_path) as lessons:
            assert _recalled(lessons) == past | {"abcd-9"}

    def test_a_crash_between_two_versions_of_a_lesson_is_repaired(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        _learned(engine, tmp_path)
        changed = lesson("abcd-1", culprit=Segment.of(issuer="zebra bank"))
        Lessons(engine, Unplugged()).remember(changed)
        with indexed(engine, tmp_path) as lessons:
            assert lessons.search("zebra bank", 1)[0].incident_id == "abcd-1"

    def test_what_another_process_learns_is_recalled(self, engine: Engine, tmp_path: Path) -> None:
        past = _learned(engine, tmp_path)
        with indexed(engine, tmp_path) as watching:
            assert _recalled(watching) == past
            Lessons(engine, Unplugged()).remember(lesson("abcd-9"))
            assert _recalled(watching) == past | {"abcd-9"}

    def test_what_the_database_does_not_hold_is_dropped(self, engine: Engine, tmp_path: Path) -> None:
        past = _learned(engine, tmp_path)
        with engine.begin() as connection:
            connection.execute(LESSONS.delete().where(LESSONS.c.incident_id == "abcd-1"))
        with indexed(engine, tmp_path) as lessons:
            assert {found.incident_id for found in lessons.recall(like(lesson()), 2)} == past - {"abcd-1"}

    def test_an_index_that_stays_broken_is_said_and_loses_nothing(
        self, engine: Engine, caplog: pytest.LogCaptureFixture
    ) -> None:
        lessons = Lessons(engine, Unplugged())
        with caplog.at_level(logging.WARNING, logger="memory"):
            lessons.remember(lesson())
        assert "learned but not indexed yet" in caplog.text
        assert lessons.all() == (lesson(),)
        with pytest.raises(BrokenIndexError, match="unplugged"):
            lessons.search("psp")
        with caplog.at_level(logging.WARNING, logger="memory"):
            assert [lessons.recall(like(lesson())) for _ in range(2)] == [(), ()]
        assert caplog.text.count("nothing is remembered of earlier incidents for now: unplugged") == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lessons_come_back(engine: Engine, tmp_path: Path, text: str) -> None:
    kept = lesson(culprit=Segment({"merchant": text}), text=text)
    with indexed(engine, tmp_path) as lessons:
        lessons.remember(kept)
        (found,) = lessons.recall(like(kept))
        assert len(lessons.search(text)) == 1
    assert found.model_copy(update={"similarity": None}) == kept


@example(name="\ud800", value="\ud800", text="\ud800", saved=float("inf"))
@given(name=ANY_TEXT, value=ANY_TEXT, text=ANY_TEXT, saved=st.none() | st.floats(allow_nan=False))
def test_any_lesson_comes_back(name: str, value: str, text: str, saved: float | None) -> None:
    engine = create_engine("sqlite://")
    kept = lesson(culprit=Segment({name: value}), text=text).model_copy(update={"payments_saved": saved})
    lessons = Lessons(engine, Unplugged())
    lessons.remember(kept)
    assert lessons.all() == (kept,)
    engine.dispose()


def test_one_row_that_cannot_be_read_hides_no_other(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    past = _learned(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(update(LESSONS).where(LESSONS.c.incident_id == "abcd-1").values(body="{"))
    with caplog.at_level(logging.WARNING, logger="memory"), indexed(engine, tmp_path) as lessons:
        assert {found.incident_id for found in lessons.all()} == past - {"abcd-1"}
        assert _recalled(lessons) == past - {"abcd-1"}
        assert _recalled(lessons) == past - {"abcd-1"}
    assert caplog.text.count("lesson of incident abcd-1 cannot be read") == 1


class Unplugged:
    """An index that never works, as one on a full or vanished disk."""

    def put(self, entries: object) -> None:
        raise BrokenIndexError("unplugged")

    def drop(self, incident_ids: object) -> None:
        raise BrokenIndexError("unplugged")

    def fingerprints(self) -> dict[str, str]:
        raise BrokenIndexError("unplugged")

    def nearest(
        self, vector: Vector, k: int, labels: Mapping[str, str] | None = None
    ) -> list[tuple[str, float]]:
        raise BrokenIndexError("unplugged")

    def clear(self) -> None:
        """Nothing can be put aside."""


@pytest.mark.parametrize("made_by", ["another embedding", "another distance", "fewer neighbours"])
def test_an_index_that_compares_otherwise_is_rebuilt(engine: Engine, tmp_path: Path, made_by: str) -> None:
    _make_collection(tmp_path / "lessons", made_by)
    index = ChromaIndex(tmp_path / "lessons")
    with pytest.raises(BrokenIndexError):
        index.fingerprints()
    index.close()
    Lessons(engine, Unplugged()).remember(lesson())
    with indexed(engine, tmp_path) as lessons:
        (found,) = lessons.recall(like(lesson()))
    assert (found.similarity or 0.0) > 0.5


def _make_collection(folder: Path, made_by: str) -> None:
    import chromadb
    from chromadb.config import Settings

    from memory.words import WORDS

    client: Any = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    graphs = {"another distance": {"space": "l2"}, "fewer neighbours": {"space": "cosine"}}
    if made_by in graphs:
        graph = graphs[made_by]
        client.create_collection("lessons", embedding_function=WORDS, configuration={"hnsw": graph})
    else:
        client.create_collection("lessons", embedding_function=_other_words())
    client.close()


def _other_words() -> "EmbeddingFunction[Embeddable]":
    from memory.words import Words

    class Other(Words):
        @staticmethod
        def name() -> str:
            return "payops_words_0"

    return cast("EmbeddingFunction[Embeddable]", Other())


def _learned(engine: Engine, folder: Path) -> set[str]:
    names = {"abcd-1", "abcd-2", "abcd-3"}
    with indexed(engine, folder) as lessons:
        for name in sorted(names):
            lessons.remember(lesson(name))
    return names


def _recalled(lessons: Lessons) -> set[str]:
    return {found.incident_id for found in lessons.recall(like(lesson()), 10)}


def _damage(folder: Path, how: str) -> None:
    if how == "a file":
        shutil.rmtree(folder)
        folder.write_text("not a folder")
        return
    held = folder / "chroma.sqlite3"
    held.write_bytes(b"not a database" * 999 if how == "garbage" else held.read_bytes()[:5000])
