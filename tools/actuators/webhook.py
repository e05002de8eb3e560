"""An actuator of your own behind HTTP: signed requests, one action per key, and no doubt left unsaid."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from payments.action import ACTION, Action
from payments.errors import ActuatorError, OutcomeUnknownError, SettingsError
from payments.outcome import Receipt
from tools.actuators.signature import Request, sign
from tools.calling import ANSWER_S, NEVER_SENT, call, words

SAID_AT_MOST = 300
"""Characters of what the receiver says that are repeated to people."""


class _Held(BaseModel):
    """A receiver's answer: what it holds under a key. What else it says is passed over."""

    model_config = ConfigDict(extra="ignore")

    key: str
    effective_at: datetime
    expires_at: datetime
    reverted: bool = False


@dataclass(frozen=True)
class WebhookActuator:
    """Implements `Actuator` by PUT, GET and DELETE of `{base_url}/actions/{key}`."""

    base_url: str
    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]
    """The wall clock: the receiver refuses what was signed long ago, or in the future."""
    new_id: Callable[[], str]
    answer_s: float = ANSWER_S
    name: str = "webhook"
    changes_traffic: bool = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError("ACTUATOR_URL is no address such as https://switch.example:8443/payops.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError("ACTUATOR_URL holds more than an address: take user, query and fragment out.")
        if not self.secret:
            raise SettingsError("The actuator's secret is empty: set PAYOPS_ACTUATOR_SECRET.")

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Carry out an action once per key.

        Raises:
            ActuatorError: nothing was changed.
            OutcomeUnknownError: it may have been changed.
        """
        order = {
            "action": ACTION.dump_python(action, mode="json"),
            "expires_after_s": expires_after_s,
            "replaces": replaces,
        }
        return self._receipt(key, self._write("PUT", key, json.dumps(order).encode("ascii")))

    def revert(self, key: str) -> Receipt:
        """Undo the action held under the key.

        Raises:
            ActuatorError: the key is unknown, or the receiver refuses.
            OutcomeUnknownError: it may have been undone.
        """
        return self._receipt(key, self._write("DELETE", key))

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key; nothing only if the receiver says in its own words so.

        Raises:
            ActuatorError: the receiver does not say.
        """
        try:
            answer = self._send("GET", key)
        except httpx.HTTPError as error:
            raise ActuatorError(f"{self.name} cannot be reached: {words(error)}.") from error
        if answer.status_code == httpx.codes.NOT_FOUND and _object(answer).get("key") == key:
            return None
        if not answer.is_success:
            raise ActuatorError(f"{self.name} answers {_said(answer)}")
        return self._receipt(key, answer)

    def _write(self, method: str, key: str, body: bytes = b"") -> httpx.Response:
        try:
            answer = self._send(method, key, body)
        except NEVER_SENT as error:
            raise ActuatorError(
                f"{self.name} cannot be reached, nothing was changed: {words(error)}."
            ) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError(
                f"{self.name} took the request and gave no answer: {words(error)}; look the key up."
            ) from error
        if answer.status_code == httpx.codes.TOO_EARLY:
            raise OutcomeUnknownError(f"{self.name} has seen the request before, look it up: {_said(answer)}")
        if answer.is_client_error:
            raise ActuatorError(f"{self.name} refuses, nothing was changed: {_said(answer)}")
        if not answer.is_success:
            raise OutcomeUnknownError(f"{self.name} failed, look the key up: {_said(answer)}")
        return answer

    def _send(self, method: str, key: str, body: bytes = b"") -> httpx.Response:
        url = httpx.URL(f"{self.base_url.rstrip('/')}/actions/{quote(key, safe='')}")
        signed = sign(
            Request(method, url.raw_path.decode("ascii"), body), self.secret, self.clock(), self.new_id()
        )
        own = {"Idempotency-Key": quote(key, safe=""), "Content-Type": "application/json"}
        return call(method, url, {**signed, **own}, body, self.answer_s)

    def _receipt(self, key: str, answer: httpx.Response) -> Receipt:
        try:
            held = _Held.model_validate_json(answer.content)
            receipt = Receipt(actuator=self.name, **held.model_dump())
        except ValidationError as error:
            raise OutcomeUnknownError(
                f"{self.name} gives an answer that is no receipt, look the key up: {_said(answer)}"
            ) from error
        if receipt.key != key:
            raise OutcomeUnknownError(
                f"{self.name} speaks of the key {receipt.key[:SAID_AT_MOST]!r} and was asked for {key!r}."
            )
        return receipt


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _said(answer: httpx.Response) -> str:
    text = _object(answer).get("error") or answer.content.decode("utf-8", "replace")
    return f"{answer.status_code} {str(text)[:SAID_AT_MOST]!r}."
