"""The console as a web application: one factory, from what it needs to what it serves."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from console.authority import audit_key, audit_log_of
from console.compose import open_incidents
from console.terminal.clean import one_line
from console.web import slack
from console.web.access import pages as access_pages
from console.web.access.guard import Guard
from console.web.incidents import pages as incident_pages
from console.web.live import pages as live_pages
from console.web.live.outlook import Outlook
from console.web.live.stream import Hub
from console.web.record import pages as record_pages
from console.web.record.verified import Verified, VerifiedOnServer
from console.web.site import FOLDER, Site, check_form, page
from console.web.threads import limit_workers
from memory.live import FILE as BOARD
from memory.live_reading import LiveReader
from payments.errors import ForbiddenError, InputError, NotFoundError, PayOpsError, RefusedError

ROUTERS: tuple[APIRouter, ...] = (
    live_pages.router,
    incident_pages.router,
    record_pages.router,
    access_pages.router,
    slack.router,
)
"""Pages by subject."""

_STATUS = ((ForbiddenError, 403), (NotFoundError, 404), (RefusedError, 409), (InputError, 422))


def create_app(site: Site, hosts: tuple[str, ...]) -> FastAPI:
    """Make the console of a site, which answers to some names only."""

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncIterator[None]:
        limit_workers()
        with open_incidents(site.settings) as incidents:
            reader = LiveReader(site.settings.state_dir / BOARD)
            app.state.outlook = Outlook(site, reader, incidents)
            app.state.hub = Hub(app.state.outlook)
            looking = asyncio.create_task(app.state.hub.run())
            looking.add_done_callback(_tell_a_fault)
            try:
                yield
            finally:
                looking.cancel()
                await asyncio.wait([looking])
                reader.close()

    app = FastAPI(
        title="PayOps Crew",
        lifespan=alive,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(check_form)],
    )
    app.state.site = site
    app.state.heard = slack.Heard()
    app.state.verified = (
        VerifiedOnServer(site.settings)
        if site.settings.database_url
        else Verified(audit_log_of(site.settings).path, audit_key(), site.clock)
    )
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_exception_handler(PayOpsError, _said)
    app.add_exception_handler(OSError, _refused_by_the_system)
    app.add_exception_handler(HTTPException, _not_here)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_middleware(Guard, entrance=site.entrance, hosts=hosts)
    return app


def end_streams(app: FastAPI) -> None:
    """End what pages listen to."""
    cast("Hub", app.state.hub).end()


def _tell_a_fault(looking: "asyncio.Task[None]") -> None:
    """Say it at once when nobody looks for news any more: pages say themselves that they are out of date."""
    if not looking.cancelled() and (error := looking.exception()) is not None:
        told = {"message": "The console looks for no more news: start it again.", "exception": error}
        looking.get_loop().call_exception_handler(told)


def _said(request: Request, error: Exception) -> Response:
    """Say one of our errors as a page; its sentence tells what to do."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return page(
        request, "said.html", status, title=_TITLES.get(status, "This did not work"), sentence=str(error)
    )


_TITLES = {403: "Not for you", 404: "Not found", 409: "Refused", 422: "Not understood"}


def _refused_by_the_system(request: Request, error: Exception) -> Response:
    """Say that a file cannot be used, as the commands do; which one, only to whoever runs the console."""
    sys.stderr.write(one_line(f"The system refuses a file: {error}") + "\n")
    sys.stderr.flush()
    reason = error.strerror if isinstance(error, OSError) else None
    sentence = (
        f"The system refuses a file: {reason or 'it does not say why'}. The console's output says which."
    )
    return page(request, "said.html", 500, title="This did not work", sentence=sentence)


def _not_here(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentence = "There is no such page here." if status == HTTPStatus.NOT_FOUND else f"{error}"
    return page(
        request, "said.html", status, title=_TITLES.get(status, "This did not work"), sentence=sentence
    )


def _not_understood(request: Request, error: Exception) -> Response:
    """Say which field of an address or a form cannot be read; what was given is not repeated."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    first = problems[0] if problems else {"loc": ("",), "msg": f"{error}"}
    sentence = f"{first['loc'][-1]}: {first['msg']}."
    return page(request, "said.html", 422, title=_TITLES[422], sentence=sentence)
