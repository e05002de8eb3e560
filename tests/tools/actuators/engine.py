"""A Decision Engine in memory: the part of its API that the crew uses, with the behaviour of the real one.

It keeps every rule, has one active, follows it in its dry run, and forgets nothing. A test tells it which
requests get no answer, or the wrong one.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.tools.loopback import served

KEY = "DE_" + "0" * 64
MERCHANT = "shoes"
AT = "2026-04-26 10:00:00.000000"

NETWORKS = "visa, VISA, Visa, mastercard, Master Card, rupay"
ROUTING_KEYS = {
    "card_network": {"type": "enum", "values": NETWORKS},
    "payment_method": {"type": "enum", "values": "card, upi, wallet"},
    "payment_method_type": {"type": "enum", "values": "credit, debit, upi_collect"},
    "issuer_name": {"type": "str_value", "min_length": 1},
    "card_bin": {"type": "str_value", "exact_length": 6},
    "amount": {"type": "integer", "min_value": 0},
    "metadata": {"type": "udf"},
}

Json = Mapping[str, Any]


def gateway(name: str, account: str | None = None) -> dict[str, str | None]:
    return {"gateway_name": name, "gateway_id": account}


PRIORITY = {"type": "priority", "data": [gateway("alpha"), gateway("beta"), gateway("gamma")]}


@dataclass
class Engine:
    """What the engine holds."""

    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    active: str | None = None
    threshold: float = 0.25
    scores: dict[str, float] = field(default_factory=lambda: {"alpha": 0.3, "beta": 0.8, "gamma": 0.9})
    troubles: dict[str, str] = field(default_factory=dict)
    """By path: `silent` (not done, no answer), `lost` (done, no answer), a status, or a body."""
    calls: Counter[str] = field(default_factory=Counter)
    activations: list[str] = field(default_factory=list)

    def hold(self, algorithm: Json, name: str = "ours") -> str:
        """Make a rule, as somebody at the dashboard does."""
        rule_id = f"routing_{len(self.rules) + 1}"
        self.rules[rule_id] = {
            "id": rule_id,
            "created_by": MERCHANT,
            "name": name,
            "description": "",
            "algorithm_data": dict(algorithm),
            "algorithm_for": "payment",
            "created_at": AT,
            "modified_at": AT,
        }
        return rule_id

    @property
    def algorithm(self) -> dict[str, Any]:
        """What payments follow."""
        assert self.active is not None
        found: dict[str, Any] = self.rules[self.active]["algorithm_data"]
        return found

    def answer(self, path: str, given: Json) -> Any:  # noqa: ANN401 - JSON
        """Do what a request asks for; None is an empty answer."""
        does: dict[str, Callable[[Json], Any]] = {
            "/routing/create": self._create,
            "/routing/activate": self._activate,
            "/routing/evaluate": lambda asked: {
                "status": "success",
                "evaluated_output": self.offered(asked["parameters"]),
            },
            "/config/routing-keys": lambda _: {"keys": ROUTING_KEYS},
            "/analytics/gateway-scores": self._scored,
            "/rule/get": self._configured,
            "/rule/update": self._configured,
            f"/routing/list/active/{MERCHANT}": lambda _: [self.rules[self.active]] if self.active else [],
            f"/routing/list/{MERCHANT}": lambda _: list(self.rules.values()),
        }
        return does[path](given)

    def _create(self, given: Json) -> Json:
        made = self.rules[self.hold(given["algorithm"], given["name"])]
        return {"rule_id": made["id"], "name": made["name"], "algorithm_for": made["algorithm_for"]}

    def _activate(self, given: Json) -> None:
        self.active = given["routing_algorithm_id"]
        self.activations.append(str(self.active))

    def _scored(self, _: Json) -> Json:
        scores = self.scores.items()
        scored = [{"gateway": name, "score_value": score, "last_updated_ms": 1} for name, score in scores]
        return {"snapshots": scored, "series": []}

    def _configured(self, given: Json) -> Json:
        self.threshold = given.get("config", {}).get("data", {}).get("threshold", self.threshold)
        data = {"threshold": self.threshold, "txnLatency": {"gatewayLatency": 5000.0}}
        return {"merchant_id": MERCHANT, "config": {"type": "elimination", "data": data}}

    def offered(self, parameters: Json) -> list[Json]:
        """Route a payment by the active rule, with a reading of its own."""
        kind, data = self.algorithm["type"], self.algorithm["data"]
        if kind != "advanced":
            return _listed({kind: data})
        for rule in data["rules"]:
            if any(_holds(one, parameters) for one in rule["statements"]):
                return _listed(rule["output"])
        return _listed(data["default_selection"])


def _holds(statement: Json, parameters: Json) -> bool:
    if not all(_is_so(one, parameters.get(one["lhs"])) for one in statement["condition"]):
        return False
    return statement["nested"] is None or any(_holds(one, parameters) for one in statement["nested"])


def _is_so(condition: Json, given: Json | None) -> bool:
    wanted = condition["value"]["value"]
    return given is not None and given["value"] in (wanted if isinstance(wanted, list) else [wanted])


def _listed(output: Json) -> list[Json]:
    ((kind, data),) = output.items()
    if kind == "single":
        return [data]
    if kind == "priority":
        return list(data)
    if kind == "volume_split":
        return [part["output"] for part in data]
    found: list[Json] = []
    for part in data:
        found += [one for one in part["output"] if one not in found]
    return found


class _Handler(BaseHTTPRequestHandler):
    engine: Engine
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.engine.calls[path] += 1
        if self.headers.get("x-api-key") == KEY:
            self._fail(path, json.loads(body or b"{}"), self.engine.troubles.pop(path, ""))
        else:
            self._say(401, {"code": "TE_03", "message": "API key is not valid"})

    def _fail(self, path: str, given: Json, trouble: str) -> None:
        """Answer with a trouble, or without one."""
        if trouble.isdigit():
            self._say(int(trouble), {"code": "TE_00", "message": "told to fail"})
            return
        self.close_connection = trouble in {"silent", "lost"}
        answer = None if trouble == "silent" else self.engine.answer(path, given)
        if not trouble:
            self._say(200, answer)
        elif not self.close_connection:
            self._send(200, trouble.encode())

    def _say(self, status: int, answer: object) -> None:
        self._send(status, b"" if answer is None else json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(engine: Engine) -> Iterator[str]:
    """Serve an engine on the loopback address; gives its address."""
    with served(type("_Served", (_Handler,), {"engine": engine})) as url:
        yield url
