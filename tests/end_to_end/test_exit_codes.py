"""How `run.py` ends: 0 when fine, 2 with one sentence when the user is wrong, 130 when interrupted."""

import signal
from pathlib import Path

import pytest

from tests.end_to_end.command import TIME_LIMIT_S, Command

pytestmark = pytest.mark.integration


def test_an_unknown_scenario_names_the_nearest(run: Command) -> None:
    assert "psp_outage" in run("watch", "--scenario", "psp_outag", "--cycles", "1").refusal


def test_an_unknown_setting_in_the_environment_names_the_nearest(run: Command) -> None:
    refusal = run.having(PAYOPS_CONFIDENCE_TRESHOLD="0.9")("watch", "--cycles", "1").refusal
    assert "did you mean PAYOPS_CONFIDENCE_THRESHOLD?" in refusal


def test_a_setting_out_of_range_says_what_is_allowed(run: Command) -> None:
    refusal = run.having(PAYOPS_CONFIDENCE_THRESHOLD="1.2")("inbox").refusal
    assert "'1.2'" in refusal
    assert "a number from 0 to 1" in refusal


def test_a_settings_file_that_is_not_there_is_refused(run: Command, tmp_path: Path) -> None:
    assert "does not exist" in run("inbox", "--config", str(tmp_path / "none.toml")).refusal


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("watch", "--plain", "--json"), "choose one of --plain and --json"),
        (("watch", "--cycles", "0"), "Invalid value for '--cycles'"),
        (("watch", "--seed", "x"), "Invalid value for '--seed'"),
        (("approve",), "Missing argument 'INCIDENT'"),
        (("wach",), "No such command 'wach'"),
    ],
)
def test_wrong_usage_is_told(run: Command, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_ctrl_c_ends_a_watch_quietly(run: Command) -> None:
    with run.start("watch", "--json", "--tick", "0.02") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIME_LIMIT_S)
    assert all(lines)
    assert (process.returncode, err) == (130, "")


@pytest.mark.parametrize("form", ["--json", "--plain"])
def test_a_reader_that_has_enough_ends_a_watch_quietly(run: Command, form: str) -> None:
    with run.start("watch", form) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(TIME_LIMIT_S)
    assert (process.returncode, err) == (0, "")
