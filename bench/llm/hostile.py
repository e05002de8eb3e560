"""A server on the loopback address that speaks to clients of OpenAI's API as badly as it is told."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Say = Callable[["Exchange"], None]
"""Answers one request, or does not."""


@dataclass
class HostileServer:
    """Serves completions; what it says, and how, is up to `say`."""

    say: Say
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of all requests."""
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when no caller waits any more."""

    def __post_init__(self) -> None:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def stop(self) -> None:
        """Let go of whoever waits, and close."""
        self.gone.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def hostile(say: Say) -> Iterator[HostileServer]:
    """Put up a server."""
    server = HostileServer(say)
    try:
        yield server
    finally:
        server.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: HostileServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), Exchange)

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over callers that have gone: they are what is measured."""


class Exchange(BaseHTTPRequestHandler):
    """One request, and what may be done to it."""

    server: _Server
    asked: Mapping[str, Any]

    def log_message(self, *_: object) -> None:
        """Say nothing: the log would drown what is measured."""

    def do_POST(self) -> None:
        """Take a request and let the server say what it wants."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        self.server.owner.asked.append(body)
        self.asked = body
        self.server.owner.say(self)

    @property
    def number(self) -> int:
        """Requests so far, this one included."""
        return len(self.server.owner.asked)

    @property
    def shown(self) -> str:
        """What the model is shown."""
        return str(self.asked["messages"][-1]["content"])

    def wait(self) -> None:
        """Say nothing until the caller has gone."""
        self.server.owner.gone.wait()

    def send(
        self,
        body: bytes,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        claimed: int | None = None,
    ) -> None:
        """Answer with a body, which may be shorter than it is claimed to be."""
        self.send_response(status)
        for name, value in (headers or {"Content-Type": "application/json"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def write(self, text: str, finish: str = "stop", usage: object = None) -> None:
        """Answer as a model that wrote this text."""
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        spent = {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020}
        whole = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": "hostile",
            "choices": [choice],
            "usage": spent if usage is None else usage,
        }
        self.send(json.dumps(whole).encode())
