"""Where an incident stands: what is kept of it beside itself, and how people say it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from console.terminal.words import action_words, clock, duration
from payments.decision import Decision
from payments.incident import Incident
from payments.intervention import Intervention
from payments.lesson import Lesson
from payments.verdict import Mode

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
    lessons: tuple[Lesson, ...] = ()
    """Similar past incidents, as the crew recalled them for the diagnosis."""
    opinion: dict[str, Any] | None = None
    """`agents.language_model.opinion.Opinion` as JSON; None where no language model was asked."""


def question_words(incident: Incident, now: datetime | None) -> Iterator[str]:
    """Say which question is asked, who stands behind the proposal, and how old it is."""
    behind = ", ".join(incident.approvers)
    yield f"Question {incident.question}." + (
        f" Approved by {behind}; somebody else must too." if behind else ""
    )
    seen = incident.seen_at or incident.finding.at
    if now is None:
        yield "The simulated world of the feed is gone: only reject and ignore are possible."
        return
    age_s = max(0.0, (now - seen).total_seconds())
    yield f"The fault was last seen {duration(age_s)} ago, at {clock(seen)} by the feed's clock."
    limit = age_limit_s(incident)
    if limit is not None and age_s > limit:
        yield f"The proposal has expired: {duration(limit)} is the limit. Reject, ignore or respond."


def age_limit_s(incident: Incident) -> float | None:
    """Give the age in seconds from which a proposal may not be approved; None where there is no limit."""
    checks = incident.verdict.checks if incident.verdict else ()
    return next((check.limit for check in checks if check.name == AGE_CHECK), None)


def what_words(intervention: Intervention) -> str:
    """Say which step of an action this is and what it does."""
    renewed = f", renewal {intervention.renewals}" if intervention.renewals else ""
    return f"step {intervention.step}{renewed}: {action_words(intervention.action)}"


def ended_words(intervention: Intervention) -> str:
    """Say why an action is over."""
    because = intervention.ended_because or "no reason is on record"
    return f"ended: {because.replace(intervention.incident_id, intervention.incident_id[:8])}"


def in_force_words(left_s: float, mode: Mode) -> str:
    """Say of an action that has not ended how long it lasts."""
    if left_s <= 0:
        return f"expiry passed {duration(abs(left_s))} ago"
    if mode is Mode.SHADOW:
        return "nothing was moved"
    return f"in force, undone in {duration(left_s)} unless renewed"
