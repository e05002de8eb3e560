"""The actuator that only records."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from payments.errors import ActuatorError
from tests.tools.actuator_contract import CONTRACT, REROUTE, Make
from tools.actuators.dry_run import DryRunActuator

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def dry_run(path: Path) -> DryRunActuator:
    return DryRunActuator(path, lambda: NOW)


@pytest.mark.parametrize("clause", CONTRACT)
def test_it_keeps_the_contract_of_actuators(clause: Callable[[Make], None], tmp_path: Path) -> None:
    number = count()
    clause(lambda: dry_run(tmp_path / f"{next(number)}.jsonl"))


def test_it_never_changes_traffic(tmp_path: Path) -> None:
    assert not dry_run(tmp_path / "a.jsonl").changes_traffic


def test_a_restart_and_another_process_know_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "state" / "a.jsonl"
    first, second = dry_run(path), dry_run(path)
    receipt = first.apply(REROUTE, "key", 600.0)
    assert second.apply(REROUTE, "key", 600.0) == receipt
    second.revert("key")
    assert first.look_up("key") == dry_run(path).look_up("key")
    events = [json.loads(line)["event"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert events == ["applied", "reverted"]


def test_a_line_cut_short_does_not_spoil_the_next_record(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"event": "applied", "key": "torn", "effe', encoding="utf-8")
    dry_run(path).apply(REROUTE, "key", 600.0)
    again = dry_run(path)
    assert again.look_up("torn") is None
    assert again.look_up("key") is not None


def test_a_file_that_cannot_be_written_is_an_actuator_error(tmp_path: Path) -> None:
    with pytest.raises(ActuatorError, match="Is a directory"):
        dry_run(tmp_path).apply(REROUTE, "key", 600.0)


def test_a_damaged_record_is_an_actuator_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"event": "applied", "key": "key"}\n', encoding="utf-8")
    with pytest.raises(ActuatorError, match="damaged line"):
        dry_run(path).look_up("key")
