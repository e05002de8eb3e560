"""A connection that is lost in the middle: what was under way goes on, and people are told once."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from console.settings import Settings
from memory.incidents import IncidentStore
from payments.errors import StorageError
from payments.incident import Status
from tests.graph.made import crew, cycles, only_incident, world
from tests.integration.postgres import PostgresServer
from tests.memory.stock import decision, incident
from tests.tools.receiver import Receiver, execute, outbox, states
from tools.database import open_database
from tools.postgresql import Line, open_postgresql

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgresql")]


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'payops'"


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = open_database(postgres_url)
    yield engine
    engine.dispose()


@contextmanager
def cut_at(engine: Engine, server: PostgresServer, is_the_one: Callable[[str], bool]) -> Iterator[list[str]]:
    """Let the server end the connection right before a statement, once."""
    cut = list[str]()

    def maybe(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not cut and is_the_one(statement):
            cut.append(statement)
            server.execute(CUT)

    event.listen(engine, "before_cursor_execute", maybe)
    yield cut
    event.remove(engine, "before_cursor_execute", maybe)


def test_a_write_whose_connection_breaks_is_done_and_told_once(
    engine: Engine, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = IncidentStore(engine)
    with cut_at(
        engine, postgres_server, lambda sql: "INTO evidence" in sql or "INTO incidents" in sql
    ) as cut:
        store.open(incident(), None)
    assert cut
    assert store.get("abcd-1") == incident()
    (told,) = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert "the connection to the database was lost" in told


def test_a_decision_whose_connection_breaks_counts_once(
    engine: Engine, postgres_server: PostgresServer
) -> None:
    store = IncidentStore(engine)
    store.open(incident(status=Status.WAITING), None)
    with cut_at(engine, postgres_server, lambda sql: "INTO decisions" in sql) as cut:
        store.record_decision("abcd-1", decision())
    assert cut
    assert store.decisions("abcd-1") == (decision(),)
    store.record_decision("abcd-1", decision())  # as when its own commit was answered by silence


@pytest.mark.parametrize("at", ["INSERT INTO outbox", "UPDATE outbox"])
def test_an_action_whose_connection_breaks_is_carried_out_once(
    engine: Engine, postgres_server: PostgresServer, at: str
) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    with cut_at(engine, postgres_server, lambda sql: sql.startswith(at)) as cut:
        execute(box)
    assert cut
    assert (receiver.effects, states(engine)) == (["incident:1"], ["done"])


def test_a_server_that_starts_again_is_waited_for(
    engine: Engine, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    store = IncidentStore(engine)
    store.open(incident(), None)
    postgres_server.stop()
    starting = Thread(target=postgres_server.start)
    starting.start()
    store.save(incident(status=Status.CLOSED))
    starting.join()
    assert store.get("abcd-1").status is Status.CLOSED
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1


def test_a_server_that_stays_away_is_given_up_after_a_while(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    now, pauses = [0.0], list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    engine = open_postgresql(postgres_url, Line(30.0, lambda: now[0], pause))
    store = IncidentStore(engine)
    postgres_server.stop()
    try:
        with pytest.raises(StorageError, match="cannot be read"):
            store.list()
        assert sum(pauses) == pytest.approx(30.0, abs=1.0)
        before = len(pauses)
        with pytest.raises(StorageError):
            store.list()
        assert len(pauses) == before  # who asks next does not wait as long in vain
    finally:
        postgres_server.start()
    assert store.list() == ()
    engine.dispose()


def test_a_process_that_is_paused_in_a_transaction_keeps_nobody_waiting_for_long(
    engine: Engine, postgres_url: str
) -> None:
    IncidentStore(engine).open(incident(), None)
    with closing(engine.connect()) as paused:
        paused.execute(text("UPDATE incidents SET status = 'waiting'"))
        other = open_database(postgres_url)
        IncidentStore(other).save(incident(status=Status.CLOSED))  # the server ends the other's after 4 s
        other.dispose()
        with pytest.raises(DBAPIError):
            paused.execute(text("SELECT 1"))
    assert IncidentStore(engine).get("abcd-1").status is Status.CLOSED


def test_a_crew_whose_connections_break_all_the_time_loses_nothing(
    state_dir: Path, postgres_url: str, postgres_server: PostgresServer
) -> None:
    settings = Settings(state_dir=state_dir, database_url=SecretStr(postgres_url))
    with crew(world("psp_outage", settings), settings) as duty:
        for _ in range(30):
            cycles(duty, 1)
            postgres_server.execute(CUT)
        found = only_incident(duty)
        assert (found.status, found.executed) == (Status.ACTING, True)
        assert [one.key for one in duty.services.outbox.in_force()]
        assert duty.runs.has_begun(found.id)


def test_a_checkpoint_whose_connection_breaks_is_kept(
    state_dir: Path, postgres_url: str, postgres_server: PostgresServer
) -> None:
    settings = Settings(state_dir=state_dir, database_url=SecretStr(postgres_url), confidence_threshold=1.0)
    with crew(world("psp_outage", settings), settings) as duty:
        saver = vars(duty.runs.crew)["checkpointer"]
        put, broken = saver.put, list[int]()

        def breaking(*given: object) -> object:
            postgres_server.execute(CUT)
            broken.append(1)
            return put(*given)

        saver.put = breaking
        cycles(duty, 20)
        assert broken
        assert duty.runs.waits(only_incident(duty).id)
