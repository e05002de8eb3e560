"""The track record and the audit log."""

from collections import deque

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.authority import audit_key, audit_log_of
from console.compose import open_memory
from console.terminal.record import FOOT, ROWS
from console.terminal.spans import span_of
from console.web.record.curve import calibration, saved_over_time
from console.web.record.logged import events, row_of
from console.web.site import SiteHere, page
from graph.track_record import lately, sure_and_helped, track_record
from guardrails.audit import records_in
from guardrails.verifying import verify

router = APIRouter()

SPANS = ("all", "1h", "24h", "7d", "30d")
LOGGED_AT_MOST = 100


@router.get("/report")
def report(request: Request, site: SiteHere, since: str = "all") -> Response:
    """Show what the crew did over a while, or would have done, and what came of it."""
    span = None if since == "all" else span_of(since)
    with open_memory(site.settings) as memory:
        incidents = memory.incidents.list(limit=None)
        decisions = {incident.id: memory.incidents.decisions(incident.id) for incident in incidents}
    counted = incidents if span is None else lately(incidents, span)
    return page(
        request,
        "report.html",
        record=track_record(incidents, decisions, span),
        rows=ROWS,
        foot=FOOT,
        saved=saved_over_time(counted),
        dots=calibration(sure_and_helped(counted)),
        since=since,
        spans=SPANS,
    )


@router.get("/audit")
def audit(request: Request, site: SiteHere, incident: str = "", event: str = "") -> Response:
    """Show the newest records, and whether each is as it was written."""
    path = audit_log_of(site.settings).path
    found = deque(
        (
            record
            for record in records_in(path)
            if record.incident_id.startswith(incident.strip()) and event in {"", record.event}
        ),
        maxlen=LOGGED_AT_MOST,
    )
    return page(
        request,
        "audit.html",
        verified=verify(path, audit_key()),
        rows=[row_of(record) for record in reversed(found)],
        cut=len(found) == LOGGED_AT_MOST,
        incident=incident.strip(),
        event=event,
        events=events(),
    )
