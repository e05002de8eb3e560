from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from memory.incidents import IncidentStore
from memory.tables import LEASES
from payments.errors import RefusedError
from tests.memory.stock import AT, database


def test_another_owner_is_kept_out_and_told_by_whom(store: IncidentStore) -> None:
    refused = r"incident abcd-1 is at work in process 'one' until 2026-03-02 12:00:30 UTC"
    other = store.lease("abcd-1", "two", 30, AT)
    with store.lease("abcd-1", "one", 30, AT), pytest.raises(RefusedError, match=refused):
        other.__enter__()


def test_another_incident_is_free(store: IncidentStore) -> None:
    with store.lease("abcd-1", "one", 30, AT), store.lease("abcd-2", "two", 30, AT):
        pass


def test_it_is_released_at_the_end_and_after_an_error(store: IncidentStore) -> None:
    with pytest.raises(ValueError, match="at work"), store.lease("abcd-1", "one", 30, AT):
        raise ValueError("at work")
    with store.lease("abcd-1", "two", 30, AT):
        pass


def test_an_expired_lease_is_taken_over_and_its_old_owner_cannot_release_it(store: IncidentStore) -> None:
    late = AT + timedelta(seconds=30)
    with store.lease("abcd-1", "two", 30, late):
        pass
    with store.lease("abcd-1", "one", 30, AT):
        takeover = store.lease("abcd-1", "two", 30, late)
        takeover.__enter__()
    with pytest.raises(RefusedError), store.lease("abcd-1", "three", 30, late):
        pass
    takeover.__exit__(None, None, None)
    with store.lease("abcd-1", "three", 30, late):
        pass


def test_a_moment_before_it_expires_it_holds(store: IncidentStore) -> None:
    soon = AT + timedelta(seconds=30, milliseconds=-1)
    other = store.lease("abcd-1", "two", 30, soon)
    with store.lease("abcd-1", "one", 30, AT), pytest.raises(RefusedError):
        other.__enter__()


def test_an_owner_that_comes_back_after_a_crash_gets_it_again(store: IncidentStore) -> None:
    crashed = store.lease("abcd-1", "one", 30, AT)
    crashed.__enter__()
    with store.lease("abcd-1", "one", 30, AT):
        pass


@pytest.mark.parametrize("expired", [False, True], ids=["free", "expired"])
def test_of_many_that_take_it_at_once_one_gets_it(tmp_path: Path, expired: bool) -> None:
    together, all_tried = Barrier(6), Barrier(6)
    with database(tmp_path) as engine:
        store = IncidentStore(engine)
        if expired:
            left = {"incident_id": "abcd-1", "owner": "crashed", "until_s": AT.timestamp() - 1}
            with engine.begin() as connection:
                connection.execute(LEASES.insert(), left)

        def take(number: int) -> bool:
            together.wait(timeout=60)
            try:
                with store.lease("abcd-1", f"owner {number}", 30, AT):
                    all_tried.wait(timeout=60)
                    return True
            except RefusedError:
                all_tried.wait(timeout=60)
                return False

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(take, range(6))) == 1
