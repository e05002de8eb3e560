"""What happened to an incident and who decided on it, step by step."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from console.standing import History, ended_words, in_force_words, question_words, what_words
from console.terminal.draw import Column, literal, section, table
from console.terminal.words import action_words, clock
from payments.decision import Decision
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.verdict import Mode


def history_sections(incident: Incident, history: History) -> Iterator[RenderableType]:
    """Draw who decided what, what is or was in force, and who said what; what there is not is left out."""
    if history.decisions:
        yield section("Decisions", _decisions(history.decisions))
    if history.interventions:
        mode = incident.verdict.mode if incident.verdict else Mode.AUTOPILOT
        yield section("Only recorded" if mode is Mode.SHADOW else "In force", _interventions(history, mode))
    if incident.status is Status.WAITING:
        yield section("The question", *map(literal, question_words(incident, history.now)))
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
            what_words(one),
            _state(one, history.now, mode),
        )
        for one in history.interventions
    )
    return table(columns, rows)


def _state(intervention: Intervention, now: datetime | None, mode: Mode) -> str | Text:
    if intervention.ended_at is not None:
        return ended_words(intervention)
    if now is None:
        return "its world is gone"
    left_s = (intervention.expires_at - now).total_seconds()
    words = in_force_words(left_s, mode)
    return words if left_s > 0 else Text(words, "bold red")
