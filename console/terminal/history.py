"""What happened to an incident and who decided on it, step by step."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from rich.console import RenderableType
from rich.text import Text

from console.terminal.draw import Column, literal, section, table
from console.terminal.words import action_words, clock, duration
from payments.action import Mode
from payments.incident import Decision, Incident, Intervention, Status

AGE_CHECK = "proposal_age"
"""The check whose limit says how old the data behind a proposal may be."""


class Step(BaseModel):
    """One thing that was said in the incident's run."""

    model_config = ConfigDict(frozen=True)

    agent: str
    at: AwareDatetime
    said: str


class History(BaseModel):
    """What is kept of an incident beside the incident itself."""

    model_config = ConfigDict(frozen=True)

    now: AwareDatetime | None = None
    """By the feed's clock; None when its world is gone, and its time with it."""
    decisions: tuple[Decision, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    path: tuple[Step, ...] = ()


def history_sections(incident: Incident, history: History) -> Iterator[RenderableType]:
    """Draw who decided what, what is or was in force, and who said what; what there is not is left out."""
    if history.decisions:
        yield section("Decisions", _decisions(history.decisions))
    if history.interventions:
        mode = incident.verdict.mode if incident.verdict else Mode.AUTOPILOT
        yield section("Only recorded" if mode is Mode.SHADOW else "In force", _interventions(history, mode))
    if incident.status is Status.WAITING:
        yield section("The question", *map(literal, _question(incident, history.now)))
    if history.path:
        columns = (Column("at", whole=True), Column("who", whole=True, style="bold"), Column("said"))
        yield section("Path", table(columns, ((clock(one.at), one.agent, one.said) for one in history.path)))


def _decisions(decisions: tuple[Decision, ...]) -> RenderableType:
    columns = (
        Column("question", "right", whole=True),
        Column("decided", whole=True),
        Column("by", style="bold"),
        Column("when", whole=True),
        Column("why"),
        Column("edited to"),
    )
    rows = (
        (
            str(one.question),
            one.type,
            one.by,
            f"{one.at:%Y-%m-%d %H:%M:%S %Z}",
            one.note or "-",
            action_words(one.action) if one.action else "-",
        )
        for one in decisions
    )
    return table(columns, rows)


def _interventions(history: History, mode: Mode) -> RenderableType:
    columns = (Column("since", whole=True), Column("until", whole=True), Column("what"), Column("state"))
    rows = (
        (
            clock(one.started_at),
            clock(one.ended_at or one.expires_at),
            _what(one),
            _state(one, history.now, mode),
        )
        for one in history.interventions
    )
    return table(columns, rows)


def _what(intervention: Intervention) -> str:
    renewed = f", renewal {intervention.renewals}" if intervention.renewals else ""
    return f"step {intervention.step}{renewed}: {action_words(intervention.action)}"


def _state(intervention: Intervention, now: datetime | None, mode: Mode) -> str | Text:
    if intervention.ended_at is not None:
        because = intervention.ended_because or "no reason is on record"
        return f"ended: {because.replace(intervention.incident_id, intervention.incident_id[:8])}"
    if now is None:
        return "its world is gone"
    left_s = (intervention.expires_at - now).total_seconds()
    if left_s <= 0:
        return Text(f"expiry passed {duration(abs(left_s))} ago", "bold red")
    if mode is Mode.SHADOW:
        return "nothing was moved"
    return f"in force, undone in {duration(left_s)} unless renewed"


def _question(incident: Incident, now: datetime | None) -> Iterator[str]:
    behind = ", ".join(incident.approvers)
    yield f"Question {incident.question}." + (
        f" Approved by {behind}; somebody else must too." if behind else ""
    )
    seen = incident.seen_at or incident.finding.at
    if now is None:
        yield "The simulated world of the feed is gone: only reject and ignore are possible."
        return
    age_s = max(0.0, (now - seen).total_seconds())
    checks = incident.verdict.checks if incident.verdict else ()
    limit = next((check.limit for check in checks if check.name == AGE_CHECK), None)
    yield f"The fault was last seen {duration(age_s)} ago, at {clock(seen)} by the feed's clock."
    if limit is not None and age_s > limit:
        yield f"The proposal has expired: {duration(limit)} is the limit. Reject, ignore or respond."
