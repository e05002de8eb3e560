"""`run.py cases play` as people start it, with its input from a pipe."""

import subprocess
import sys

import pytest

from tests.end_to_end.command import ROOT, Command, Finished

pytestmark = pytest.mark.integration


def played(command: Command, typed: str, *arguments: str) -> Finished:
    done = subprocess.run(
        [sys.executable, "run.py", "cases", "play", "--split", "train/easy", "--index", "0", *arguments],
        cwd=ROOT,
        env=command.environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


def test_a_person_plays_and_hears_score_regret_and_truth(run: Command) -> None:
    done = played(run, "?\n1\nhold .5\n" * 12, "--seed", "3")
    assert done.code == 0
    assert all(word in done.out for word in ("1 inspect", "Decided.", "Score", "regret $", "Brier"))


def test_a_slip_is_forgiven(run: Command) -> None:
    done = played(run, "fly\nhold maybe\n1 sar\nq\n", "--seed", "3")
    assert "'fly' is no action; ? lists them." in done.out
    assert "'maybe' is neither one of" in done.out
    assert "at most a report, if it decides" in done.out
    assert "12 steps" in done.out


@pytest.mark.parametrize("typed", ["q\n", "", "1\n"])
def test_leaving_early_still_tells_the_score_and_the_truth(run: Command, typed: str) -> None:
    done = played(run, typed, "--seed", "3")
    assert done.code == 0
    assert "The episode is over." in done.out
    assert "lapse" in done.out


def test_an_unknown_split_is_one_line(run: Command) -> None:
    done = run("cases", "play", "--split", "all")
    assert "There is no split 'all'" in done.refusal
