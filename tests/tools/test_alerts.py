"""Alerts: each matter once, to everybody who can be reached."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payments.alert import AlertMessage
from tools.alerts.fan_out import AlertFanOut
from tools.alerts.jsonl import JsonlAlerts
from tools.alerts.terminal import TerminalAlerts
from tools.ports import AlertSink


def alert(key: str = "incident:ask", title: str = "PSP alpha fails") -> AlertMessage:
    at = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    return AlertMessage(
        dedup_key=key,
        incident_id="incident",
        at=at,
        severity="warning",
        title=title,
        text="Decide: run.py show",
    )


def test_the_terminal_says_each_matter_once() -> None:
    said: list[str] = []
    terminal = TerminalAlerts(said.append)
    for key in ("a", "a", "b"):
        terminal.send(alert(key))
    assert said == ["12:30:00 WARNING PSP alpha fails\n    Decide: run.py show\n"] * 2


def test_a_hostile_name_cannot_drive_the_terminal() -> None:
    said: list[str] = []
    TerminalAlerts(said.append).send(alert(title="merchant \x1b[2J\n\u202eevil"))
    assert said[0].startswith("12:30:00 WARNING merchant \\x1b[2J \\u202eevil\n")


def test_the_file_remembers_across_restarts_and_processes(tmp_path: Path) -> None:
    path = tmp_path / "state" / "alerts.jsonl"
    first, second = JsonlAlerts(path), JsonlAlerts(path)
    for sink in (first, second, JsonlAlerts(path)):
        sink.send(alert("a"))
    second.send(alert("b", title="\x1b\u2028"))
    records = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    assert [AlertMessage.model_validate(record) for record in records] == [
        alert("a"),
        alert("b", "\x1b\u2028"),
    ]


def test_a_sink_that_fails_is_counted_and_does_not_stop_the_others(tmp_path: Path) -> None:
    closed, said = io.StringIO(), io.StringIO()
    closed.close()
    sinks: list[AlertSink] = [TerminalAlerts(closed.write), JsonlAlerts(tmp_path), TerminalAlerts(said.write)]
    fan_out = AlertFanOut(sinks)
    fan_out.send(alert())
    assert "PSP alpha fails" in said.getvalue()
    assert fan_out.errors == 2
    assert any("closed file" in words for words in fan_out.failures)
    assert any("Is a directory" in words for words in fan_out.failures)


def test_an_alert_that_did_not_get_through_is_tried_again() -> None:
    said: list[str] = []
    refusals = [OSError("disk full")]

    def write(text: str) -> None:
        if refusals:
            raise refusals.pop()
        said.append(text)

    terminal = TerminalAlerts(write)
    with pytest.raises(OSError, match="disk full"):
        terminal.send(alert())
    terminal.send(alert())
    assert len(said) == 1


def test_a_file_begun_anew_gets_the_alert_again(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    sink = JsonlAlerts(path)
    sink.send(alert())
    path.write_bytes(b"")
    sink.send(alert())
    assert path.read_bytes().count(b"\n") == 1
