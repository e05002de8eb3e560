"""The four tools by name, and the way an action finds its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from payments.action import ActionKind, Alert, NoAction
from payments.alert import AlertMessage
from payments.errors import ActuatorError
from payments.segment import Segment
from tests.tools.actuator_contract import ACTIONS
from tools.actuators import actions
from tools.actuators.dry_run import DryRunActuator
from tools.database import open_database
from tools.outbox import Outbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Heard:
    """An alert sink that keeps what it is told."""

    def __init__(self) -> None:
        self.alerts: list[AlertMessage] = []

    def send(self, alert: AlertMessage) -> None:
        self.alerts.append(alert)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "payops.db")
    yield engine
    engine.dispose()


@pytest.fixture
def tools(tmp_path: Path, engine: Engine, heard: Heard) -> actions.Tools:
    actuator = DryRunActuator(tmp_path / "dry_run.jsonl", lambda: NOW)
    return actions.Tools(Outbox(engine, actuator, lambda: NOW), heard)


def test_each_kind_but_doing_nothing_has_a_tool_of_its_name() -> None:
    assert all(hasattr(actions, kind.value) for kind in ActionKind if kind is not ActionKind.NONE)


def test_actions_on_traffic_go_to_the_actuator_and_can_be_undone(tools: actions.Tools, heard: Heard) -> None:
    for number, action in enumerate(ACTIONS):
        receipt = tools.execute(f"key:{number}", "incident", action, 600.0)
        assert (receipt.actuator, receipt.key) == ("dry_run", f"key:{number}")
        assert tools.revert(f"key:{number}", "the fault is over").reverted
    assert heard.alerts == []


def test_an_alert_goes_to_people_and_to_nobody_else(tools: actions.Tools, heard: Heard) -> None:
    alert = AlertMessage(
        dedup_key="incident:ask",
        incident_id="incident",
        at=NOW,
        severity="critical",
        title="issuer north is down",
        text="",
    )
    tools.send(alert)
    assert heard.alerts == [alert]
    assert tools.outbox.actuator.look_up("incident:ask") is None


@pytest.mark.parametrize(
    "action",
    [
        NoAction(scope=Segment.of(), reason="it is planned"),
        Alert(scope=Segment.of(issuer="north"), message="issuer north is down"),
    ],
)
def test_what_touches_no_payment_is_nothing_to_carry_out(
    tools: actions.Tools, heard: Heard, action: NoAction | Alert
) -> None:
    with pytest.raises(ActuatorError, match="nothing to carry out"):
        tools.execute("key", "incident", action, 600.0)
    assert heard.alerts == []
