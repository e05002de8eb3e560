"""The whole way: the crew asks, Slack and PagerDuty hear it, somebody clicks, it is done and it ends."""

import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from console.compose import on_duty
from console.settings import Settings
from console.web.slack import PATH
from console.worlds import Feed, switchboard_path
from graph.duty import Duty
from payments.errors import SettingsError
from payments.incident import Status
from payments.verdict import Mode
from simulator.traffic.source import TrafficSource
from tests.console.web.visits import console_of
from tests.graph.made import BRIEF
from tests.tools.alerts.town import ROUTING_KEY, SLACK_PATH, Town, serving

pytestmark = [pytest.mark.integration, pytest.mark.slow]

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PATIENT_S = 300.0
"""A cycle takes seconds where eight processes share two processors."""
FEED = "simulator:psp_outage:7:told"


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    town = Town()
    with serving(town) as url:
        monkeypatch.setenv("PAYOPS_SLACK_WEBHOOK", url + SLACK_PATH)
        monkeypatch.setenv("PAYOPS_SLACK_SIGNING_SECRET", SECRET)
        monkeypatch.setenv("PAYOPS_PAGERDUTY_KEY", ROUTING_KEY)
        yield town


@pytest.fixture
def settings(town: Town, tmp_path: Path) -> Settings:
    users = tmp_path / "users"
    users.write_text("U0ASHA:asha:approver\n", encoding="utf-8")
    state = tmp_path / "state"
    return Settings(state_dir=state, mode=Mode.COPILOT, slack_users_file=users, pagerduty_url=town.url)


@contextmanager
def watching(settings: Settings) -> Iterator[Duty]:
    path = switchboard_path(FEED, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    world = TrafficSource("psp_outage", 7, path, feed=FEED, config=BRIEF)
    with on_duty(Feed(world, world, world), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        yield duty
    world.close()


def until(holds: Callable[[], object], meanwhile: Callable[[], object] = lambda: None) -> None:
    end = time.monotonic() + PATIENT_S
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        meanwhile()
        time.sleep(0.02)


def click(settings: Settings, value: str, answer_to: str) -> int:
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ASHA"},
        "actions": [{"action_id": "approve", "value": value}],
        "response_url": answer_to,
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    at = str(int(datetime.now(UTC).timestamp()))
    signed = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, "sha256").hexdigest()
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}"}
    return TestClient(console_of(settings)).post(PATH, content=body, headers=headers).status_code


def test_a_question_is_decided_in_slack_and_its_end_is_told(town: Town, settings: Settings) -> None:
    with watching(settings) as duty:
        until(lambda: town.of(SLACK_PATH), duty.cycle)
        asked = town.of(SLACK_PATH)[0]
        (buttons,) = (block["elements"] for block in asked["blocks"] if block["type"] == "actions")
        value = buttons[0]["value"]
        incident_id, _, question = value.partition(":")
        assert question == "1"
        assert click(settings, value, f"{town.url}/answers") == 200
        assert "approve by asha" in town.of("/answers")[0]["text"]
        incidents = duty.services.incidents
        assert incidents.get(incident_id).executed
        until(lambda: incidents.get(incident_id).status is Status.CLOSED, duty.cycle)
        until(lambda: "resolve" in events(town, incident_id))
    assert events(town, incident_id)[0] == "trigger"
    assert events(town, incident_id).count("resolve") == 1
    told = [json.dumps(one) for one in town.of(SLACK_PATH)]
    assert len(set(told)) == len(told)


def events(town: Town, incident_id: str) -> list[str]:
    """Give what PagerDuty heard of an incident."""
    key = f"payops:{incident_id}"
    return [one["event_action"] for one in town.of("/v2/enqueue") if one["dedup_key"] == key]


def test_a_receiver_that_is_down_holds_up_no_cycle_and_loses_nothing(town: Town, settings: Settings) -> None:
    town.troubles["/v2/enqueue"] = [503] * 3
    with watching(settings) as duty:
        until(lambda: town.of(SLACK_PATH), duty.cycle)
        assert town.of("/v2/enqueue") == []
        cycles = duty.cycles
        until(lambda: town.of("/v2/enqueue"), duty.cycle)
        assert duty.cycles > cycles
    assert town.of("/v2/enqueue")[0]["event_action"] == "trigger"


def test_who_starts_with_a_key_that_is_none_is_told_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYOPS_PAGERDUTY_KEY", "not a key")
    with pytest.raises(SettingsError, match="PAYOPS_PAGERDUTY_KEY"), watching(settings):
        pass
