"""One alert as one request, and what an answer to it means."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from payments.errors import SettingsError
from tools.alerts.bulletin import NotDeliveredError
from tools.calling import call, words

SAID_AT_MOST: Final = 200
LONGEST_WAIT_S: Final = 300.0
_NOT_LET_IN: Final = frozenset({401, 403, 404, 410})
_REFUSED_FOR_GOOD: Final = frozenset({400, 413, 422})
"""The message itself is at fault. What is refused for its key or address may be let in later."""


def address(setting: str, given: str, *, is_secret: bool = False) -> httpx.URL:
    """Read an address from the settings.

    Raises:
        SettingsError: it is none, or holds a user where it must not; the value is not repeated.
    """
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not given.isascii():
        raise SettingsError(f"{setting} is no address that begins with https:// or http://.")
    if parts.username or parts.password or parts.fragment or (parts.query and not is_secret):
        raise SettingsError(f"{setting} holds more than an address: take user, query and fragment out.")
    return httpx.URL(given)


def post(
    name: str, url: httpx.URL, body: object, headers: Mapping[str, str], *, remedy: str
) -> httpx.Response:
    """Send JSON; `remedy` says what to check when the receiver does not let us in.

    Raises:
        NotDeliveredError: it did not arrive, or was not taken.
    """
    content = body if isinstance(body, bytes) else encoded(body)
    try:
        answer = call("POST", url, {"Content-Type": "application/json", **headers}, content)
    except httpx.HTTPError as error:
        raise NotDeliveredError(f"{name} cannot be reached: {words(error)}.") from error
    if answer.is_success:
        return answer
    said = f"{name} answers {answer.status_code} {_said(answer)!r}"
    if answer.status_code in _REFUSED_FOR_GOOD:
        raise NotDeliveredError(f"{said}: it does not take this message.", is_final=True)
    if answer.status_code in _NOT_LET_IN:
        raise NotDeliveredError(f"{said}: {remedy}.")
    raise NotDeliveredError(f"{said}.", retry_after_s=_retry_after_s(answer))


def encoded(body: object) -> bytes:
    """Write JSON as ASCII: hostile text may hold what no other encoding takes."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def shortened(text: str, most: int) -> str:
    """Put a text on one line of printable characters, cut where a receiver would refuse it."""
    clean = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in " ".join(text.split()))
    return clean if len(clean) <= most else clean[: most - 3] + "..."


def without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what has no value."""
    return {name: value for name, value in given.items() if value not in (None, "", [], {})}


def _said(answer: httpx.Response) -> str:
    return shortened(answer.content.decode("utf-8", "replace"), SAID_AT_MOST)


def _retry_after_s(answer: httpx.Response) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given), LONGEST_WAIT_S) if given.isascii() and given.isdigit() else 0.0
