"""A full disk, a closed output, a state folder that is none: one sentence and an exit code, no traceback."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.command import ROOT, TIME_LIMIT_S, Command

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("arguments", [("inbox",), ("watch", "--cycles", "1", "--plain")])
def test_a_state_folder_that_is_a_file_is_told_in_words(run: Command, arguments: tuple[str, ...]) -> None:
    file = run.state.parent / "file"
    file.write_text("", encoding="utf-8")
    assert str(file) in replace(run, state=file)(*arguments).refusal


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_an_output_without_space_is_told_in_words(run: Command) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "run.py", "scenarios"],
            cwd=ROOT,
            env=run.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=TIME_LIMIT_S,
        )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "No space left" in done.stderr


def test_closed_outputs_are_no_error(run: Command) -> None:
    script = '"$0" run.py watch --cycles 1 --plain >&- 2>&-'
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable],
        cwd=ROOT,
        env=run.environment,
        check=False,
        timeout=TIME_LIMIT_S,
    )
    assert done.returncode == 0


def test_a_pause_that_no_clock_can_hold_is_refused(run: Command) -> None:
    done = run.inside("watch", "--tick", "1e300", "--cycles", "1")
    assert done.code == 2
    assert "--tick" in done.err


def test_what_a_refusal_quotes_cannot_steer_the_terminal(run: Command) -> None:
    assert "\x1b" not in run.inside("show", "\x1b[31mred").err
