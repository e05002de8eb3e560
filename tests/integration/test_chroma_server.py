"""Lessons indexed by a real Chroma server on the loopback address."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from memory import index_places
from memory.index import ChromaIndex
from memory.index_places import Served
from memory.lesson_tables import collection_of
from memory.lessons import Lessons
from payments.diagnosis import Signature
from payments.errors import BrokenIndexError
from tests.memory.stock import lesson

pytestmark = pytest.mark.integration

STARTS_WITHIN_S = 60.0
ASKED = Signature(culprit=lesson().culprit, shape=lesson().shape)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("chroma")
    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start within {STARTS_WITHIN_S} s")


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


@contextmanager
def served(url: str, engine: Engine, name: str) -> Iterator[Lessons]:
    index = ChromaIndex(Served.at(url, collection_of(engine, lambda: name)))
    try:
        yield Lessons(engine, index)
    finally:
        index.close()


def test_what_one_process_learns_another_recalls(server: str, engine: Engine) -> None:
    with served(server, engine, "one") as lessons:
        lessons.remember(lesson("a"))
    with served(server, engine, "drawn later and not used") as lessons:
        (found,) = lessons.recall(ASKED)
    assert found.incident_id == "a"
    assert found.similarity == pytest.approx(1.0, abs=0.05)


def test_two_crews_on_one_server_do_not_disturb_each_other(server: str, engine: Engine) -> None:
    other = create_engine("sqlite://")
    with served(server, engine, "ours") as ours, served(server, other, "theirs") as theirs:
        for _ in range(2):
            ours.remember(lesson("ours"))
            theirs.remember(lesson("theirs"))
        assert [one.incident_id for one in ours.recall(ASKED)] == ["ours"]
        assert [one.incident_id for one in theirs.recall(ASKED)] == ["theirs"]
    other.dispose()


def test_a_collection_that_is_gone_is_made_again(server: str, engine: Engine) -> None:
    with served(server, engine, "gone") as lessons:
        lessons.remember(lesson("a"))
        ChromaIndex(Served.at(server, collection_of(engine, str))).clear()
        assert [one.incident_id for one in lessons.recall(ASKED)] == ["a"]


def test_a_server_that_is_not_there_stops_no_incident_and_is_named_to_people(engine: Engine) -> None:
    port = free_port()
    with served(f"http://127.0.0.1:{port}", engine, "away") as lessons:
        lessons.remember(lesson("a"))
        assert lessons.recall(ASKED) == ()
        with pytest.raises(BrokenIndexError, match=f"at 127.0.0.1:{port} cannot be used"):
            lessons.search("it failed")
        assert [one.incident_id for one in lessons.all()] == ["a"]


def test_a_server_that_never_answers_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_places, "ANSWERS_WITHIN_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with served(address, engine, "silent") as lessons:
            lessons.remember(lesson("a"))
            assert lessons.recall(ASKED) == ()
