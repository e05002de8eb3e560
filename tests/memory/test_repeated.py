"""What is asked every cycle is asked of the database again as soon as anybody has written, and not before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, event

from memory.incidents import IncidentStore
from payments.errors import InputError
from payments.evidence import Evidence
from payments.incident import Status
from tests.memory.stock import AT, database, evidence, incident, intervention

ONE = incident()
ACTION = intervention("one:1", feed=ONE.feed)
WRITES = 100


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def note(*given: object) -> None:
        statements.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def store(engine: Engine) -> IncidentStore:
    """Give a store with a live incident whose action is in force."""
    made = IncidentStore(engine)
    made.open(ONE, None)
    made.start_intervention(ACTION)
    return made


def ask_all(store: IncidentStore) -> object:
    """Ask what a cycle asks."""
    active = store.active_interventions(), store.active_interventions(ONE.feed)
    return store.live(ONE.feed), store.unsettled(ONE.feed, AT), active


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_a_quiet_database_is_asked_once(store: IncidentStore, engine: Engine) -> None:
    first = ask_all(store)
    with asked(engine) as statements:
        assert ask_all(store) == first
    assert statements == []


def test_what_another_process_has_written_is_seen_at_once(store: IncidentStore, where: str | Path) -> None:
    ask_all(store)
    with database(where) as opened:  # no connection is shared: that is another process to both kinds
        other = IncidentStore(opened)
        other.save(ONE.model_copy(update={"status": Status.WAITING}))
        assert [one.status for one in store.live(ONE.feed)] == [Status.WAITING]
        other.end_intervention(ACTION.key, AT, "it was enough")
        assert store.active_interventions() == ()


def test_what_the_same_process_has_written_is_seen_at_once(store: IncidentStore) -> None:
    ask_all(store)
    store.save(ONE.model_copy(update={"status": Status.CLOSED, "closed_because": "over"}))
    assert store.live(ONE.feed) == ()


def test_threads_that_ask_at_once_see_what_was_written_before_they_asked(store: IncidentStore) -> None:
    written, missed = [0], list[int]()

    def ask() -> None:
        while written[0] < WRITES:
            before = written[0]
            seen = store.active_interventions()[0].step
            if seen < before:
                missed.append(seen)

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(1, WRITES + 1):
        store.keep_intervention(ACTION.model_copy(update={"step": step}))
        written[0] = step
    for thread in threads:
        thread.join()
    assert not missed


def test_a_recovered_incident_is_unsettled_for_a_while_and_no_longer(store: IncidentStore) -> None:
    recovered = {"status": Status.CLOSED, "recovered": True, "updated_at": AT}
    store.save(ONE.model_copy(update=recovered))
    assert [one.recovered for one in store.unsettled(ONE.feed, AT - timedelta(minutes=2))] == [True]
    assert store.unsettled(ONE.feed, AT + timedelta(seconds=1)) == ()


def test_an_unreadable_action_stops_its_own_feed_only(store: IncidentStore, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE interventions SET body = '{'")
    assert store.active_interventions("another feed") == ()
    with pytest.raises(InputError, match="cannot be read"):
        store.active_interventions(ONE.feed)


def test_the_evidence_of_an_incident_is_given_as_it_is_now(store: IncidentStore, where: str | Path) -> None:
    opened_with, newer = evidence(cells=3, seed=1), evidence(cells=3, seed=2)
    second = incident("abcd-2")
    store.open(second, opened_with)
    assert same(store.evidence(second.id), opened_with)
    with database(where) as opened:
        IncidentStore(opened).renew_evidence(second.id, newer)
    assert same(store.evidence(second.id), newer)


def same(one: Evidence | None, other: Evidence) -> bool:
    return one is not None and one.model_dump() == other.model_dump()
