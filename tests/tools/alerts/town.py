"""Slack, PagerDuty and a webhook of one's own on the loopback address, strict about what is documented."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from payments.errors import RefusedError
from tests.tools.loopback import served
from tests.tools.receiver import NOW
from tools.actuators.signature import Request, Verifier

SLACK_PATH = "/services/T00000000/B00000000/secretsecretsecret"
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
WEBHOOK_SECRET = b"between us"
LONGEST = {"header": 150, "section": 3_000, "context": 2_000}


@dataclass
class Town:
    """What was told to whom; `troubles` are statuses by path, each answered in place of one request."""

    told: dict[str, list[Any]] = field(default_factory=dict)
    troubles: dict[str, list[int]] = field(default_factory=dict)
    verifier: Verifier = field(default_factory=lambda: Verifier(WEBHOOK_SECRET))
    url: str = ""

    def of(self, path: str) -> list[Any]:
        return self.told.get(path, [])


def slack(given: Any, _: Mapping[str, str]) -> bytes:  # noqa: ANN401 - JSON
    """Take a message as an incoming webhook does."""
    assert set(given) <= {"text", "blocks", "response_type", "replace_original"}
    assert isinstance(given["text"], str)
    for block in given.get("blocks", ()):
        if block["type"] == "actions":
            assert 1 <= len(block["elements"]) <= 25
            for button in block["elements"]:
                assert set(button) <= {"type", "text", "style", "action_id", "value", "url"}
                assert button.get("style", "primary") in {"primary", "danger"}
                assert len(button["text"]["text"]) <= 75
                assert len(button.get("value", "")) <= 2000
            continue
        for text in block["elements"] if block["type"] == "context" else [block["text"]]:
            assert text["type"] == "plain_text"
            assert 1 <= len(text["text"]) <= LONGEST[block["type"]]
    return b"ok"


def pagerduty(given: Any, _: Mapping[str, str]) -> bytes:  # noqa: ANN401
    """Take an event as the Events API v2 does."""
    assert set(given) <= {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url"}
    assert given["routing_key"] == ROUTING_KEY
    assert given["event_action"] in {"trigger", "acknowledge", "resolve"}
    assert 1 <= len(given["dedup_key"]) <= 255
    payload = given["payload"]
    assert set(payload) <= {"summary", "source", "severity", "timestamp", "custom_details"}
    assert 1 <= len(payload["summary"]) <= 1024
    assert payload["source"]
    assert payload["severity"] in {"critical", "error", "warning", "info"}
    assert datetime.fromisoformat(payload["timestamp"]).tzinfo is not None
    return json.dumps(
        {"status": "success", "message": "Event processed", "dedup_key": given["dedup_key"]}
    ).encode()


def webhook(given: Any, headers: Mapping[str, str]) -> bytes:  # noqa: ANN401
    """Take an alert as the page about alerts says."""
    assert given["event"] in {"opened", "updated", "resolved"}
    assert headers["idempotency-key"]
    assert {"thread", "dedup_key", "incident_id", "at", "severity", "title", "text", "question"} <= set(given)
    return b""


TAKES: Mapping[str, Callable[[Any, Mapping[str, str]], bytes]] = {
    SLACK_PATH: slack,
    "/answers": slack,
    "/v2/enqueue": pagerduty,
    "/alerts": webhook,
}


class _Handler(BaseHTTPRequestHandler):
    town: Town

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        troubles = self.town.troubles.get(self.path, [])
        try:
            status, answer = (troubles.pop(0), b"told to fail") if troubles else self._take(body)
        except (AssertionError, KeyError, ValueError, RefusedError) as error:
            status, answer = 400, f"not as documented: {error!r}".encode()
        self.send_response(status)
        self.send_header("retry-after", "7")
        self.end_headers()
        self.wfile.write(answer)

    def _take(self, body: bytes) -> tuple[int, bytes]:
        assert self.headers["content-type"] == "application/json"
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path == "/alerts":
            self.town.verifier.check(Request("POST", self.path, body), dict(self.headers.items()), NOW)
        given = json.loads(body)
        answer = TAKES[self.path](given, headers)
        self.town.told.setdefault(self.path, []).append(given)
        return (202 if self.path == "/v2/enqueue" else 200), answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(town: Town) -> Iterator[str]:
    """Serve a town; gives its address."""
    with served(type("_Served", (_Handler,), {"town": town})) as town.url:
        yield town.url
