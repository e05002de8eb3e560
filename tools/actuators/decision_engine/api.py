"""The part of the Decision Engine's HTTP API that the crew uses (its OpenAPI document, version 1.4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from payments.errors import ActuatorError, OutcomeUnknownError, SettingsError
from tools.calling import ANSWER_S, NEVER_SENT, call, words

MOST_BYTES: Final = 16 << 20
"""Longest answer: the list of all rules of a merchant, none of which the engine ever forgets."""
SAID_AT_MOST: Final = 300
TENANT: Final = "public"
SCORES_OVER: Final = "15m"

T = TypeVar("T")


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class StoredRule(_Said):
    """A rule as the engine holds it."""

    id: str
    name: str = ""
    algorithm_data: dict[str, Any]
    algorithm_for: str = "payment"


class _Made(_Said):
    rule_id: str


class RoutingKey(_Said):
    """An attribute of payments that rules may speak of."""

    type: str
    values: str | None = None
    """Of an enumeration: what it may be, separated by commas."""


class _Keys(_Said):
    keys: dict[str, RoutingKey]


class _Gateway(_Said):
    gateway_name: str


class _Offered(_Said):
    evaluated_output: list[_Gateway]


class _Config(_Said):
    type: str
    data: dict[str, Any]


class _Configured(_Said):
    config: _Config


class GatewayScore(_Said):
    """How well the engine thinks that a gateway does, for some kind of payments."""

    gateway: str | None = None
    score_value: float | None = None


class _Scores(_Said):
    snapshots: list[GatewayScore]


_RULES = TypeAdapter(list[StoredRule])


@dataclass(frozen=True)
class EngineApi:
    """Asks and tells the engine about one merchant.

    Every method raises ActuatorError when nothing was changed, and those that change what is in force
    OutcomeUnknownError when it may have been.
    """

    base_url: str
    merchant: str
    key: str = field(repr=False)
    answer_s: float = ANSWER_S

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError("DECISION_ENGINE_URL is no address such as https://engine.example:8080.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(
                "DECISION_ENGINE_URL holds more than an address: take user, query and fragment out."
            )
        if not self.merchant:
            raise SettingsError("The Decision Engine takes the merchant's id: set DECISION_ENGINE_MERCHANT.")
        if not self.key.isascii() or not self.key.isprintable() or not self.key:
            raise SettingsError("The Decision Engine takes an API key: set PAYOPS_DECISION_ENGINE_KEY.")

    def active(self) -> StoredRule | None:
        """Give the rule that payments follow now; None when there is none."""
        found = self._ask(_RULES, f"/routing/list/active/{quote(self.merchant, safe='')}")
        return next((rule for rule in found if rule.algorithm_for == "payment"), None)

    def rules(self) -> list[StoredRule]:
        """Give every rule that was ever made."""
        return self._ask(_RULES, f"/routing/list/{quote(self.merchant, safe='')}")

    def create(self, name: str, description: str, algorithm: Mapping[str, Any]) -> str:
        """Make a rule that no payment follows yet, and give its id; nothing is changed if that fails."""
        given = {
            "name": name,
            "description": description,
            "created_by": self.merchant,
            "algorithm_for": "payment",
            "algorithm": algorithm,
        }
        return self._ask(TypeAdapter(_Made), "/routing/create", given).rule_id

    def activate(self, rule_id: str) -> None:
        """Let payments follow a rule; the one before rests."""
        self._tell("/routing/activate", {"created_by": self.merchant, "routing_algorithm_id": rule_id})

    def offered(self, parameters: Mapping[str, Any]) -> frozenset[str]:
        """Try the active rule on a payment that there is not: the gateways that it would be offered."""
        given = {"created_by": self.merchant, "parameters": parameters}
        found = self._ask(TypeAdapter(_Offered), "/routing/evaluate", given)
        return frozenset(one.gateway_name for one in found.evaluated_output)

    def keys(self) -> dict[str, RoutingKey]:
        """Give what rules may speak of."""
        return self._ask(TypeAdapter(_Keys), "/config/routing-keys", method="GET").keys

    def elimination(self) -> dict[str, Any]:
        """Give by which score the engine passes over a gateway."""
        given = {"merchant_id": self.merchant, "algorithm": "elimination"}
        return self._ask(TypeAdapter(_Configured), "/rule/get", given).config.data

    def set_elimination(self, data: Mapping[str, Any]) -> None:
        """Change by which score the engine passes over a gateway."""
        config = {"type": "elimination", "data": data}
        self._tell("/rule/update", {"merchant_id": self.merchant, "config": config})

    def scores(self) -> list[GatewayScore]:
        """Give the engine's own view of its gateways."""
        path = f"/analytics/gateway-scores?range={SCORES_OVER}"
        return self._ask(TypeAdapter(_Scores), path, method="GET").snapshots

    def _ask(
        self, form: TypeAdapter[T], path: str, given: Mapping[str, Any] | None = None, method: str = "POST"
    ) -> T:
        try:
            answer = self._send(method, path, given)
        except httpx.HTTPError as error:
            raise ActuatorError(f"The Decision Engine cannot be reached: {words(error)}.") from error
        if not answer.is_success:
            raise ActuatorError(_refusal(answer))
        try:
            return form.validate_json(answer.content)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole"
            raise ActuatorError(
                f"The Decision Engine's answer to {path.partition('?')[0]} is not of a known form ({place}): "
                "check that the address is that of its API, version 1.4."
            ) from error

    def _tell(self, path: str, given: Mapping[str, Any]) -> None:
        try:
            answer = self._send("POST", path, given)
        except NEVER_SENT as error:
            raise ActuatorError(
                f"The Decision Engine cannot be reached, nothing was changed: {words(error)}."
            ) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError(
                f"The Decision Engine took {path} and gave no answer: {words(error)}."
            ) from error
        if answer.is_client_error:
            raise ActuatorError(_refusal(answer))
        if not answer.is_success:
            raise OutcomeUnknownError(f"The Decision Engine failed at {path}: {_said(answer)}")

    def _send(self, method: str, path: str, given: Mapping[str, Any] | None) -> httpx.Response:
        headers = {
            "x-api-key": self.key,
            "x-tenant-id": TENANT,
            "x-feature": "decision-engine",  # by which Hyperswitch's gateway knows whom this is for
        }
        body = b"" if given is None else json.dumps(given).encode("ascii")
        if body:
            headers["Content-Type"] = "application/json"
        url = httpx.URL(f"{self.base_url.rstrip('/')}{path}")
        return call(method, url, headers, body, self.answer_s, most_bytes=MOST_BYTES)


def _refusal(answer: httpx.Response) -> str:
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return (
            f"The Decision Engine does not let us in ({answer.status_code}), nothing was changed: check "
            "PAYOPS_DECISION_ENGINE_KEY and that it is of the merchant in DECISION_ENGINE_MERCHANT."
        )
    return f"The Decision Engine refuses, nothing was changed: {_said(answer)}"


def _said(answer: httpx.Response) -> str:
    try:
        given = json.loads(answer.content)
    except (ValueError, RecursionError):
        given = None
    text = given.get("message") if isinstance(given, dict) else None
    shown = text if isinstance(text, str) else answer.content.decode("utf-8", "replace")
    return f"{answer.status_code} {shown[:SAID_AT_MOST]!r}."
