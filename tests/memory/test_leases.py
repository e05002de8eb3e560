import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.holders import is_gone, short_name, this_process
from memory.incidents import IncidentStore
from memory.tables import LEASES
from payments.errors import RefusedError
from tests.memory.stock import AT, database

on_linux = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells a process's start"
)


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


SLEEPER = "import sys; print('up', flush=True); sys.stdin.read()"


@contextmanager
def another_process() -> Iterator["subprocess.Popen[str]"]:
    """Run a process until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


def name_of(process: "subprocess.Popen[str]") -> str:
    """Name a process as it would name itself."""
    host, _, machine, _ = this_process().rsplit(":", 3)
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return f"{host}:{process.pid}:{machine}:{stat[19]}"


@contextmanager
def left_behind(store: IncidentStore, owner: str) -> Iterator[None]:
    """Hold a lease that its owner never gives back."""
    held = store.lease("abcd-1", owner, 30, AT)
    held.__enter__()
    yield
    held.__exit__(None, None, None)


@on_linux
def test_a_lease_whose_process_was_killed_is_taken_over_at_once(store: IncidentStore) -> None:
    with another_process() as holder, left_behind(store, name_of(holder)):
        refused = rf"at work in process '.*:{holder.pid}' until 2026-03-02 12:00:30 UTC"
        with pytest.raises(RefusedError, match=refused), store.lease("abcd-1", "two", 30, AT):
            pass
        holder.kill()
        holder.wait()
        with store.lease("abcd-1", "two", 30, AT):
            pass


@on_linux
def test_a_zombie_holds_nothing(store: IncidentStore) -> None:
    with another_process() as holder, left_behind(store, name_of(holder)):
        holder.kill()
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        with store.lease("abcd-1", "two", 30, AT):
            pass


@on_linux
@pytest.mark.parametrize("place", [1, 2, 3], ids=["another number", "another machine", "another start"])
def test_only_a_process_that_is_gone_for_sure_loses_its_lease(store: IncidentStore, place: int) -> None:
    parts = this_process().rsplit(":", 3)
    changed = {1: "0", 2: "deadbeef", 3: parts[3]}[place]
    owner = ":".join([*parts[:place], changed, *parts[place + 1 :]])
    other = store.lease("abcd-1", "two", 30, AT)
    with store.lease("abcd-1", owner, 30, AT), pytest.raises(RefusedError):
        other.__enter__()


@on_linux
def test_a_process_number_that_came_back_is_another_process(store: IncidentStore) -> None:
    owner = f"{this_process().rsplit(':', 1)[0]}:1"
    with left_behind(store, owner), store.lease("abcd-1", "two", 30, AT):
        pass


@given(
    st.text(max_size=40) | st.from_regex(r"[a-z]{0,3}:[0-9]{0,12}:[0-9a-f]{0,8}:[0-9]{0,4}", fullmatch=True)
)
def test_no_name_is_taken_for_a_process_of_ours_that_is_gone(owner: str) -> None:
    assert not is_gone(owner)
    assert short_name(owner) is not None


@pytest.mark.parametrize("expired", [False, True], ids=["free", "expired"])
def test_of_many_that_take_it_at_once_one_gets_it(where: str | Path, expired: bool) -> None:
    together, all_tried = Barrier(6), Barrier(6)
    with database(where) as engine:
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
