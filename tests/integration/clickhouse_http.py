"""The HTTP interface of ClickHouse over the embedded engine: the real engine behind the real client.

There is no server package of ClickHouse where these tests run; what is between the client and the engine is
this file: user and password, statements, and rows that are inserted.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "reader", "of the test"
ALLOWED = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


class Handler(BaseHTTPRequestHandler):
    """Runs one statement a request."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        given = parse_qs(urlsplit(self.path).query)
        body = self._body()
        if self.headers.get("Authorization") != ALLOWED:
            self._answer(
                403, b"Code: 516. DB::Exception: reader: Authentication failed (AUTHENTICATION_FAILED)"
            )
            return
        try:
            self._answer(200, self.server.run(given.get("query", [""])[0], body))
        except RuntimeError as error:
            self._answer(404, str(error).encode())

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Summary", "{}")
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Holds the engine."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        from chdb.session import Session

        super().__init__(("127.0.0.1", 0), Handler)
        self.session: Any = Session(str(folder))  # type: ignore[no-untyped-call]
        self.lock = Lock()

    def run(self, query: str, body: bytes) -> bytes:
        """Run a statement; one that inserts has its rows in the body."""
        with self.lock:
            if query:
                statement, _, form = query.rpartition("FORMAT")
                with self.session.send_insert(statement.strip(), form.strip()) as inserter:
                    inserter.append(body)
                    inserter.finish()
                return b""
            return bytes(self.session.query(body.decode(), "TabSeparated").bytes())


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Serve, and give the port."""
    server = Server(folder)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        server.session.close()
