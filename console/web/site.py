"""What every page is made with: who looks, what is always in sight, and the templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.authority import kill_switch_of, mode_of
from console.settings import Settings
from console.terminal import words
from console.terminal.clean import visible
from console.terminal.plain import confidence_words
from console.web.access.entrance import Entrance, Seals
from console.web.access.guard import SAFE_METHODS
from console.web.access.people import Person, Role
from console.web.incidents.worth import money_words
from payments.errors import ForbiddenError
from payments.verdict import Mode
from tools.ports import UNTOLD, Telemetry

FOLDER = Path(__file__).parent
FORM_FIELD = "csrf"
"""The field in which each form sends its seal."""
PROVED_OTHERWISE = ("/sign-in", "/slack/actions")
"""What is sent without a seal: a token, and a click that Slack has signed."""


def _goes_on() -> str:
    return ""


@dataclass(frozen=True)
class Site:
    """The console of one state folder."""

    settings: Settings
    entrance: Entrance
    seals: Seals
    clock: Callable[[], datetime]
    templates: Environment
    ended: Callable[[], str] = _goes_on
    """Why the watch beside the console has ended; empty while it goes on, or where there is none."""
    telemetry: Telemetry = UNTOLD
    """Who hears how this process works."""

    @property
    def mode(self) -> Mode:
        """How far the crew may go, as these settings have it."""
        moves = self.settings.actuator_url or self.settings.decision_engine_url
        return mode_of(self.settings, real=moves is not None)


def site_of(request: Request) -> Site:
    """Give the site that a request was sent to."""
    return cast("Site", request.app.state.site)


def person_of(request: Request) -> Person:
    """Give who sends the request.

    Raises:
        ForbiddenError: nobody known.
    """
    person = cast("Person | None", getattr(request.state, "person", None))
    if person is None:
        raise ForbiddenError("sign in first")
    return person


def seal_of(request: Request) -> str:
    """Give the seal for the forms of this visit; empty for nobody."""
    site, person = site_of(request), cast("Person | None", request.state.person)
    return "" if person is None else site.seals.seal(site.entrance.visit(request, person))


async def check_form(request: Request) -> None:
    """Let nobody change anything without a form of ours and the role of an approver.

    Raises:
        ForbiddenError: the seal is missing or wrong, or the role is not enough.
    """
    if request.method in SAFE_METHODS or request.url.path in PROVED_OTHERWISE:
        return
    site, person = site_of(request), person_of(request)
    form = await request.form()
    if not site.seals.holds(form.get(FORM_FIELD), site.entrance.visit(request, person)):
        raise ForbiddenError("this form is not of this session any more: load the page again, then decide")
    if request.url.path != "/sign-out":
        _need(person, Role.APPROVER)


def need_admin(request: Request) -> Person:
    """Give the administrator who sends the request.

    Raises:
        ForbiddenError: the person has another role.
    """
    return _need(person_of(request), Role.ADMIN)


def _need(person: Person, role: Role) -> Person:
    if not person.may(role):
        msg = f"{person.name!r} is {person.role.words}, and this needs the role {role.words}"
        raise ForbiddenError(msg)
    return person


SiteHere = Annotated[Site, Depends(site_of)]
PersonHere = Annotated[Person, Depends(person_of)]
AdminHere = Annotated[Person, Depends(need_admin)]


def page(request: Request, template: str, status: int = 200, /, **values: object) -> HTMLResponse:
    """Render a template for the person who asks, with what is always in sight."""
    site = site_of(request)
    always = {
        "person": getattr(request.state, "person", None),
        "Role": Role,
        "seal": seal_of(request) if hasattr(request.state, "person") else "",
        "mode": site.mode,
        "kill": kill_switch_of(site.settings),
        "path": request.url.path,
        "signs_in": site.entrance.signs_in,
        "ended": site.ended(),
    }
    return HTMLResponse(site.templates.get_template(template).render({**always, **values}), status)


def templates() -> Environment:
    """Make the environment of the templates: everything is escaped, nothing undefined is printed."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        number=words.number,
        count=words.count,
        duration=words.duration,
        clock=words.clock,
        cause=words.cause_words,
        action=words.action_words,
        plan=words.plan_words,
        saved=words.saved_words,
        confidence=confidence_words,
        day=words.day,
        date=words.date,
        quantity=words.quantity,
        unit=words.unit_words,
        compared=words.compared_words,
        kind=words.kind_words,
        money=money_words,
        rate=lambda value: "-" if value is None else f"{100 * value:.1f} %",
        whole=lambda value: "-" if value is None else words.count(value),
    )
    return environment
