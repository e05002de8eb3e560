"""Slack: an incoming webhook for what people are told, and the signature of what they click."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from payments.errors import RefusedError
from tools.alerts.bulletin import Bulletin, NotDeliveredError
from tools.alerts.delivery import post, shortened

LONGEST_HEADER, LONGEST_TEXT = 150, 3_000
TOLERANCE_S: Final = 300.0
"""How old a click may be: Slack's own advice."""
TIMESTAMP, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
REMEDY = "check PAYOPS_SLACK_WEBHOOK, and that the app is still installed in its channel"
_SIGNS = {"info": "FYI", "warning": "Warning", "critical": "Critical"}


@dataclass(frozen=True)
class Slack:
    """Implements `Receiver`: a message for each matter. A webhook cannot change what it has sent."""

    webhook: httpx.URL = field(repr=False)
    """Whoever knows it can write to the channel."""
    console: str = ""
    decides: bool = False
    """Whether clicks reach us: with no signing secret there are no buttons."""
    name: str = "slack"
    renew_s: float | None = None

    def deliver(self, bulletin: Bulletin) -> None:
        """Send a message."""
        answer = post(self.name, self.webhook, self.message(bulletin), {}, remedy=REMEDY)
        if answer.content.strip() != b"ok":
            raise NotDeliveredError(f"slack does not say that it took the message: {REMEDY}.")

    def message(self, bulletin: Bulletin) -> dict[str, Any]:
        """Write a message of plain text: what a merchant is called must not mention everybody."""
        alert = bulletin.alert
        sign = "Over" if bulletin.is_over else _SIGNS[alert.severity]
        head = shortened(f"{sign}: {alert.title}", LONGEST_HEADER)
        thread = shortened(bulletin.thread, LONGEST_HEADER) or "-"
        blocks = [
            {"type": "header", "text": _plain(head)},
            {"type": "section", "text": _plain(shortened(alert.text, LONGEST_TEXT) or "-")},
            {"type": "context", "elements": [_plain(thread)]},
        ]
        if elements := self._buttons(bulletin):
            blocks.append({"type": "actions", "elements": elements})
        return {"text": _escaped(head), "blocks": blocks}

    def _buttons(self, bulletin: Bulletin) -> list[dict[str, Any]]:
        buttons = []
        if bulletin.question is not None and self.decides:
            value = f"{bulletin.alert.incident_id}:{bulletin.question}"
            buttons = [_button("approve", "primary", value), _button("reject", "danger", value)]
        if link := bulletin.link(self.console):
            look = {"type": "button", "text": _plain("Look at it"), "action_id": "look", "url": link}
            buttons.append(look)
        return buttons


def check(body: bytes, headers: Mapping[str, str], secret: bytes, now: datetime) -> None:
    """Let pass what Slack has signed, and not long ago.

    Raises:
        RefusedError: it is not signed with the secret, was changed or is too old.
    """
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    signed = b"v0:" + timestamp.encode("utf-8", "replace") + b":" + body
    expected = "v0=" + hmac.new(secret, signed, "sha256").hexdigest()
    if not secret or not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii")):
        raise RefusedError("The signature does not fit: check PAYOPS_SLACK_SIGNING_SECRET.")
    if not timestamp.isascii() or not timestamp.isdigit():
        raise RefusedError("The timestamp is no number of seconds.")
    off_s = abs(int(timestamp) - now.timestamp())
    if off_s > TOLERANCE_S:
        raise RefusedError(
            f"The click is {off_s:.0f} s from this clock, above the limit of {TOLERANCE_S:.0f}."
        )


def _button(action: str, style: str, value: str) -> dict[str, Any]:
    return {
        "type": "button",
        "text": _plain(action.capitalize()),
        "style": style,
        "action_id": action,
        "value": value,
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    """Take the meaning from what Slack reads in a fallback text (its three control characters)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
