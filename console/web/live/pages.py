"""The live page, its figures, and the stream that keeps pages up to date."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from console.web.live.outlook import Outlook
from console.web.live.stream import Hub
from console.web.live.view import Wanted
from console.web.site import PersonHere, Site, SiteHere, page
from payments.errors import PayOpsError

router = APIRouter()
LONGEST = 400
"""Characters of a feed's name in an address."""


def outlook_of(request: Request) -> Outlook:
    """Give what looks at the board."""
    return cast("Outlook", request.app.state.outlook)


def hub_of(request: Request) -> Hub:
    """Give what hands news out."""
    return cast("Hub", request.app.state.hub)


def wanted_of(
    feed: Annotated[str, Query(max_length=LONGEST)] = "",
    segment: Annotated[str, Query(max_length=20)] = "wide-0",
    span: Annotated[str, Query(max_length=10)] = "short",
) -> Wanted:
    """Read an address."""
    return Wanted(feed, segment, span)


WantedHere = Annotated[Wanted, Depends(wanted_of)]
OutlookHere = Annotated[Outlook, Depends(outlook_of)]


@router.get("/")
def live(request: Request, wanted: WantedHere, outlook: OutlookHere) -> Response:
    """Show what happens now."""
    return page(request, "live.html", **outlook.page(wanted))


@router.get("/live/series")
def series(wanted: WantedHere, outlook: OutlookHere) -> JSONResponse:
    """Give all points of the charts, for a page that missed some."""
    return JSONResponse(outlook.series(wanted))


@router.get("/events")
def events(request: Request, wanted: WantedHere, site: SiteHere, person: PersonHere) -> StreamingResponse:
    """Send news for as long as the page is open and its reader signed in."""
    hub = hub_of(request)
    hub.check_room(person.name)
    messages = hub.listen(wanted, person.name)

    async def while_known() -> AsyncIterator[bytes]:
        async for message in messages:
            if not _is_known(request, site):
                return
            yield message

    return StreamingResponse(
        while_known(), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


def _is_known(request: Request, site: Site) -> bool:
    """Say whether the reader still is one of ours; while that cannot be told, nobody is."""
    try:
        return site.entrance.person(request) is not None
    except PayOpsError:
        return False
