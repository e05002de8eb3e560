"""A world whose switches are served over HTTP, as several tests use it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx

from simulator.traffic.config import WorldConfig
from simulator.traffic.source import TrafficSource
from simulator.traffic.switch_ledger import Ledger
from simulator.traffic.switch_server import SwitchServer, desk_of
from tools.actuators.signature import Request, sign
from tools.actuators.webhook import WebhookActuator

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = b"between us"
WORLD = replace(
    WorldConfig.with_issuers(2), psps=(("alpha", 0.4), ("beta", 0.3), ("gamma", 0.3)), history_ticks=1
)

_nonces = count()


def new_nonce() -> str:
    return f"nonce {next(_nonces)}"


@dataclass(frozen=True)
class Served:
    """A running world and its switches at an address."""

    world: TrafficSource
    url: str
    ledger: Ledger

    def send(self, method: str, path: str, body: object = None, **changes: str) -> httpx.Response:
        """Send one request as signed by the crew, with some headers changed."""
        content = b"" if body is None else json.dumps(body).encode()
        nonce = changes.pop("nonce", new_nonce())
        headers = {**sign(Request(method, path, content), SECRET, NOW, nonce), **changes}
        return httpx.request(method, self.url + path, content=content, headers=headers, trust_env=False)

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(one.event, one.key) for one in self.ledger.entries()]


@contextmanager
def switch_of(path: Path, clock: Callable[[], datetime]) -> Iterator[str]:
    """Serve the switches of a world that runs; gives their address."""
    with SwitchServer(desk_of(path, SECRET, clock), port=0, told=lambda _: None) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@contextmanager
def serving(path: Path, now: datetime = NOW) -> Iterator[Served]:
    """Run a quiet world and serve its switches."""
    world = TrafficSource("quiet", 7, path, feed="simulator:quiet:7:served", config=WORLD)
    with switch_of(path, lambda: now) as url:
        yield Served(world, url, Ledger(path))
    world.close()


def webhook(url: str, answer_s: float = 5.0) -> WebhookActuator:
    """Make the crew's end."""
    return WebhookActuator(url, SECRET, lambda: NOW, new_nonce, answer_s)
