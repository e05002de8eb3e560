"""Signing in and out, and the kill switch that is on every page."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from console.safety import turn
from console.web.access.entrance import COOKIE, TokenEntrance
from console.web.access.sessions import LASTS
from console.web.site import AdminHere, SiteHere, page

router = APIRouter()
TOKEN_AT_MOST = 512


@router.get("/health")
def health() -> PlainTextResponse:
    """Say that the server answers."""
    return PlainTextResponse("ok\n")


@router.get("/sign-in")
def ask(request: Request, then: str = "/") -> Response:
    """Show the form for the token."""
    return page(request, "sign_in.html", then=_local(then), wrong=None)


@router.post("/sign-in")
def sign_in(
    request: Request,
    site: SiteHere,
    token: Annotated[str, Form(max_length=TOKEN_AT_MOST)] = "",
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session, or say that the token is wrong; not more often than the limit allows."""
    entrance = site.entrance
    if not isinstance(entrance, TokenEntrance):
        return RedirectResponse("/", 303)
    place = request.client.host if request.client else ""
    if wait_s := entrance.failures.wait_s(place):
        wrong = f"Too many tries: wait {wait_s} s."
        answer = page(request, "sign_in.html", 429, then=_local(then), wrong=wrong)
        answer.headers["retry-after"] = str(wait_s)
        return answer
    secret = entrance.sign_in(token.strip(), place)
    if secret is None:
        return page(request, "sign_in.html", 401, then=_local(then), wrong="This token is nobody's.")
    return _with_cookie(request, RedirectResponse(_local(then), 303), secret)


@router.get("/sign-out")
@router.get("/kill-switch")
def leads_back() -> Response:
    """Show the first page to whoever asks for the address that a refused form left behind."""
    return RedirectResponse("/", 303)


@router.post("/sign-out")
def sign_out(request: Request, site: SiteHere) -> Response:
    """End the session."""
    if isinstance(site.entrance, TokenEntrance):
        site.entrance.sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/kill-switch")
def kill_switch(
    *,
    site: SiteHere,
    person: AdminHere,
    state: Annotated[Literal["on", "off"], Form()],
    note: Annotated[str, Form(max_length=1_000)] = "",
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Turn the kill switch; who turned it, when and why goes on record, as from the command line."""
    turn(state, person.name, note, site.settings)
    return RedirectResponse(_local(then), 303)


def _local(then: str) -> str:
    """Give a path of this console: another site's address leads home."""
    parts = urlsplit(then.replace("\\", "/"))
    safe = then.startswith("/") and not then.startswith("//") and not parts.netloc and then.isprintable()
    return then if safe and not parts.scheme and "\\" not in then else "/"


def _with_cookie(request: Request, answer: RedirectResponse, secret: str) -> RedirectResponse:
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        # Whether people speak TLS is known to their browser; the proxy that speaks it sends us plain HTTP.
        secure=request.headers.get("origin", "").startswith("https://"),
    )
    return answer
