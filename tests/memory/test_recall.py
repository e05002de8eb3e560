"""Which lessons come back: the newer of those alike, of one merchant, and none that was proved wrong."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from memory.embedding import embed_lesson, embed_signature
from memory.lessons import Lessons
from memory.trials import agrees, weight
from payments.action import ActionKind
from payments.diagnosis import Signature
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.segment import Segment
from tests.memory.stock import ALPHA, AT, indexed, lesson
from tests.memory.test_lessons import Unplugged

ANY_TEXT = st.text(st.characters(), max_size=200)
UPI = Segment.of(merchant="shoes", method="upi")
CARD = Segment.of(merchant="books", method="card")


def like(past: Lesson) -> Signature:
    return Signature(culprit=past.culprit, shape=past.shape)


def changed(past: Lesson, **fields: object) -> Lesson:
    return past.model_copy(update=fields)


def names(found: tuple[Lesson, ...]) -> list[str]:
    return [one.incident_id for one in found]


def test_of_lessons_as_much_alike_the_newer_comes_first(engine: Engine, tmp_path: Path) -> None:
    with indexed(engine, tmp_path) as lessons:
        for days in (0, 400, 30):
            lessons.remember(changed(lesson(f"day-{days}"), at=AT + timedelta(days=days)))
        assert names(lessons.recall(like(lesson()), 2)) == ["day-400", "day-30"]


def test_of_lessons_as_much_alike_those_that_show_other_targets_come_in(
    engine: Engine, tmp_path: Path
) -> None:
    look = lesson().shape
    with indexed(engine, tmp_path) as lessons:
        for number in range(20):
            shape = {**look, "target:beta": float(number % 5 > 0)}
            lessons.remember(changed(lesson(f"beta-{number}"), shape=shape, at=AT + timedelta(days=1)))
        for number in range(4):
            lessons.remember(changed(lesson(f"gamma-{number}"), shape={**look, "target:gamma": 0.0}))
        found = lessons.recall(like(lesson()), 8)
    assert sum("target:gamma" in one.shape for one in found) == 4


def test_a_lesson_is_not_preferred_for_saying_the_contrary(engine: Engine, tmp_path: Path) -> None:
    look = lesson().shape
    with indexed(engine, tmp_path) as lessons:
        lessons.remember(changed(lesson("odd"), shape={**look, "target:beta": 0.0}))
        for number in range(4):
            shape = {**look, "target:beta": 1.0}
            lessons.remember(changed(lesson(f"usual-{number}"), shape=shape, at=AT + timedelta(days=9)))
        assert "odd" not in names(lessons.recall(like(lesson()), 4))


def test_age_does_not_outweigh_another_look(engine: Engine, tmp_path: Path) -> None:
    other = changed(
        lesson("new"), shape={"attempts_excess": 0.9, "lead_attempts": 1.0}, at=AT + timedelta(days=999)
    )
    with indexed(engine, tmp_path) as lessons:
        lessons.remember(lesson("old"))
        lessons.remember(other)
        assert names(lessons.recall(like(lesson()), 1)) == ["old"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"merchant": "shoes"}, {"a"}),
        ({"method": "card"}, {"b"}),
        ({"merchant": "shoes", "method": "card"}, set()),
        ({}, {"a", "b", "c"}),
    ],
)
def test_people_may_ask_for_one_merchant_or_method(
    engine: Engine, tmp_path: Path, labels: dict[str, str], expected: set[str]
) -> None:
    with indexed(engine, tmp_path) as lessons:
        for name, culprit in (("a", UPI), ("b", CARD), ("c", ALPHA)):
            lessons.remember(lesson(name, culprit=culprit))
        assert set(names(lessons.search("it failed", 5, **labels))) == expected
        assert set(names(lessons.all(5, **labels))) == expected


@given(ANY_TEXT)
def test_what_is_written_in_a_lesson_never_changes_how_similar_it_is(text: str) -> None:
    asked = embed_signature(like(lesson()), AT)
    plain, written = embed_lesson(lesson()), embed_lesson(lesson(text=text))
    assert asked @ written == pytest.approx(float(asked @ plain), abs=1e-5)


class TestWhatComesOfALaterIncident:
    @pytest.mark.parametrize(
        ("earlier", "later", "expected"),
        [
            ({}, {}, True),
            ({"cause": "issuer_outage"}, {}, False),
            ({"effect": Effect.HARMED}, {}, False),
            ({}, {"effect": Effect.HARMED}, False),
            ({"effect": Effect.NO_EFFECT}, {"effect": Effect.HARMED}, True),
            ({}, {"effect": Effect.NOT_MEASURED}, None),
            ({}, {"culprit": Segment.of(psp="beta")}, None),
            ({"action": ActionKind.ALERT}, {"effect": Effect.HARMED}, None),
            ({"shape": {"target:b": 0.0}}, {"shape": {"target:b": 1.0}}, False),
            ({"shape": {"target:b": 0.0}}, {"shape": {"target:b": 0.0}}, True),
        ],
    )
    def test_confirms_or_refutes_a_lesson(
        self, earlier: dict[str, object], later: dict[str, object], expected: bool | None
    ) -> None:
        assert agrees(changed(lesson("a"), **earlier), changed(lesson("b"), **later)) is expected

    def test_takes_weight_from_a_lesson_that_was_wrong(self, engine: Engine, tmp_path: Path) -> None:
        wrong, right = changed(lesson("wrong"), cause="issuer_outage"), lesson("right")
        with indexed(engine, tmp_path) as lessons:
            for one in (wrong, right):
                lessons.remember(one)
            given = lessons.recall(like(lesson()), 2)
            for _ in range(2):  # the outcome of one incident counts once, however often it is kept
                lessons.remember(lesson("later"), given)
            found = {one.incident_id: one.similarity or 0.0 for one in lessons.recall(like(lesson()), 3)}
        assert found["wrong"] == pytest.approx(weight(0, 1) * found["right"], abs=0.01)
        assert found["later"] == pytest.approx(found["right"], abs=0.01)

    @given(st.integers(0, 10**6), st.integers(0, 10**6))
    def test_never_makes_a_lesson_count_for_more_than_one_or_for_nothing(
        self, confirmed: int, refuted: int
    ) -> None:
        assert 0.0 < weight(confirmed, refuted + 1) < weight(confirmed, refuted) <= 1.0
        assert weight(confirmed + 1, refuted) >= weight(confirmed, refuted)


class TestOldLessons:
    def test_are_forgotten_when_a_newer_one_is_learned(self, engine: Engine, tmp_path: Path) -> None:
        with indexed(engine, tmp_path, kept_for=timedelta(days=10)) as lessons:
            for days in (0, 5, 11):
                lessons.remember(changed(lesson(f"day-{days}"), at=AT + timedelta(days=days)))
            assert names(lessons.all()) == ["day-11", "day-5"]
            assert set(names(lessons.recall(like(lesson())))) == {"day-11", "day-5"}

    def test_are_forgotten_with_what_was_said_of_them(self, engine: Engine) -> None:
        lessons = Lessons(engine, Unplugged())
        wrong = changed(lesson("old"), cause="issuer_outage")
        lessons.remember(wrong)
        lessons.remember(lesson("new"), [wrong])
        assert lessons.prune(AT + timedelta(seconds=1)) == 2
        assert lessons._rows.weights(["old"]) == {}  # noqa: SLF001 - nothing else shows it

    def test_stay_where_no_age_is_set(self) -> None:
        engine = create_engine("sqlite://")
        lessons = Lessons(engine, Unplugged())
        lessons.remember(lesson("old"))
        lessons.remember(changed(lesson("new"), at=AT + timedelta(days=9_999)))
        assert len(lessons.all()) == 2
        engine.dispose()
