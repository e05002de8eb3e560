"""The HTTP interface that payments are sent to."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from payments.errors import PayOpsError, RefusedError
from tools.sources.push import events, signatures
from tools.sources.push.lines import Lines
from tools.sources.push.spool import Received, Spool
from tools.sources.report import Report

BODY_BYTES: Final = 8 << 20
RETRY_AFTER_S: Final = 5

_OK, _BAD, _UNAUTHORISED, _NOT_FOUND, _TOO_LARGE, _FULL, _FAILED = 200, 400, 401, 404, 413, 429, 503


@dataclass(frozen=True)
class Keys:
    """What senders prove themselves with; an empty one closes its door."""

    token: str = field(repr=False)
    stripe: bytes = field(default=b"", repr=False)
    adyen: bytes = field(default=b"", repr=False)
    hyperswitch: bytes = field(default=b"", repr=False)


class _Answer(Exception):  # noqa: N818 - an answer, not an error
    """Ends a request early."""

    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.response = JSONResponse({"error": words}, status, dict(headers or {}))


@dataclass(frozen=True)
class Door:
    """Takes what is sent, checks who sent it, and keeps it."""

    spool: Spool
    lines: Lines
    keys: Keys
    clock: Callable[[], datetime]

    async def payments(self, request: Request) -> Response:
        """Take one payment a line."""
        body = await self._authorised(request)
        return await run_in_threadpool(self._keep, lambda report: self.lines.payments(body, report))

    async def windows(self, request: Request) -> Response:
        """Take one window a line."""
        body = await self._authorised(request)
        return await run_in_threadpool(self._keep, lambda report: self.lines.windows(body, report))

    async def stripe(self, request: Request) -> Response:
        """Take an event of Stripe."""
        body, key = await self._body(request), self._key("stripe", self.keys.stripe)
        signatures.check_stripe(body, request.headers.get("stripe-signature", ""), key, self.clock())
        return await self._keep_events(events.of_stripe(_event(body)))

    async def hyperswitch(self, request: Request) -> Response:
        """Take an event of Hyperswitch."""
        body, key = await self._body(request), self._key("hyperswitch", self.keys.hyperswitch)
        signatures.check_hyperswitch(body, request.headers.get("x-webhook-signature-512", ""), key)
        return await self._keep_events(events.of_hyperswitch(_event(body)))

    async def adyen(self, request: Request) -> Response:
        """Take notifications of Adyen; every one of them must be signed."""
        body, key = await self._body(request), self._key("adyen", self.keys.adyen)
        items = events.adyen_items(_event(body))
        for item in items:
            signatures.check_adyen(item, key)
        kept = await self._keep_events(one for item in items for one in events.of_adyen(item))
        return kept if kept.status_code != _OK else Response("[accepted]", media_type="text/plain")

    async def _authorised(self, request: Request) -> bytes:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(
            given.encode("utf-8", "replace"), self.keys.token.encode("utf-8", "replace")
        ):
            raise _Answer(
                _UNAUTHORISED,
                "The token does not fit: send Authorization: Bearer with what PAYOPS_PUSH_TOKEN holds here.",
                {"WWW-Authenticate": "Bearer"},
            )
        return await self._body(request)

    async def _body(self, request: Request) -> bytes:
        if self.spool.is_full:
            raise _Answer(
                _FULL,
                "Too much waits to be counted: send it again later.",
                {"Retry-After": str(RETRY_AFTER_S)},
            )
        taken = bytearray()
        async for part in request.stream():
            taken += part
            if len(taken) > BODY_BYTES:
                raise _Answer(
                    _TOO_LARGE, f"The body is longer than {BODY_BYTES} bytes: send fewer lines at once."
                )
        return bytes(taken)

    def _key(self, sender: str, key: bytes) -> bytes:
        if not key:
            raise _Answer(
                _NOT_FOUND, f"No events of {sender} are taken: set PAYOPS_{sender.upper()}_KEY here."
            )
        return key

    async def _keep_events(self, payments: Iterator[events.Payment]) -> Response:
        found = list(enumerate(payments, start=1))
        return await run_in_threadpool(self._keep, lambda report: self.lines.attempts(iter(found), report))

    def _keep(self, read: Callable[[Report], Sequence[Received]]) -> Response:
        report = Report("line")
        rows = read(report)
        new = self.spool.add(rows) if rows else 0
        said = {
            "taken": new,
            "given_before": len(rows) - new,
            "bad": dict(report.bad),
            "problems": [str(problem) for problem in report.problems],
        }
        return JSONResponse(said, _BAD if report.bad and not rows else _OK)


def make_app(door: Door) -> FastAPI:
    """Make the application; it shows no documentation of itself to strangers."""
    app = FastAPI(title="PayOps Crew push", docs_url=None, redoc_url=None, openapi_url=None)
    for path, take in {
        "/v1/payments": door.payments,
        "/v1/windows": door.windows,
        "/v1/webhooks/stripe": door.stripe,
        "/v1/webhooks/adyen": door.adyen,
        "/v1/webhooks/hyperswitch": door.hyperswitch,
    }.items():
        app.add_api_route(path, take, methods=["POST"], response_model=None)

    @app.exception_handler(_Answer)
    def _answer(_: Request, error: _Answer) -> Response:
        return error.response

    @app.exception_handler(PayOpsError)
    def _refused(_: Request, error: PayOpsError) -> Response:
        return JSONResponse(
            {"error": str(error)}, _UNAUTHORISED if isinstance(error, RefusedError) else _FAILED
        )

    return app


def _event(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Answer(_BAD, "The event is no JSON.") from error
    if not isinstance(found, dict):
        raise _Answer(_BAD, "The event is no JSON object.")
    return found
