"""The track record and the audit log."""

from collections import deque
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.compose import open_incidents
from console.terminal.record import FOOT, ROWS
from console.terminal.spans import span_of
from console.web.record.curve import calibration, saved_over_time
from console.web.record.logged import events, row_of
from console.web.record.verified import Verified, VerifiedOnServer
from console.web.site import SiteHere, page
from graph.track_record import lately, sure_and_helped, track_record

router = APIRouter()

SPANS = ("all", "1h", "24h", "7d", "30d")
LOGGED_AT_MOST = 100
REPORTED_AT_MOST = 1_000
"""How many of the newest incidents the page counts, as it is asked for often; `run.py report` counts all."""


def verified_of(request: Request) -> Verified | VerifiedOnServer:
    """Give what knows whether the audit log is as it was written."""
    return cast("Verified | VerifiedOnServer", request.app.state.verified)


VerifiedHere = Annotated[Verified | VerifiedOnServer, Depends(verified_of)]


@router.get("/report")
def report(request: Request, site: SiteHere, since: str = "all") -> Response:
    """Show what the crew did over a while, or would have done, and what came of it."""
    span = None if since == "all" else span_of(since)
    with open_incidents(site.settings) as store:
        found = store.list(limit=REPORTED_AT_MOST + 1)
        incidents = found[:REPORTED_AT_MOST]
        decisions = {incident.id: store.decisions(incident.id) for incident in incidents}
    counted = incidents if span is None else lately(incidents, span)
    return page(
        request,
        "report.html",
        record=track_record(incidents, decisions, span),
        rows=ROWS,
        foot=FOOT,
        cut=len(incidents) if len(found) > len(incidents) else None,
        saved=saved_over_time(counted),
        dots=calibration(sure_and_helped(counted)),
        since=since,
        spans=SPANS,
    )


@router.get("/audit")
def audit(request: Request, verified: VerifiedHere, incident: str = "", event: str = "") -> Response:
    """Show the newest records, and whether each is as it was written."""
    found = deque(
        (
            record
            for record in verified.records()
            if record.incident_id.startswith(incident.strip()) and event in {"", record.event}
        ),
        maxlen=LOGGED_AT_MOST,
    )
    return page(
        request,
        "audit.html",
        verified=verified.report(),
        rows=[row_of(record) for record in reversed(found)],
        cut=len(found) == LOGGED_AT_MOST,
        incident=incident.strip(),
        event=event,
        events=events(),
    )
