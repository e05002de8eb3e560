"""Tenants: one worker a feed, a number that goes up, and a fence that stops whoever lost it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from memory.holders import this_process
from memory.incidents import IncidentStore
from memory.tenants import Tenancy, Tenants, holding, wait_for
from payments.errors import RefusedError, StorageError
from payments.incident import Status
from tests.memory.stock import HOSTILE, database, incident

ELSEWHERE = "a worker on another machine"
GONE = this_process().rsplit(":", 1)[0] + ":1"
"""A process with our number that started at another time: it is not there any more."""


@pytest.fixture
def ours(engine: Engine) -> Tenants:
    IncidentStore(engine)
    return Tenants(engine, this_process())


@pytest.fixture
def theirs(ours: Tenants, engine: Engine) -> Tenants:
    return Tenants(engine, ELSEWHERE)


def let_time_pass(engine: Engine) -> None:
    """Let every lease run out."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE tenants SET until_s = 0"))


def test_a_feed_has_one_worker(ours: Tenants, theirs: Tenants) -> None:
    assert ours.take("feed") == 1
    assert theirs.take("feed") is None
    assert ours.take("feed") is None  # not even the same process holds it twice
    assert theirs.take("another feed") == 1
    assert (ours.holder("feed"), ours.holder("no feed")) == (this_process(), None)


def test_a_worker_that_is_not_heard_of_loses_its_feed_and_the_number_goes_up(
    ours: Tenants, theirs: Tenants, engine: Engine
) -> None:
    assert theirs.take("feed") == 1
    let_time_pass(engine)
    assert ours.take("feed") == 2
    assert not theirs.renew("feed", 1)
    theirs.release("feed", 1)
    assert theirs.take("feed") is None


def test_a_worker_that_is_heard_of_keeps_its_feed(ours: Tenants, theirs: Tenants, engine: Engine) -> None:
    assert theirs.take("feed") == 1
    let_time_pass(engine)
    assert theirs.renew("feed", 1)
    assert ours.take("feed") is None


def test_a_feed_that_was_let_go_is_free_at_once(ours: Tenants, theirs: Tenants) -> None:
    theirs.release("feed", theirs.take("feed") or 0)
    assert ours.take("feed") == 2


def test_the_feed_of_a_process_that_is_gone_is_free_at_once(ours: Tenants, engine: Engine) -> None:
    assert Tenants(engine, GONE).take("feed") == 1
    assert ours.take("feed") == 2


def test_who_takes_a_feed_frees_its_incidents_and_no_others(
    ours: Tenants, theirs: Tenants, engine: Engine
) -> None:
    store, now = IncidentStore(engine), datetime.now(UTC)
    store.open(incident("abcd-1", feed="feed"), None)
    store.open(incident("abcd-2", feed="another feed"), None)
    theirs.take("feed")
    held = [store.lease(name, ELSEWHERE, 30, now) for name in ("abcd-1", "abcd-2")]
    for one in held:
        one.__enter__()
    let_time_pass(engine)
    ours.take("feed")
    with store.lease("abcd-1", this_process(), 30, now):
        pass
    with pytest.raises(RefusedError), store.lease("abcd-2", this_process(), 30, now):
        pass
    for one in held:
        one.__exit__(None, None, None)


def test_who_lost_its_feed_can_write_nothing(engine: Engine, ours: Tenants, where: str | Path) -> None:
    with database(where) as woken:
        store = IncidentStore(woken)
        tenancy = Tenancy("feed", Tenants(engine, ELSEWHERE).take("feed") or 0)
        tenancy.fence(woken)
        store.open(incident(feed="feed"), None)
        tenancy.check()
        let_time_pass(engine)
        store.save(incident(feed="feed", status=Status.WAITING))  # nobody has taken it: it may go on
        ours.take("feed")
        with pytest.raises(StorageError, match="another worker watches 'feed' by now"):
            store.save(incident(feed="feed", status=Status.CLOSED))
        with pytest.raises(StorageError):
            tenancy.check()
        assert store.get("abcd-1").status is Status.WAITING


def test_of_many_that_take_a_feed_at_once_one_gets_it(engine: Engine, where: str | Path) -> None:
    IncidentStore(engine)
    together = Barrier(6)

    def take(number: int) -> int | None:
        with database(where) as own:
            tenants = Tenants(own, f"worker {number}")
            together.wait(timeout=60)
            return tenants.take("feed")

    with ThreadPoolExecutor(6) as pool:
        assert sorted(filter(None, pool.map(take, range(6)))) == [1]


def test_a_worker_stands_by_and_says_once_for_whom(ours: Tenants, theirs: Tenants, engine: Engine) -> None:
    theirs.take("feed")
    said, pauses = list[str](), iter([False, False, True])

    def pause(_: float) -> None:
        if next(pauses):
            let_time_pass(engine)

    assert wait_for("feed", ours, said.append, pause) == 2
    assert said == [f"feed is watched by worker {ELSEWHERE!r}; this one stands by."]


def test_a_feed_is_held_until_the_watch_ends(ours: Tenants, theirs: Tenants, engine: Engine) -> None:
    with holding("feed", ours, ours.take("feed") or 0, renew_s=0.001):
        let_time_pass(engine)
        while is_free(engine):
            pass  # it is renewed within a moment
        assert theirs.take("feed") is None
    assert theirs.take("feed") == 2


def test_a_worker_hears_that_its_feed_was_taken(ours: Tenants, theirs: Tenants, engine: Engine) -> None:
    with holding("feed", ours, ours.take("feed") or 0, renew_s=0.001) as tenancy:
        with engine.begin() as connection:
            connection.execute(text("UPDATE tenants SET number = 2"))
        while not tenancy.lost:
            is_free(engine)
    assert theirs.renew("feed", 2)


@pytest.mark.parametrize("feed", HOSTILE, ids=range(len(HOSTILE)))
def test_any_name_can_be_held(ours: Tenants, theirs: Tenants, feed: str) -> None:
    assert ours.take(feed) == 1
    assert theirs.take(feed) is None


def is_free(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT until_s = 0 FROM tenants")))
