"""`run.py console` as people start it: a process of its own, with a watch beside it."""

import os
import select
import signal
import socket
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.console.server import wait_for
from console.web.beside import ending_words
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


def test_the_watch_beside_it_ends_even_if_the_console_is_killed(state_dir: Path, unused_port: int) -> None:
    words = ("console", "--port", str(unused_port), "--scenario", "quiet", "--tick", "0.1")
    with Command(state_dir).start(*words) as process:
        wait_for(unused_port, process)
        (watch,) = children(process)
        ended = os.pidfd_open(int(watch.name))
        process.kill()
        process.communicate(timeout=TIME_LIMIT_S)
    assert select.select([ended], [], [], TIME_LIMIT_S)[0]
    os.close(ended)


def test_it_ends_without_a_traceback_while_a_page_listens(state_dir: Path, unused_port: int) -> None:
    with Command(state_dir).start("console", "--port", str(unused_port)) as process:
        wait_for(unused_port, process)
        with urlopen(f"http://127.0.0.1:{unused_port}/events") as page:
            assert page.readline() == b"retry: 2000\n"
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=TIME_LIMIT_S)
    assert "Traceback" not in said
    assert "ERROR" not in said
    assert process.returncode == 0


def test_a_port_that_is_taken_is_refused_before_a_watch_begins(state_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refusal = Command(state_dir)("console", "--port", str(port), "--scenario", "quiet").refusal
    assert f"port {port}" in refusal
    assert not (state_dir / "payops.db").exists()


def test_a_state_folder_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, unused_port: int
) -> None:
    (tmp_path / "live.db").mkdir()
    assert "live board" in Command(tmp_path)("console", "--port", str(unused_port)).refusal


@pytest.mark.parametrize(
    ("code", "said", "because"),
    [
        (0, "a note", "its source has no more."),
        (130, "", "it was interrupted."),
        (-9, "", "signal 9 killed it."),
        (2, "run.py: There is no scenario 'x'.\n", "There is no scenario 'x'."),
        (1, "", "its exit code is 1."),
        (2, "run.py: a\x1b[2Jb", "a\\x1b[2Jb."),
    ],
)
def test_it_is_said_why_a_watch_has_ended(code: int, said: str, because: str) -> None:
    assert ending_words(code, said) == f"The watch beside this console has ended: {because}"


def test_an_address_that_others_reach_is_refused_at_once(state_dir: Path) -> None:
    refusal = Command(state_dir)("console", "--host", "0.0.0.0").refusal  # noqa: S104 - refused
    assert "PAYOPS_CONSOLE_TOKENS_FILE" in refusal


def test_one_source_at_a_time(state_dir: Path) -> None:
    done = Command(state_dir).inside("console", "--scenario", "quiet", "--source", "payments.csv")
    assert done.code == 2
    assert "choose one of --scenario and --source" in done.err
