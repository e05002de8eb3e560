import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Barrier as ThreadBarrier

import pytest
from sqlalchemy import Engine, text

from memory.incidents import IncidentStore
from payments.decision import Decision
from payments.errors import NotFoundError, RefusedError
from payments.incident import Status
from tests.memory.stock import HOSTILE, database, decision, incident

PROCESSES = 4


def test_a_decision_comes_back(store: IncidentStore) -> None:
    store.open(incident(), None)
    assert store.decision("abcd-1", 1) is None
    store.record_decision("abcd-1", decision())
    assert store.decision("abcd-1", 1) == decision()


def test_the_second_is_refused_naming_who_decided_what_and_when(store: IncidentStore) -> None:
    store.open(incident(), None)
    store.record_decision("abcd-1", decision("asha", "approve"))
    with pytest.raises(RefusedError, match="asha chose to approve at 2026-03-02 12:00:00 UTC"):
        store.record_decision("abcd-1", decision("ben", "reject"))
    assert store.decision("abcd-1", 1) == decision("asha", "approve")


def test_there_is_nothing_to_decide_on_an_unknown_incident(store: IncidentStore) -> None:
    with pytest.raises(NotFoundError, match="no incident 'ffff' to decide on"):
        store.record_decision("ffff", decision())


def test_each_question_is_decided_once_and_all_are_kept_in_order(store: IncidentStore) -> None:
    first, second = decision("asha"), decision("ben").model_copy(update={"question": 2})
    store.open(incident(), None)
    store.record_decision("abcd-1", second)
    store.record_decision("abcd-1", first)
    assert store.decisions("abcd-1") == (first, second)
    assert store.decision("abcd-1", 3) is None
    with pytest.raises(RefusedError, match="question 2 of incident abcd-1 was decided already: ben chose"):
        store.record_decision("abcd-1", second.model_copy(update={"by": "asha"}))


BEFORE_QUESTIONS = (
    "CREATE TABLE decisions (incident_id VARCHAR(64) NOT NULL, body TEXT NOT NULL, PRIMARY KEY (incident_id))"
)


def _of_earlier_shape(engine: Engine) -> None:
    """Leave a database as it was before an incident could ask more than one question."""
    body = '{"type": "approve", "by": "asha", "at": "2026-03-02T12:00:00+00:00", "note": "", "action": null}'
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE_QUESTIONS)
        connection.execute(text("INSERT INTO decisions VALUES ('abcd-1', :body)"), {"body": body})


def test_decisions_of_an_earlier_shape_answer_the_first_question(engine: Engine) -> None:
    _of_earlier_shape(engine)
    store = IncidentStore(engine)
    store.open(incident(status=Status.WAITING), None)
    assert store.decision("abcd-1", 1) == decision()
    assert store.undecided() == ()
    store.record_decision("abcd-1", decision("ben").model_copy(update={"question": 2}))
    assert [kept.by for kept in IncidentStore(engine).decisions("abcd-1")] == ["asha", "ben"]


def test_an_empty_table_of_an_earlier_shape_takes_numbered_questions(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(BEFORE_QUESTIONS)
    store = IncidentStore(engine)
    store.open(incident(), None)
    store.record_decision("abcd-1", decision().model_copy(update={"question": 2}))
    assert store.decision("abcd-1", 2) is not None


def test_of_many_that_open_an_earlier_shape_at_once_one_converts_it(where: str | Path) -> None:
    with database(where) as engine:
        _of_earlier_shape(engine)
    together = ThreadBarrier(PROCESSES)

    def open_store(_: int) -> Decision | None:
        with database(where) as engine:
            together.wait(timeout=60)
            return IncidentStore(engine).decision("abcd-1", 1)

    with ThreadPoolExecutor(PROCESSES) as pool:
        assert list(pool.map(open_store, range(PROCESSES))) == [decision()] * PROCESSES


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_notes_and_names_are_only_text(store: IncidentStore, words: str) -> None:
    kept = decision(words).model_copy(update={"note": words})
    store.open(incident(), None)
    store.record_decision("abcd-1", kept)
    assert store.decision("abcd-1", 1) == kept


def test_of_threads_that_decide_at_once_one_wins(where: str | Path) -> None:
    with database(where) as engine:
        _stock(IncidentStore(engine))
    together = ThreadBarrier(PROCESSES)

    def decide(number: int) -> list[str]:
        with database(where) as engine:
            return _decide_all(IncidentStore(engine), f"human {number}", together)

    with ThreadPoolExecutor(PROCESSES) as pool:
        _each_decided_once(where, list(pool.map(decide, range(PROCESSES))))


@pytest.mark.integration
def test_of_processes_that_decide_at_once_one_wins(where: str | Path) -> None:
    with database(where) as engine:
        _stock(IncidentStore(engine))
    context = multiprocessing.get_context("spawn")
    together, won = context.Barrier(2), context.Queue()
    humans = [
        context.Process(target=_decide_in_process, args=(where, f"human {number}", together, won))
        for number in range(2)
    ]
    for human in humans:
        human.start()
    results = [won.get(timeout=60) for _ in humans]
    for human in humans:
        human.join(timeout=60)
        human.close()
    won.close()
    won.join_thread()
    _each_decided_once(where, results)


NAMES = tuple(f"race-{number}" for number in range(20))


def _stock(store: IncidentStore) -> None:
    for name in NAMES:
        store.open(incident(name, status=Status.WAITING), None)


def _decide_all(store: IncidentStore, by: str, together: ThreadBarrier | Barrier) -> list[str]:
    won = []
    for name in NAMES:
        together.wait(timeout=60)
        try:
            store.record_decision(name, decision(by))
        except RefusedError:
            continue
        won.append(name)
    return won


def _decide_in_process(
    where: str | Path, by: str, together: Barrier, won: "multiprocessing.Queue[list[str]]"
) -> None:
    with database(where) as engine:
        won.put(_decide_all(IncidentStore(engine), by, together))


def _each_decided_once(where: str | Path, won: list[list[str]]) -> None:
    assert sorted(name for names in won for name in names) == sorted(NAMES)
    with database(where) as engine:
        store = IncidentStore(engine)
        assert all(store.decision(name, 1) is not None for name in NAMES)
