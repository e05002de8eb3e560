"""Decisions by buttons in Slack: signed requests, people from a file, the code of `run.py approve`.

Slack wants an answer within three seconds, and a decision takes some: so the request is answered first, and
what came of it is sent to the address that came with the click.
"""

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.background import BackgroundTask

from console.deciding import Answer, take, what_now
from console.settings import SLACK_SIGNING_SECRET, SLACK_WEBHOOK, Settings
from console.terminal.clean import one_line
from console.web.access.people import Person, Role
from console.web.access.roll import Roll
from console.web.site import Site, SiteHere
from payments.errors import ForbiddenError, InputError, PayOpsError, RefusedError, SettingsError
from tools.alerts.bulletin import NotDeliveredError
from tools.alerts.delivery import post, shortened
from tools.alerts.slack import LONGEST_TEXT, REMEDY, SIGNATURE, TOLERANCE_S, check

PATH: Final = "/slack/actions"
ANSWERS_AT: Final = "https://hooks.slack.com"
WHO_IS_WHO: Final = Roll(
    title="SLACK_USERS_FILE",
    line=re.compile(r"(?P<key>[A-Z][A-Z0-9]{1,31}):(?P<name>[^:\s][^:]{0,79}):(?P<role>[a-z]+)"),
    form="user id:name:role, such as U012AB3CD:asha:approver",
    key="user",
)
_VALUE = re.compile(r"(?P<incident>[^\s]{1,64}):(?P<question>[1-9][0-9]{0,5})")

router = APIRouter()


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Part):
    id: str


class _Click(_Part):
    action_id: str
    value: str = ""


class _Message(_Part):
    blocks: list[dict[str, Any]] = []


class Clicked(_Part):
    """What Slack says of a click (`block_actions`); what else it says is passed over."""

    type: Literal["block_actions"]
    user: _User
    actions: list[_Click] = Field(min_length=1)
    response_url: str = ""
    message: _Message = _Message()


@dataclass
class Heard:
    """The clicks of the last minutes, by their signature: one that comes again is not taken again."""

    _seen: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def is_new(self, signature: str, now: datetime) -> bool:
        """Say whether a click comes for the first time."""
        with self._lock:
            since = now - timedelta(seconds=2 * TOLERANCE_S)
            self._seen = {one: at for one, at in self._seen.items() if at >= since}
            is_new = signature not in self._seen
            self._seen[signature] = now
            return is_new


@router.post(PATH)
async def clicked(request: Request, site: SiteHere) -> Response:
    """Take a click, and answer at once."""
    body, now = await request.body(), site.clock()
    secret = os.environ.get(SLACK_SIGNING_SECRET, "").strip().encode("utf-8", "surrogateescape")
    try:
        check(body, request.headers, secret, now)
        click = read(body)
    except (RefusedError, InputError) as error:
        return PlainTextResponse(f"{error}\n", 401 if isinstance(error, RefusedError) else 422)
    heard: Heard = request.app.state.heard
    if click is None or not heard.is_new(request.headers[SIGNATURE], now):
        return Response(status_code=200)
    return Response(status_code=200, background=BackgroundTask(decide, click, site))


def read(body: bytes) -> Clicked | None:
    """Read the form that Slack sends; None for a click that decides nothing, such as one on a link.

    Raises:
        InputError: it is none.
    """
    try:
        given = parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=8)
        click = Clicked.model_validate_json(given["payload"][0])
    except (ValueError, KeyError, ValidationError) as error:
        raise InputError(
            "This is no click of a button in Slack: the form has no payload that fits."
        ) from error
    return click if click.actions[0].action_id in {"approve", "reject"} else None


def decide(click: Clicked, site: Site) -> None:
    """Decide as the person who clicked, and say in the channel what came of it."""
    try:
        who = _approver(click.user.id, site.settings)
        said = _taken(click.actions[0], who, site)
    except PayOpsError as error:
        _say(click.response_url, {"replace_original": False, "text": shortened(f"{error}", LONGEST_TEXT)})
        return
    kept = [block for block in click.message.blocks if block.get("type") != "actions"]
    outcome = {"type": "plain_text", "text": shortened(said, LONGEST_TEXT), "emoji": False}
    _say(
        click.response_url,
        {
            "replace_original": True,
            "text": shortened(said, LONGEST_TEXT),
            "blocks": [*kept, {"type": "section", "text": outcome}],
        },
    )


def _approver(user: str, settings: Settings) -> Person:
    if settings.slack_users_file is None:
        raise SettingsError("Nobody may decide in Slack here: PAYOPS_SLACK_USERS_FILE is not set.")
    person = WHO_IS_WHO.read(settings.slack_users_file).get(user)
    if person is None:
        raise ForbiddenError(
            f"You ({user[:32]}) are not known to the crew: ask for a line in SLACK_USERS_FILE."
        )
    if not person.may(Role.APPROVER):
        raise ForbiddenError(
            f"{person.name!r} is {person.role.words}, and this needs the role {Role.APPROVER.words}."
        )
    return person


def _taken(click: _Click, who: Person, site: Site) -> str:
    meant = _VALUE.fullmatch(click.value)
    if meant is None:
        raise InputError("This button names no question: decide in the console instead.")
    kind: Literal["approve", "reject"] = "approve" if click.action_id == "approve" else "reject"
    answer = Answer(meant["incident"], who.name, "decided in Slack", int(meant["question"]))
    taken = take(answer, kind, {}, site.settings, site.telemetry)
    return f"{kind} by {who.name}: {what_now(taken)}"


def _say(response_url: str, told: Mapping[str, Any]) -> None:
    """Tell Slack; whoever clicked sees it there. That it cannot be told changes nothing that was decided."""
    try:
        url = _own(response_url)
        post("slack", url, {"response_type": "ephemeral", **told}, {}, remedy=REMEDY)
    except (NotDeliveredError, RefusedError) as error:
        with suppress(OSError):
            sys.stderr.write(one_line(f"What came of a click in Slack was not told: {error}") + "\n")


def _own(response_url: str) -> httpx.URL:
    """Let answers go to Slack alone, or to where its webhook is."""
    parts = urlsplit(response_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    webhook = urlsplit(os.environ.get(SLACK_WEBHOOK, "").strip())
    if origin not in {ANSWERS_AT, f"{webhook.scheme}://{webhook.netloc}"}:
        raise RefusedError("its address is not Slack's.")
    return httpx.URL(response_url)
