"""`run.py console` as people start it: a process of its own, with a watch beside it."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from bench.console.server import wait_for
from tests.end_to_end.command import TIME_LIMIT_S, Command

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.xdist_group("console")]


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def children(process: "subprocess.Popen[str]") -> list[Path]:
    """Give where the system tells of a process's children."""
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [Path(f"/proc/{number}") for number in told.split()]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_watch_beside_it_ends_with_it(state_dir: Path, ending: signal.Signals, unused_port: int) -> None:
    words = ("console", "--port", str(unused_port), "--scenario", "quiet")
    with Command(state_dir).start(*words) as process:
        wait_for(unused_port, process)
        (watch,) = children(process)
        process.send_signal(ending)
        process.communicate(timeout=TIME_LIMIT_S)
    assert not watch.exists()


def test_a_watch_that_cannot_begin_is_told_of(state_dir: Path, unused_port: int) -> None:
    words = ("console", "--port", str(unused_port), "--scenario", "nonsense")
    with Command(state_dir).start(*words) as process:
        assert process.stderr is not None
        said: list[str] = []
        while "has ended" not in "".join(said):
            said.append(process.stderr.readline())
        process.terminate()
        process.communicate(timeout=TIME_LIMIT_S)
    assert any("nonsense" in line for line in said)


def test_an_address_that_others_reach_is_refused_at_once(state_dir: Path) -> None:
    refusal = Command(state_dir)("console", "--host", "0.0.0.0").refusal  # noqa: S104 - refused
    assert "PAYOPS_CONSOLE_TOKENS_FILE" in refusal


def test_one_source_at_a_time(state_dir: Path) -> None:
    done = Command(state_dir).inside("console", "--scenario", "quiet", "--source", "payments.csv")
    assert done.code == 2
    assert "choose one of --scenario and --source" in done.err
