"""The pages about incidents, and the two forms that change something: a decision and an undoing."""

from collections.abc import Mapping
from typing import Annotated, cast, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from console.compose import open_incidents
from console.deciding import Answer, Kind, take, take_back
from console.looking import look_up
from console.settings import Settings
from console.web.access.people import Person, Role
from console.web.incidents.afterwards import in_force, stages_of
from console.web.incidents.asking import ask_of, changes_in
from console.web.incidents.evidence import Chart, charts_of
from console.web.incidents.listing import (
    TOLD,
    Show,
    effect_of,
    row_of,
    stamp_of,
    standing_of,
    statuses_of,
    waiting_first,
)
from console.web.incidents.report import markdown_of, report_of
from console.web.incidents.worth import figures_of
from console.web.site import PersonHere, SiteHere, page, person_of, site_of
from payments.errors import ActuatorError, InputError, RefusedError
from payments.incident import Incident

router = APIRouter(prefix="/incidents")

A_PAGE = 100
"""Incidents in a list."""
PAGES_AT_MOST = 10_000
STATUS = ((RefusedError, 409), (InputError, 422), (ActuatorError, 502))
"""What went wrong with a form is said above the page as it is now, so that people can go on from there."""


async def form_of(request: Request) -> Mapping[str, str]:
    """Give the fields of a form, whatever they are called; a file is none."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


FormHere = Annotated[Mapping[str, str], Depends(form_of)]


@router.get("")
def listed(
    request: Request,
    site: SiteHere,
    show: Show = "all",
    number: Annotated[int, Query(alias="page", ge=1, le=PAGES_AT_MOST)] = 1,
) -> Response:
    """List what waits for people, and below it what there was, page by page."""
    begin, end = (number - 1) * A_PAGE, number * A_PAGE
    with open_incidents(site.settings) as store:
        waiting, newest = store.undecided(), store.list(limit=TOLD)
        found = store.list(statuses_of(show), limit=end + 1)
    return page(
        request,
        "incidents.html",
        waiting=waiting_first(waiting),
        rows=[row_of(one) for one in found[begin:end]],
        show=show,
        number=number,
        first=begin + 1,
        goes_on=len(found) > end,
        stamps={one.id: stamp_of(one) for one in newest},
    )


@router.get("/{incident_id}")
def one(request: Request, site: SiteHere, person: PersonHere, incident_id: str) -> Response:
    """Show an incident."""
    return page(request, "incident.html", **_all_of(incident_id, site.settings, person), refusal="", note="")


@router.get("/{incident_id}/report")
def report(request: Request, site: SiteHere, incident_id: str) -> Response:
    """Show the post-incident report, to be read or printed."""
    document = report_of(*look_up(incident_id, site.settings))
    return page(request, "post_incident.html", document=document, incident_id=incident_id)


@router.get("/{incident_id}/report.md")
def report_file(site: SiteHere, incident_id: str) -> Response:
    """Give the post-incident report as Markdown to keep."""
    incident, history = look_up(incident_id, site.settings)
    kept_as = f'attachment; filename="incident-{quote(incident.id[:8], safe="")}.md"'
    text = markdown_of(report_of(incident, history))
    return PlainTextResponse(
        text, media_type="text/markdown; charset=utf-8", headers={"content-disposition": kept_as}
    )


@router.get("/{incident_id}/decide")
@router.get("/{incident_id}/undo")
def leads_back(incident_id: str) -> Response:
    """Show the incident to whoever asks for the address that a refused form left behind."""
    return RedirectResponse(_address(incident_id), 303)


@router.post("/{incident_id}/decide")
def decide(
    request: Request, site: SiteHere, person: PersonHere, incident_id: str, form: FormHere
) -> Response:
    """Take a decision, in the same way as the commands do."""
    try:
        kind = _kind(form)
        answer = Answer(incident_id, person.name, form.get("note", ""), _question(form))
        changes = _changes(incident_id, form, site.settings) if kind == "edit" else {}
        take(answer, kind, changes, site.settings, site.telemetry)
    except (RefusedError, InputError, ActuatorError) as error:
        return _not_done(request, incident_id, error, form)
    return RedirectResponse(_address(incident_id), 303)


@router.post("/{incident_id}/undo")
def undo(request: Request, site: SiteHere, person: PersonHere, incident_id: str, form: FormHere) -> Response:
    """Take back what is in force."""
    try:
        take_back(incident_id, person.name, form.get("note", ""), site.settings, site.telemetry)
    except (RefusedError, InputError, ActuatorError) as error:
        return _not_done(request, incident_id, error, form)
    return RedirectResponse(_address(incident_id), 303)


def _address(incident_id: str) -> str:
    return f"/incidents/{quote(incident_id, safe='')}"


def _not_done(request: Request, incident_id: str, error: Exception, form: Mapping[str, str]) -> Response:
    """Show the incident as it is now, and above it why nothing was done; what was written is not lost."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    known = _all_of(incident_id, site_of(request).settings, person_of(request))
    return page(request, "incident.html", status, **known, refusal=str(error), note=form.get("note", ""))


def _kind(form: Mapping[str, str]) -> Kind:
    given = form.get("type", "")
    if given not in get_args(Kind):
        raise InputError(f"{given[:40]!r} is no decision: choose one of {', '.join(get_args(Kind))}")
    return cast("Kind", given)


def _question(form: Mapping[str, str]) -> int:
    """Give the question that a form answers: the one that its page showed, never whatever is asked now."""
    given = form.get("question", "")
    if not given.isascii() or not given.isdigit() or not 0 < len(given) <= len("999999"):
        raise InputError(f"{given[:40]!r} is no number of a question: load the page again")
    return int(given)


def _changes(incident_id: str, form: Mapping[str, str], settings: Settings) -> dict[str, object]:
    with open_incidents(settings) as store:
        plan = store.get(incident_id).plan
    changes = changes_in(form, plan.action) if plan else {}
    if not changes:
        raise InputError("nothing was changed: change a number, or approve the proposal as it is")
    return changes


def _all_of(incident_id: str, settings: Settings, who: Person) -> dict[str, object]:
    """Gather what the page of an incident shows."""
    incident, history = look_up(incident_id, settings)
    return {
        "incident": incident,
        "history": history,
        "stamps": {incident.id: stamp_of(incident)},
        "standing": standing_of(incident),
        "effect": effect_of(incident),
        "figures": figures_of(incident),
        "ask": ask_of(incident, history, who),
        "stages": stages_of(incident, history),
        "force": in_force(history),
        "may_undo": who.may(Role.APPROVER),
        "charts": _charts(incident, settings),
    }


def _charts(incident: Incident, settings: Settings) -> tuple[Chart, ...]:
    if incident.diagnosis is None:
        return ()
    with open_incidents(settings) as store:
        evidence = store.evidence(incident.id)
    return charts_of(evidence, incident.diagnosis) if evidence else ()
