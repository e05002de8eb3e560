"""Buttons in Slack: what Slack has signed is decided as on the command line, by people of the file alone."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.compose import open_memory
from console.web.slack import PATH, WHO_IS_WHO
from payments.errors import SettingsError
from tests.console.web.visits import console_of
from tests.graph.made import Left
from tests.tools.alerts.town import SLACK_PATH, Town, serving

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass
class Clicks:
    """Slack as it calls the console."""

    left: Left
    town: Town
    app: FastAPI

    def click(
        self,
        action: str = "approve",
        user: str = "U0ASHA",
        question: str = "1",
        *,
        late_s: float = 0.0,
        secret: str = SECRET,
        timestamp: str | None = None,
        answer_to: str = "",
    ) -> int:
        return self.send(self.body(action, user, question, answer_to), late_s, secret, timestamp)

    def body(self, action: str, user: str, question: str, answer_to: str = "") -> bytes:
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": "whoever"},
            "actions": [{"action_id": action, "value": f"{self.left.incident_id}:{question}"}],
            "response_url": answer_to or f"{self.town.url}/answers",
            "message": {"blocks": [BLOCK, {"type": "actions", "elements": [BUTTON]}]},
        }
        return urlencode({"payload": json.dumps(payload)}).encode()

    def send(
        self, body: bytes, late_s: float = 0.0, secret: str = SECRET, timestamp: str | None = None
    ) -> int:
        at = timestamp or str(int((datetime.now(UTC) - timedelta(seconds=late_s)).timestamp()))
        signed = f"v0:{at}:".encode() + body
        headers = {
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), signed, "sha256").hexdigest(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return TestClient(self.app).post(PATH, content=body, headers=headers).status_code

    @property
    def decisions(self) -> list[tuple[int, str, str]]:
        with open_memory(self.left.settings) as memory:
            found = memory.incidents.decisions(self.left.incident_id)
        return [(one.question, one.type, one.by) for one in found]

    @property
    def said(self) -> list[dict[str, Any]]:
        return self.town.of("/answers")


BLOCK = {"type": "section", "text": {"type": "plain_text", "text": "alpha fails"}}
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve"}


@pytest.fixture
def clicks(waiting: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clicks]:
    file = tmp_path / "slack_users"
    file.write_text("# who is who\nU0ASHA:asha:approver\nU0VIEW:vic:viewer\n", encoding="utf-8")
    settings = waiting.settings.model_copy(update={"slack_users_file": file})
    town = Town()
    with serving(town) as url:
        monkeypatch.setenv("PAYOPS_SLACK_SIGNING_SECRET", SECRET)
        monkeypatch.setenv("PAYOPS_SLACK_WEBHOOK", url + SLACK_PATH)
        yield Clicks(waiting, town, console_of(settings))


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_a_click_decides_under_the_name_in_the_file(clicks: Clicks, action: str) -> None:
    assert clicks.click(action) == 200
    assert clicks.decisions == [(1, action, "asha")]
    (said,) = clicks.said
    assert said["replace_original"]
    assert f"{action} by asha" in said["text"]
    assert [block["type"] for block in said["blocks"]] == ["section", "section"]


def test_the_same_click_sent_again_is_answered_and_not_taken_again(clicks: Clicks) -> None:
    body = clicks.body("approve", "U0ASHA", "1")
    at = str(int(datetime.now(UTC).timestamp()))
    assert [clicks.send(body, timestamp=at) for _ in range(3)] == [200, 200, 200]
    assert clicks.decisions == [(1, "approve", "asha")]
    assert len(clicks.said) == 1


def test_a_second_click_is_told_who_has_decided(clicks: Clicks) -> None:
    clicks.click("approve")
    assert clicks.click("reject") == 200
    assert clicks.decisions == [(1, "approve", "asha")]
    assert not clicks.said[1]["replace_original"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"secret": "another"}, 401),
        ({"late_s": 301}, 401),
        ({"late_s": -400}, 401),
        ({"timestamp": "soon"}, 401),
        ({"timestamp": "9" * 40}, 401),
        ({"timestamp": "-1"}, 401),
    ],
)
def test_what_slack_has_not_signed_just_now_is_refused(
    clicks: Clicks, changed: dict[str, Any], status: int
) -> None:
    assert clicks.click(**changed) == status
    assert clicks.decisions == []


def test_without_a_signing_secret_nobody_is_believed(clicks: Clicks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYOPS_SLACK_SIGNING_SECRET")
    assert clicks.click(secret="") == 401


@pytest.mark.parametrize(
    ("user", "words"), [("U0NOBODY", "not known"), ("U0VIEW", "needs the role approver")]
)
def test_who_may_not_decide_is_told_so(clicks: Clicks, user: str, words: str) -> None:
    assert clicks.click(user=user) == 200
    assert clicks.decisions == []
    assert words in clicks.said[0]["text"]


@pytest.mark.parametrize("question", ["2", "0", "", "x", "1:1", "9" * 40])
def test_a_button_of_another_question_decides_nothing(clicks: Clicks, question: str) -> None:
    assert clicks.click(question=question) == 200
    assert clicks.decisions == []
    assert len(clicks.said) == 1


def test_a_click_on_a_link_is_answered_and_decides_nothing(clicks: Clicks) -> None:
    assert clicks.click("look") == 200
    assert (clicks.decisions, clicks.said) == ([], [])


@pytest.mark.parametrize(
    "body", [b"", b"payload=", b"payload={", b"payload=[]", b"a=b&" * 100, b"\xff\xfe", b"payload=%7B%7D"]
)
def test_what_is_no_click_is_refused(clicks: Clicks, body: bytes) -> None:
    assert clicks.send(body) == 422


def test_an_answer_goes_to_slack_alone(clicks: Clicks, capsys: pytest.CaptureFixture[str]) -> None:
    assert clicks.click(answer_to="http://127.0.0.2:9/metadata") == 200
    assert clicks.decisions == [(1, "approve", "asha")]
    assert "not Slack's" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U0ASHA:asha", "Line 1"),
        ("asha:asha:approver", "Line 1"),
        ("U0ASHA:asha:king", "Line 1"),
        ("U0ASHA:asha:viewer\nU0ASHA:bo:admin", "repeats"),
    ],
)
def test_a_line_that_says_nobody_is_told_with_its_number(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "users"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        WHO_IS_WHO.read(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        WHO_IS_WHO.read(tmp_path / "none")
