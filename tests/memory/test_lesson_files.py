"""Lessons as JSON lines: out and in again is the same, and a hostile file changes nothing."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from memory.lesson_files import lessons_in, line_of
from memory.lessons import Lessons
from payments.errors import InputError
from payments.lesson import Lesson
from payments.segment import Segment
from tests.memory.past import history
from tests.memory.stock import HOSTILE, lesson
from tests.memory.test_lessons import Unplugged

ANY_TEXT = st.text(st.characters(), max_size=40)
ANY_LESSON = st.builds(
    lambda name, value, text, saved, size: lesson(
        f"i{name}"[:200], culprit=Segment({name: value}), text=text
    ).model_copy(update={"payments_saved": saved, "shape": {name: size}}),
    ANY_TEXT,
    ANY_TEXT,
    ANY_TEXT,
    st.none() | st.floats(allow_nan=False),
    st.floats(0.0, 1.0),
)


def exported(lessons: list[Lesson]) -> bytes:
    return "".join(map(line_of, lessons)).encode("ascii")


def changed(**fields: object) -> bytes:
    return json.dumps({**json.loads(line_of(lesson())), **fields}).encode() + b"\n"


@given(st.lists(ANY_LESSON, max_size=5))
def test_out_and_in_again_is_the_same(lessons: list[Lesson]) -> None:
    assert list(lessons_in(io.BytesIO(exported(lessons)))) == lessons


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_goes_out_and_in(text: str) -> None:
    kept = lesson(culprit=Segment({"merchant": text}), text=text)
    assert list(lessons_in(io.BytesIO(exported([kept])))) == [kept]


def test_one_memory_goes_into_another_whole(engine: Engine) -> None:
    import numpy as np

    here, there = Lessons(engine, Unplugged()), Lessons(create_engine("sqlite://"), Unplugged())
    assert there.take_in(history(700, np.random.default_rng(1))) == 700
    lines = exported(list(there.every()))
    assert here.take_in(lessons_in(io.BytesIO(lines))) == 700
    assert here.take_in(lessons_in(io.BytesIO(lines))) == 700
    assert exported(list(here.every())) == lines


BAD_LINES = {
    "no JSON": b"{",
    "no object": b"[1]",
    "no UTF-8": b'{"incident_id": "\xff"}',
    "nothing in it": b"{}",
    "deep": b"[" * 100_000,
    "an unknown field": changed(weight=1e9),
    "too similar": changed(similarity=2.0),
    "no number": changed(payments_saved=float("nan")),
    "a shape beyond 1": changed(shape={"failure_excess": 1.5}),
    "a shape of words": changed(shape={"failure_excess": "much"}),
    "a shape that is not a number": changed(shape={"failure_excess": float("nan")}),
    "too many features": changed(shape={f"f{number}": 0.0 for number in range(1_001)}),
    "no such action": changed(action="reroute_everything"),
    "no such effect": changed(effect="miracle"),
    "no time zone": changed(at="2026-03-02T12:00:00"),
    "no id": changed(incident_id=""),
    "an endless id": changed(incident_id="x" * 201),
    "an endless line": changed(text="x" * 4_000_000),
    "a huge number": b'{"payments_saved": 1' + b"0" * 10_000 + b"}",
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_that_is_no_lesson_is_named_and_nothing_is_imported(name: str) -> None:
    engine = create_engine("sqlite://")
    lessons = Lessons(engine, Unplugged())
    lessons.remember(lesson("kept"))
    file = io.BytesIO(exported([lesson("good")]) + b"\n" + BAD_LINES[name])
    with pytest.raises(InputError, match=r"^line 3 is no lesson: .*nothing was imported"):
        lessons.take_in(lessons_in(file))
    assert [one.incident_id for one in lessons.every()] == ["kept"]
    engine.dispose()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(given_bytes: bytes) -> None:
    refused = ""
    try:
        list(lessons_in(io.BytesIO(given_bytes)))
    except InputError as error:
        refused = str(error)
    assert refused.startswith("line ") or not given_bytes.strip()
