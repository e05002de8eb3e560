"""What the README and docs/ say is so: commands run, links lead somewhere, tables are complete."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from console.settings import PREFIX, Settings
from graph.crew import compile_crew
from guardrails.checks import CHECKS
from guardrails.kill_switch import KillSwitch
from guardrails.policy import TABLE
from simulator.traffic.faults import scenarios
from tools.sources.mapping import ColumnMap

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(ROOT.glob("docs/*.md"))
PYTHON = ".venv/bin/python"


def blocks(language: str) -> list[str]:
    """Give the fenced blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def table(text: str, heading: str) -> list[list[str]]:
    """Give the rows of the table whose first column has this heading, without the header."""
    rows = re.search(
        rf"^\| {re.escape(heading)} \|.*\n\|(?: --- \|)+\n((?:\|.*\n)+)", text, flags=re.MULTILINE
    )
    assert rows is not None, f"there is no table headed {heading!r}"
    return [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in rows[1].splitlines()]


def named(rows: Sequence[Sequence[str]]) -> list[str]:
    """Give the first column without its code marks."""
    return [row[0].strip(" `") for row in rows]


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line]
DATA = [command for command in COMMANDS if "juspay" in command]
DECIDING = [command for command in COMMANDS if "INCIDENT" in command]
WAITING = [command for command in COMMANDS if command.startswith(PREFIX)]
SERVING = [
    command
    for command in COMMANDS
    if " -m bench" in command or command.endswith(("studio", "serve")) or " run.py console" in command
]
LOOKING = [
    command
    for command in COMMANDS
    if command.startswith(f"{PYTHON} run.py") and command not in {*DATA, *DECIDING, *SERVING}
]


def run(command: str, folder: Path, *, incident: str = "") -> subprocess.CompletedProcess[str]:
    """Run a `run.py` command of the README in a folder, with its state in there too."""
    words = shlex.split(command.replace("INCIDENT", incident))
    at = words.index(PYTHON)
    own = dict(word.split("=", 1) for word in words[:at])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return subprocess.run(
        [sys.executable, ROOT / words[at + 1], *words[at + 2 :]],
        cwd=folder,
        env={**inherited, "COLUMNS": "120", "PAYOPS_STATE_DIR": str(folder / "state"), **own},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def together(commands: Sequence[str], folders: Sequence[Path], *, incident: str = "") -> dict[str, str]:
    """Run commands two at a time; gives what each says on standard output."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(
            pool.map(lambda command, folder: run(command, folder, incident=incident), commands, folders)
        )
    failed = [result for result in done if result.returncode or "Traceback" in result.stderr]
    assert [(result.args, result.stderr) for result in failed] == []
    return {command: result.stdout for command, result in zip(commands, done, strict=True)}


@pytest.mark.integration
@pytest.mark.slow
def test_commands_that_look_run_as_shown(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(len(LOOKING))]
    for folder in folders:
        folder.mkdir()
        (folder / "payments.csv").write_text(blocks("csv")[0], encoding="utf-8")
        (folder / "mapping.toml").write_text(blocks("toml")[0], encoding="utf-8")
    said = together(LOOKING, folders)
    assert [command for command in LOOKING if not said[command]] == []


@pytest.mark.integration
@pytest.mark.slow
def test_commands_that_decide_run_on_the_incident_that_waits(tmp_path: Path) -> None:
    watch, inbox = tmp_path / "watch", f"{PYTHON} run.py inbox --json"
    watch.mkdir()
    together(WAITING, [watch])
    (incident,) = json.loads(together([inbox], [watch])[inbox])
    folders = [tmp_path / str(number) for number in range(len(DECIDING))]
    for folder in folders:
        shutil.copytree(watch, folder)
    said = together(DECIDING, folders, incident=incident["id"][:8])
    assert [command for command in DECIDING if incident["id"][:8] not in said[command]] == []


@pytest.mark.integration
@pytest.mark.slow
def test_the_real_incident_is_found_in_its_first_hour_and_nothing_is_rerouted(tmp_path: Path) -> None:
    (command,) = DATA
    file = ROOT / shlex.split(command)[4]
    if not file.is_file():
        pytest.skip("the public data set is not beside the project")
    done = run(f"{command.replace(shlex.split(command)[4], str(file))} --cycles 48 --json", tmp_path)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    told = next(report for report in reports if report["at"] == "2020-02-13T19:00:00Z")
    culprit = {"pg": "PAYTM_V2", "pmt": "UPI", "sub_type": "UPI_COLLECT"}
    (incident,) = (
        brief for brief in [told["incident"], *told["other_incidents"]] if brief["culprit"] == culprit
    )
    assert " & ".join(f"{name}={value}" for name, value in culprit.items()) in README
    assert f"{incident['confidence']:.2f} sure" in README
    assert "reroute_traffic" not in {report["proposed_action"]["kind"] for report in reports}


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
    assert targets[:2] == ["run", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


@pytest.mark.integration
@pytest.mark.parametrize("command", SERVING)
def test_commands_that_serve_or_measure_for_long_exist(command: str) -> None:
    words = [*shlex.split(command)[1:], "--help"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_kill_switch_is_the_file_that_the_readme_touches(tmp_path: Path) -> None:
    (command,) = (command for command in COMMANDS if command.startswith("touch "))
    state, name = Path(command.split()[1]).parts
    assert state == str(Settings.model_fields["state_dir"].default)
    (tmp_path / name).touch()
    assert KillSwitch(tmp_path).is_on()


def test_no_command_is_left_unchecked() -> None:
    checked = {*LOOKING, *WAITING, *DECIDING, *DATA, *SERVING}
    others = [command for command in COMMANDS if command not in checked]
    assert [command for command in others if not command.startswith(("make ", "touch "))] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith("https://")]
    assert inside or page.name == "detection.md"
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    assert [page.name for page in PAGES if f"(docs/{page.name})" not in README] == []


def test_the_graph_is_the_one_that_langgraph_draws() -> None:
    drawn = compile_crew().get_graph().draw_mermaid()
    assert (ROOT / "docs" / "graph.mmd").read_text(encoding="utf-8") == drawn
    assert blocks("mermaid") == [drawn]


def test_the_settings_table_is_complete_and_shows_the_defaults() -> None:
    shown = {
        name.strip("`"): default.strip("`") for name, default, *_ in table(README, "environment variable")
    }
    assert shown == {
        PREFIX + name.upper(): "" if field.default is None else str(field.default)
        for name, field in Settings.model_fields.items()
        if name != TABLE
    }


def test_the_mapping_table_is_complete() -> None:
    assert set(named(table(README, "key"))) == {field.name for field in fields(ColumnMap)}


def test_the_scenario_table_is_the_simulators() -> None:
    page = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    shown = {
        name.strip("`"): (words, category, set(re.findall(r"`(\w+)`", right)))
        for name, words, category, right in table(page, "scenario")
    }
    assert shown == {
        name: (known.description, known.category.value, {kind.value for kind in known.right_actions})
        for name, known in scenarios().items()
    }


def test_the_guardrails_table_names_every_check() -> None:
    page = (ROOT / "docs" / "guardrails.md").read_text(encoding="utf-8")
    assert named(table(page, "check")) == [check.__name__ for check in CHECKS]


def test_the_tree_names_every_folder_of_source() -> None:
    tree = next(block for block in blocks("text") if "payments/ " in block)
    shown = {line.split()[0] for line in tree.splitlines() if not line.startswith(" ")}
    packages = {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")}
    assert shown == packages | {"docs/", "tests/", "run.py"}


def test_the_picture_shows_an_incident_and_loads_nothing() -> None:
    picture = (ROOT / "docs" / "terminal.svg").read_text(encoding="utf-8")
    assert "swiftgate" in picture
    assert "@font-face" not in picture
    assert "url(http" not in picture
