"""What can be looked up, and what the help says."""

import json

import pytest
from typer.testing import CliRunner

from run import app
from simulator.traffic.faults import scenarios
from tests.end_to_end.command import Command
from tests.imported import imported_by

pytestmark = pytest.mark.integration

HEAVY = ("langgraph", "chromadb", "numpy", "sqlalchemy", "rich.live")

HELP = """
import runpy, sys
sys.argv = ["run.py", "--help"]
try:
    runpy.run_path("run.py", run_name="__main__")
except SystemExit as end:
    assert end.code in (0, None), end.code
"""


def test_all_scenarios_are_listed_for_people_and_for_programs(run: Command) -> None:
    listed = json.loads(run("scenarios", "--json").out)
    assert {row["name"] for row in listed} == set(scenarios())
    told = run("scenarios")
    assert told.code == 0
    assert all(name in told.out for name in scenarios())


def test_an_empty_memory_is_told_in_words(run: Command) -> None:
    assert json.loads(run("lessons", "--json").out) == []
    assert "No lesson" in run("lessons", "anything at all").out
    assert json.loads(run("inbox", "--json").out) == []


@pytest.mark.parametrize(
    "command",
    [
        "watch", "scenarios", "inbox", "show", "approve", "reject", "edit", "respond", "ignore", "report",
        "lessons", "studio",
    ],
)  # fmt: skip
def test_every_command_has_a_help(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"{command} [OPTIONS]" in shown.stdout


@pytest.mark.parametrize(
    "command",
    ["watch", "show", "approve", "reject", "edit", "respond", "ignore", "report", "lessons"],
)
def test_the_help_of_a_command_with_arguments_shows_an_example(command: str) -> None:
    shown = " ".join(CliRunner().invoke(app, [command, "--help"]).stdout.split())
    assert f": run.py {command} " in shown[shown.index("Example") :]


def test_help_imports_nothing_heavy() -> None:
    assert imported_by(HELP, among=HEAVY) == []
