"""The record of what a model was asked: by incident, by question, and all together."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from payments.errors import StorageError
from tools.database import open_database
from tools.language_model.kept import KeptCalls, Total
from tools.ports import ModelCall

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "payops.db")
    yield engine
    engine.dispose()


@pytest.fixture
def calls(engine: Engine) -> KeptCalls:
    kept = KeptCalls(engine)
    kept.make_table()
    return kept


def call(incident: str = "i1", number: int = 1, **changes: object) -> ModelCall:
    given: dict[str, object] = {"about": "q1", "at": NOON, "calls": 1, "tokens_in": 900, "tokens_out": 100}
    return ModelCall(incident, number, **{**given, **changes})  # type: ignore[arg-type]


def test_the_calls_of_an_incident_come_back_in_their_order(calls: KeptCalls) -> None:
    kept = [call(number=2, fallback="busy"), call(number=1, answer="{}"), call("i2")]
    for one in kept:
        calls.keep(one)
    assert calls.of("i1") == (kept[1], kept[0])
    assert calls.of("nobody") == ()
    assert kept[0].tokens == 1_000


def test_what_is_kept_under_a_number_again_takes_its_place(calls: KeptCalls) -> None:
    calls.keep(call(fallback="unfinished"))
    calls.keep(call(answer="{}"))
    assert calls.of("i1") == (call(answer="{}"),)


def test_an_answer_is_found_by_its_question_whoever_asked(calls: KeptCalls) -> None:
    calls.keep(call("i1", fallback="busy"))
    assert calls.answer("q1") is None
    calls.keep(call("i2", answer="{}"))
    assert calls.answer("q1") == "{}"
    assert calls.answer("q2") is None


def test_everything_is_added_up_with_each_reason_for_a_fallback(calls: KeptCalls) -> None:
    assert calls.total() == Total(0, 0, 0, 0, 0, 0.0, {})
    for number, reason in enumerate(["", "busy", "busy", "number"], start=1):
        calls.keep(call(number=number, fallback=reason, seconds=0.5))
    assert calls.total() == Total(4, 1, 4, 3_600, 400, 2.0, {"busy": 2, "number": 1})


def test_a_database_that_cannot_be_used_is_an_error_of_ours(engine: Engine) -> None:
    with pytest.raises(StorageError, match="the record of the language model cannot be read"):
        KeptCalls(engine).total()
    with pytest.raises(StorageError, match="cannot be written"):
        KeptCalls(engine).keep(call())
