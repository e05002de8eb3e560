"""What is kept of a run: declared, plain, small; and nothing at all of a quiet tick."""

import ast
import inspect
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import get_type_hints
from uuid import UUID

import pytest

from console.settings import Settings
from graph import answers, nodes, watching
from graph.approvals import decide
from graph.checkpoints import open_checkpoints
from graph.crew import NODES
from graph.services import Services
from graph.state import CrewState, fresh
from payments.incident import SCHEMA_VERSION
from tests.graph.made import (
    ONSET_TICKS,
    Left,
    alerts,
    crew,
    cycles,
    decision,
    has_incident,
    only_incident,
    rows,
    until,
    world,
)

SPEAKERS = ("monitor", "analyst", "planner", "risk_officer", "alert", "ask", "act", "learn")
OUTCOME = {"effect": "helped", "payments_saved": None, "sentence": "It helped."}
FIELDS = frozenset(get_type_hints(CrewState))


@pytest.fixture(scope="module")
def quiet(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Let a crew watch a minute and a half in which nothing is wrong."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("quiet") / "state")
    with crew(world("quiet", settings), settings) as duty:
        reports = cycles(duty, ONSET_TICKS + 6)
    assert all(report.events == () for report in reports)
    return settings


@pytest.mark.parametrize("table", ["checkpoints", "writes"])
def test_quiet_cycles_leave_no_checkpoint(quiet: Settings, table: str) -> None:
    assert rows(quiet.state_dir / "checkpoints.db", table) == 0


@pytest.mark.parametrize("table", ["incidents", "evidence", "lessons", "outbox", "interventions"])
def test_quiet_cycles_leave_nothing_in_the_database(quiet: Settings, table: str) -> None:
    assert rows(quiet.state_dir / "payops.db", table) == 0


def test_quiet_cycles_alert_nobody(quiet: Settings) -> None:
    assert alerts(quiet) == []


def test_a_finding_makes_one_thread_named_by_a_uuid_of_its_incident(asked: Left) -> None:
    with open_checkpoints(asked.settings.state_dir / "checkpoints.db") as saver:
        threads = {saved.config["configurable"]["thread_id"] for saved in saver.list(None)}
    assert threads == {asked.incident_id}
    assert UUID(asked.incident_id).version == 5


def test_the_checkpointed_state_is_plain_json(asked_state: CrewState) -> None:
    assert json.loads(json.dumps(asked_state, allow_nan=False)) == asked_state


@pytest.mark.parametrize(("table", "column"), [("checkpoints", "checkpoint"), ("writes", "value")])
def test_a_checkpoint_names_no_module_of_ours_so_that_each_may_move(
    asked: Left, table: str, column: str
) -> None:
    with closing(sqlite3.connect(asked.settings.state_dir / "checkpoints.db")) as database:
        kept = [one for (one,) in database.execute(f"SELECT {column} FROM {table}")]  # noqa: S608 - our own
    assert kept
    named = {room for one in kept for room in re.findall(rb"\b([a-z_]+)\.[a-z_]+", one)}
    assert named <= {b"langgraph"}


def test_the_checkpointed_state_is_small_and_says_its_version(asked_state: CrewState) -> None:
    assert asked_state["schema_version"] == SCHEMA_VERSION
    assert len(json.dumps(asked_state)) < 64 * 1024


def test_no_list_in_the_checkpointed_state_is_as_long_as_the_cells(asked_state: CrewState) -> None:
    def longest(value: object) -> int:
        if isinstance(value, dict):
            return max(map(longest, value.values()), default=0)
        return max([len(value), *map(longest, value)]) if isinstance(value, list) else 0

    assert 0 < longest(asked_state) < 50


class Notes:
    """Writes down which keys each node returned."""

    def __init__(self) -> None:
        self.returned: dict[str, set[str]] = {}

    def listen(self, name: str, patch: pytest.MonkeyPatch) -> None:
        speak = getattr(nodes, name)

        def overheard(state: CrewState, services: Services) -> CrewState:
            said: CrewState = speak(state, services)
            self.returned.setdefault(name, set()).update(said)
            return said

        (node,) = (node for node, speaker in NODES.items() if speaker is speak)
        patch.setitem(NODES, node, overheard)


def test_every_key_that_a_node_returns_is_a_field_of_the_state(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    for name in SPEAKERS:
        notes.listen(name, monkeypatch)
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
        assert incident.plan is not None
        decide(incident.id, decision("edit", incident.plan.action), duty.services, duty.runs)
        duty.runs.start(incident.id, fresh(incident_id=incident.id, outcome=OUTCOME))
    assert set(notes.returned) == set(SPEAKERS)
    assert {key for keys in notes.returned.values() for key in keys} <= FIELDS


def test_no_node_writes_a_key_past_the_declaration() -> None:
    trees = [ast.parse(inspect.getsource(module)) for module in (nodes, watching, answers)]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "CrewState"]
    assert len(made) >= len(SPEAKERS)
    assert {word.arg for call in made for word in call.keywords} <= FIELDS
