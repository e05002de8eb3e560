"""`run.py` as people start it: a process of its own, with its own state folder and settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from graph.report import CycleReport, IncidentBrief
from run import app

ROOT = Path(__file__).parents[2]
TIME_LIMIT_S = 120.0


class Finished(NamedTuple):
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def reports(self) -> list[CycleReport]:
        """Read `--json`: one object a line."""
        return [CycleReport.model_validate_json(line) for line in self.out.splitlines()]

    @property
    def refusal(self) -> str:
        """Give the only line of a refusal; fails when the process was content or said more."""
        assert self.code == 2, self
        assert not self.out, self.out
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True)
class Command:
    """Starts `run.py` with one state folder; nothing of the shell's environment comes along."""

    state: Path
    settings: tuple[tuple[str, str], ...] = ()

    def having(self, **settings: str) -> "Command":
        """Give the same command with more settings."""
        return replace(self, settings=(*self.settings, *settings.items()))

    def __call__(self, *arguments: str) -> Finished:
        """Run to the end; a traceback fails the test at once."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=TIME_LIMIT_S)
        assert "Traceback" not in err, err
        return Finished(process.returncode, out, err)

    def inside(self, *arguments: str) -> Finished:
        """Run in this process, which spares the imports; for what needs no process of its own."""
        done = CliRunner().invoke(app, arguments, env=self.environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return Finished(done.exit_code, done.stdout, done.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start, with both outputs in pipes."""
        return subprocess.Popen(
            [sys.executable, "run.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    @property
    def environment(self) -> dict[str, str]:
        """Give all that the process knows of us."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.state.parent),
            "PAYOPS_STATE_DIR": str(self.state),
            **dict(self.settings),
        }


def briefs(report: CycleReport) -> Iterator[IncidentBrief]:
    """Give every incident that a report names."""
    if report.incident is not None:
        yield report.incident
    yield from report.other_incidents
