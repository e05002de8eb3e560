"""The simulated world's switchboard served over HTTP on this machine: a receiver like one of your own.

PUT, GET and DELETE of /actions/KEY, signed as tools/actuators/signature.py says. Every effect stands in the
ledger beside the switches.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from payments.action import Action
from payments.errors import ActuatorError, OutcomeUnknownError, PayOpsError, RefusedError
from payments.outcome import Receipt
from simulator.traffic.switch_ledger import Ledger
from simulator.traffic.switchboard import Switchboard
from tools.actuators.signature import Request, SeenBefore, Verifier

SECRET_VARIABLE = "PAYOPS_ACTUATOR_SECRET"  # noqa: S105 - the name of the variable, not what it holds
PORT = 8930
REQUEST_BYTES = 65_536
PATIENCE_S = 10.0
"""How long a caller may take to send its request."""

STATUSES: Sequence[tuple[type[PayOpsError], HTTPStatus]] = (
    (SeenBefore, HTTPStatus.TOO_EARLY),
    (RefusedError, HTTPStatus.UNAUTHORIZED),
    (OutcomeUnknownError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (ActuatorError, HTTPStatus.CONFLICT),
)
"""What went wrong as HTTP says it, the narrower kind first."""

_ACTIONS = "/actions/"


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: Action
    expires_after_s: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    replaces: str | None = None


class Answer(NamedTuple):
    """Status and JSON of a response."""

    status: HTTPStatus
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Desk:
    """Answers requests: checks who asks, does it or says why not."""

    switches: Switchboard
    verifier: Verifier
    clock: Callable[[], datetime]
    """The wall clock, for the age of signatures; actions lapse by the world's."""

    def answer(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Answer one request."""
        try:
            self.verifier.check(request, headers, self.clock())
            if not request.path.startswith(_ACTIONS):
                return Answer(HTTPStatus.NOT_FOUND, {"error": "There is nothing but /actions/KEY here."})
            return self._do(request, unquote(request.path.removeprefix(_ACTIONS)))
        except PayOpsError as error:
            status = next(status for kind, status in STATUSES if isinstance(error, kind))
            return Answer(status, {"error": str(error)})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": f"{where}: {first['msg']}"})

    def _do(self, request: Request, key: str) -> Answer:
        if request.method == "PUT":
            order = _Order.model_validate_json(request.body)
            return _held(self.switches.apply(order.action, key, order.expires_after_s, order.replaces))
        held = self.switches.look_up(key)
        if held is None:
            return Answer(HTTPStatus.NOT_FOUND, {"error": f"Nothing is held under {key!r}.", "key": key})
        return _held(self.switches.revert(key) if request.method == "DELETE" else held)


def _held(receipt: Receipt) -> Answer:
    return Answer(HTTPStatus.OK, receipt.model_dump(mode="json", exclude={"actuator"}))


class SwitchServer(ThreadingHTTPServer):
    """Listens on the loopback interface; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, desk: Desk, port: int = PORT, told: Callable[[str], object] = sys.stderr.write
    ) -> None:
        self.desk, self.told = desk, told
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Address that an actuator is given."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in one line that a caller went away."""
        self.told(f"{client_address}: {sys.exception()!r}\n")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    server: SwitchServer

    def do_PUT(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Tell one line a request, without headers: they hold signatures."""
        self.server.told(f"{format % args}\n")

    def _serve(self) -> None:
        self.close_connection = True
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > REQUEST_BYTES:
            return self._send(
                Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"At most {REQUEST_BYTES} bytes."})
            )
        body = self.rfile.read(int(length))
        # A caller that died half-way has sent half a body; its signature does not fit.
        request = Request(self.command, self.path, body)
        return self._send(self.server.desk.answer(request, dict(self.headers)))

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.said).encode("ascii")
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def desk_of(switches: Path, secret: bytes, clock: Callable[[], datetime]) -> Desk:
    """Open the switches of a world with their ledger; the world may begin later.

    Raises:
        ActuatorError: the file cannot be used.
    """
    switches.parent.mkdir(parents=True, exist_ok=True)
    board = Switchboard(switches)
    board.look_up("")  # makes the tables
    Ledger(switches).open()
    return Desk(board, Verifier(secret), clock)


def serve(switches: Path, port: int, secret: bytes) -> None:
    """Serve until interrupted.

    Raises:
        ActuatorError: the file of the switches cannot be used.
    """
    with SwitchServer(desk_of(switches, secret, lambda: datetime.now(UTC)), port) as server:
        sys.stderr.write(f"The switches {str(switches)!r} at {server.url}\n")
        server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the switches of a file; exit code 2 for what the caller can put right."""
    parser = argparse.ArgumentParser(prog="python -m simulator.traffic.switch_server", description=__doc__)
    parser.add_argument("--switches", type=Path, required=True, help="file of a simulated world's switches")
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args(arguments)
    secret = os.environ.get(SECRET_VARIABLE, "").encode()
    if not secret:
        sys.stderr.write(f"Set {SECRET_VARIABLE} to the secret that the crew has, too.\n")
        return 2
    try:
        serve(given.switches, given.port, secret)
    except (PayOpsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
