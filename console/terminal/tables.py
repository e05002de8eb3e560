"""Lists that people ask for: scenarios, waiting incidents, lessons."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from console.terminal.draw import Column, literal, table
from console.terminal.page import incident_page
from console.terminal.plain import confidence_words
from console.terminal.words import cause_words, count, duration, kind_words, percent, plan_words
from payments.incident import Incident
from payments.lesson import Lesson

__all__ = ["ScenarioRow", "inbox_table", "incident_page", "lessons_table", "scenarios_table"]


class ScenarioRow(NamedTuple):
    """One scenario of the simulator."""

    name: str
    category: str
    right_action: str
    description: str


def scenarios_table(rows: Sequence[ScenarioRow]) -> RenderableType:
    """List what the simulator can play."""
    columns = (
        Column("scenario", whole=True, style="bold"),
        Column("category"),
        Column("right action"),
        Column("what happens"),
    )
    return table(columns, rows)


def inbox_table(incidents: Sequence[Incident], now: datetime | None = None) -> RenderableType:
    """List the incidents that wait for a human, with the commands that decide.

    `now` is by the feed's clock; without it the table says since when an incident waits, not how long.
    """
    if not incidents:
        return Text("No incident waits for a human.")
    columns = (
        Column("id", whole=True, style="bold"),
        Column("waits" if now else "since", whole=True),
        Column("what"),
        Column("conf", "right", whole=True),
        Column("proposal"),
        Column("why it asks"),
    )
    commands = (
        "Look:   run.py show ID\nDecide: run.py approve ID, run.py edit ID --share 0.1, run.py reject ID, "
        "run.py respond ID --note TEXT, run.py ignore ID"
    )
    return Group(
        table(columns, [_waiting(incident, now) for incident in incidents]), Text(""), Text(commands)
    )


def _waiting(incident: Incident, now: datetime | None) -> tuple[str | Text, ...]:
    diagnosis, plan, verdict = incident.diagnosis, incident.plan, incident.verdict
    return (
        literal(incident.id[:8]),
        _wait(incident.updated_at, now),
        f"{cause_words(diagnosis.cause if diagnosis else None)} at {incident.culprit}",
        confidence_words(diagnosis.confidence) if diagnosis else "-",
        plan_words(plan) if plan else "-",
        f"{_number(incident)}{' '.join(check.sentence for check in verdict.failed) if verdict else '-'}",
    )


def _number(incident: Incident) -> str:
    """Say which question it is, if it is not the first."""
    behind = f", approved by {', '.join(incident.approvers)}" if incident.approvers else ""
    return f"Question {incident.question}{behind}: " if incident.question > 1 else ""


def _wait(since: datetime, now: datetime | None) -> str:
    return duration(max(0.0, (now - since).total_seconds())) if now else f"{since:%d %b %H:%M}"


def lessons_table(lessons: Sequence[Lesson]) -> RenderableType:
    """List past incidents and what came of them."""
    if not lessons:
        return Text("No lesson is remembered yet.")
    columns = (
        Column("when", whole=True),
        Column("incident", whole=True, style="bold"),
        Column("culprit"),
        Column("cause"),
        Column("action"),
        Column("effect"),
        Column("saved", "right", whole=True),
        Column("by"),
        Column("like", "right", whole=True),
    )
    return table(columns, map(_lesson, lessons))


def _lesson(lesson: Lesson) -> tuple[str | Text, ...]:
    return (
        f"{lesson.at:%Y-%m-%d}",
        literal(lesson.incident_id[:8]),
        str(lesson.culprit),
        cause_words(lesson.cause),
        kind_words(lesson.action),
        lesson.effect.value.replace("_", " "),
        "-" if lesson.payments_saved is None else count(lesson.payments_saved),
        lesson.decided_by,
        percent(lesson.similarity),
    )
