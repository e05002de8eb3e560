"""What every request passes: the host it was sent to, who sends it, and headers that browsers obey."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.terminal.clean import one_line
from console.web.access.entrance import Entrance
from payments.errors import PayOpsError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD"})
LARGEST_FORM = 65_536
"""Bytes: a note of 1,000 characters fits many times."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
OPEN_PATHS = ("/static/", "/sign-in", "/health", "/slack/actions")
"""What nobody needs to sign in for."""
_AGAIN = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>One moment</title>'
)


@dataclass(frozen=True)
class Guard:
    """Middleware around the pages; the person goes on as `request.state.person`."""

    app: ASGIApp
    entrance: Entrance
    hosts: Sequence[str]
    """Names that the console may be called by, without ports: others are a rebound DNS name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answer = self._answer(request)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not request.url.path.startswith("/static/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        await (answer or self.app)(scope, receive, send_safely)

    def _answer(self, request: Request) -> Response | None:
        """Give what keeps the request out; None to let it in."""
        if _name(request.headers.get("host", "")) not in self.hosts:
            return PlainTextResponse("The console is not called by this name.\n", 421)
        if refusal := _refusal(request):
            return refusal
        try:
            person = self.entrance.person(request)
        except PayOpsError as error:
            return _closed(error)
        request.state.person = person
        if person is not None or request.url.path.startswith(OPEN_PATHS):
            return None
        return self._unknown(request)

    def _unknown(self, request: Request) -> Response:
        if not self.entrance.signs_in:
            return PlainTextResponse(
                "You are not known here: come through the proxy that signs you in.\n", 403
            )
        if request.method not in SAFE_METHODS or request.headers.get("accept") == "text/event-stream":
            return PlainTextResponse("Sign in first.\n", 401)
        if request.headers.get("sec-fetch-site") == "cross-site":
            return HTMLResponse(_AGAIN)  # a strict cookie stays away from a link elsewhere: ask ourselves
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")
        return RedirectResponse(f"/sign-in?then={back}", 303)


def _refusal(request: Request) -> Response | None:
    """Give what a request is answered that no page of ours makes; None for the others."""
    if request.method in SAFE_METHODS:
        mixed_in = _is_mixed_in(request.headers)
        return PlainTextResponse("Another site may only link to this.\n", 403) if mixed_in else None
    if not _sent_by_us(request.headers):
        return PlainTextResponse("This form was sent by another site.\n", 403)
    if not _fits(request.headers):
        return PlainTextResponse(f"A form has at most {LARGEST_FORM} bytes, and says how many.\n", 413)
    return None


def _closed(error: PayOpsError) -> Response:
    """Let nobody in while nobody can be told apart; only whoever runs the console is told why."""
    sys.stderr.write(one_line(f"{error}") + "\n")
    sys.stderr.flush()
    return PlainTextResponse("Nobody can come in now: the console's output says why.\n", 503)


def _name(host: str) -> str:
    """Give the name of a Host header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _fits(headers: Headers) -> bool:
    """Say whether a form tells that it is no larger than the limit; the server reads no more than is told."""
    length = headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= LARGEST_FORM


def _is_mixed_in(headers: Headers) -> bool:
    """Say whether another site loads this into its page: its streams would use up a browser's connections."""
    foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    return foreign and headers.get("sec-fetch-mode", "navigate") != "navigate"


def _sent_by_us(headers: Headers) -> bool:
    """Say whether the browser names this console as the sender; who sends no such header is no browser."""
    site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
    host = headers.get("host", "").lower()
    own = origin is None or origin.lower() in {f"http://{host}", f"https://{host}"}
    return own and site in {"same-origin", "none"}
