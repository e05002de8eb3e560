"""Which feed moves which payments, and who is told, as the settings have it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from console.alerting import receivers_of
from console.outside import new_id, now
from console.settings import Settings, load_settings
from console.worlds import actuator_of
from payments.errors import SettingsError
from payments.verdict import Mode

ENGINE: dict[str, Any] = {"decision_engine_url": "https://engine.test", "decision_engine_merchant": "shoes"}
SWITCH: dict[str, Any] = {"actuator_url": "https://switch.test"}
LIVE = "clickhouse://db.example/payments"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_ACTUATOR_SECRET", "between us")
    monkeypatch.setenv("PAYOPS_DECISION_ENGINE_KEY", "DE_0")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


@pytest.mark.parametrize(
    ("feed", "given", "name"),
    [
        (LIVE, SWITCH, "webhook"),
        (LIVE, ENGINE, "decision_engine"),
        (LIVE, {}, "dry_run"),
        (LIVE, {**ENGINE, "mode": Mode.SHADOW}, "shadow"),
        ("file:payments.csv:1", SWITCH, "dry_run"),
        ("file:payments.csv:1", ENGINE, "dry_run"),
        ("", SWITCH, "dry_run"),
    ],
)
def test_only_a_live_feed_moves_real_payments(
    stack: ExitStack, tmp_path: Path, feed: str, given: dict[str, Any], name: str
) -> None:
    settings = Settings(state_dir=tmp_path, **given)
    actuator = actuator_of(feed, settings, now, stack)
    assert (actuator.name, actuator.changes_traffic) == (name, name in {"webhook", "decision_engine"})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({**ENGINE, **SWITCH}, "Set one of"),
        ({**ENGINE, "decision_engine_merchant": ""}, "DECISION_ENGINE_MERCHANT"),
        ({"decision_engine_url": "engine.test"}, "no address"),
    ],
)
def test_an_actuator_that_is_not_named_well_is_told_at_the_start(
    stack: ExitStack, tmp_path: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        actuator_of(LIVE, Settings(state_dir=tmp_path, **given), now, stack)


def test_without_a_key_the_decision_engine_is_not_asked(
    stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAYOPS_DECISION_ENGINE_KEY")
    with pytest.raises(SettingsError, match="PAYOPS_DECISION_ENGINE_KEY"):
        actuator_of(LIVE, Settings(state_dir=tmp_path, **ENGINE), now, stack)


def told(settings: Settings) -> list[str]:
    return [one.name for one in receivers_of(settings, now, new_id)]


def test_nobody_is_told_who_is_not_named() -> None:
    assert told(Settings()) == []


def test_everybody_is_told_who_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_SLACK_WEBHOOK", "https://hooks.slack.test/services/T/B/x")
    monkeypatch.setenv("PAYOPS_PAGERDUTY_KEY", "0" * 32)
    monkeypatch.setenv("PAYOPS_ALERT_WEBHOOK_SECRET", "between us")
    given = Settings(alertmanager_url="http://127.0.0.1:9093", alert_webhook_url="https://alerts.test/in")
    assert told(given) == ["alertmanager", "slack", "pagerduty", "webhook"]


@pytest.mark.parametrize(
    ("name", "value", "settings", "words"),
    [
        ("PAYOPS_SLACK_WEBHOOK", "hooks.slack.test/hush", {}, "PAYOPS_SLACK_WEBHOOK is no address"),
        ("PAYOPS_PAGERDUTY_KEY", "hush hush", {}, "PAYOPS_PAGERDUTY_KEY"),
        ("PAYOPS_ALERT_WEBHOOK_SECRET", "", {"alert_webhook_url": "https://a.test"}, "ALERT_WEBHOOK_SECRET"),
        ("PAYOPS_PAGERDUTY_KEY", "0" * 32, {"pagerduty_url": "hush"}, "PAGERDUTY_URL"),
        ("PAYOPS_PAGERDUTY_KEY", "0" * 32, {"console_url": "hush"}, "CONSOLE_URL"),
        ("PAYOPS_X", "", {"alertmanager_url": "https://me:hush@a.test"}, "ALERTMANAGER_URL"),
    ],
)
def test_a_receiver_that_is_not_named_well_is_told_and_nothing_secret_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, settings: dict[str, Any], words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words) as caught:
        told(Settings(**settings))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["PAYOPS_SLACK_WEBHOOK", "PAYOPS_SLACK_SIGNING_SECRET", "PAYOPS_PAGERDUTY_KEY"]
)
def test_secrets_come_from_the_environment_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "hush")
    load_settings()
    file = tmp_path / "payops.toml"
    file.write_text(f'{name.removeprefix("PAYOPS_").lower()} = "hush"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert "hush" not in str(caught.value)
