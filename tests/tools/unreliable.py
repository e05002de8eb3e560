"""A line between the crew and its switch that fails as it is told; both ends are real."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit


class Said(NamedTuple):
    """An answer as it goes over the line."""

    status: int
    body: bytes


@dataclass
class Line:
    """Passes requests on to a switch; what is to happen to the next ones is listed in `troubles`.

    silent: nothing is passed on, and nothing answered.
    lost: it is passed on, and the answer is lost.
    slow: it is passed on, and the answer comes after the caller has gone.
    twice: it is passed on twice, as a network may repeat what it carries; the second answer is given.
    failed: nothing is passed on, and 500 is answered.
    failed_late: it is passed on, and 500 is answered.
    Any bytes: it is passed on, and they are answered in place of the body.
    """

    switch: str
    troubles: list[str | bytes] = field(default_factory=list)
    passed_on: int = 0
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when no caller waits any more."""

    def __post_init__(self) -> None:
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Let callers connect, always at the same address."""
        self._server = _Server(self, self._port)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def down(self) -> None:
        """Refuse every connection, as a switch that does not run."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def pass_on(self, request: "_Handler", body: bytes) -> Said:
        """Let the switch answer."""
        self.passed_on += 1
        connection = http.client.HTTPConnection(urlsplit(self.switch).netloc)
        connection.request(request.command, request.path, body, dict(request.headers))
        answer = connection.getresponse()
        said = Said(answer.status, answer.read())
        connection.close()
        return said


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, line: Line, port: int) -> None:
        self.line = line
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that has gone is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        line, body = self.server.line, self.rfile.read(int(self.headers.get("Content-Length", "0")))
        trouble = line.troubles.pop(0) if line.troubles else ""
        if trouble == "silent":
            line.gone.wait()
            return
        if trouble == "failed":
            self._answer(Said(500, b"down"))
            return
        self._spoil(trouble, line.pass_on(self, body), body)

    def _spoil(self, trouble: str | bytes, said: Said, body: bytes) -> None:
        match trouble:
            case "lost":
                return
            case "slow":
                self.server.line.gone.wait()
            case "twice":
                self._answer(self.server.line.pass_on(self, body))
            case "failed_late":
                self._answer(Said(500, b"down"))
            case bytes():
                self._answer(Said(said.status, trouble))
            case _:
                self._answer(said)

    def _answer(self, said: Said) -> None:
        self.send_response(said.status)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    do_PUT = do_GET = do_DELETE = _serve  # noqa: N815 - the base class calls them so


@contextmanager
def line_to(switch: str) -> Iterator[Line]:
    """Put up a line to a switch."""
    line = Line(switch)
    try:
        yield line
    finally:
        line.gone.set()
        line.down()
