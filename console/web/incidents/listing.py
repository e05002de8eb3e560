"""Incidents in a list: what waits first, then all others, a row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from console.terminal.plain import confidence_words
from console.terminal.words import cause_words, count, plan_words
from payments.incident import Incident, Status
from payments.outcome import Effect
from payments.verdict import Mode

Show = Literal["all", "live", "closed"]

TOLD = 10
"""Newest incidents of which every page hears when they change."""

_TONES = {
    Status.OPEN: "accent",
    Status.WAITING: "warn",
    Status.ACTING: "good",
    Status.WATCHED: "accent",
    Status.CLOSED: "plain",
}
_EFFECTS = {
    Effect.HELPED: "good",
    Effect.NO_EFFECT: "warn",
    Effect.HARMED: "bad",
    Effect.NOT_MEASURED: "plain",
}


@dataclass(frozen=True)
class Standing:
    """Where an incident stands, in one or two words."""

    words: str
    tone: str


@dataclass(frozen=True)
class Row:
    """One incident in a list."""

    incident: Incident
    standing: Standing
    cause: str
    confidence: str
    proposal: str
    asks: tuple[str, ...]
    """Why it asks, the sentences of the checks that failed."""
    effect: Standing | None
    saved: str


def standing_of(incident: Incident) -> Standing:
    """Say where an incident stands."""
    if incident.status is Status.WAITING:
        behind = len(incident.approvers)
        return Standing(f"waits for {'a second' if behind else 'a'} decision", "warn")
    if incident.status is Status.ACTING and incident.verdict and incident.verdict.mode is Mode.SHADOW:
        return Standing("only recorded", "plain")
    words = {Status.ACTING: "action in force", Status.CLOSED: "over" if incident.recovered else "closed"}
    return Standing(words.get(incident.status, incident.status.value), _TONES[incident.status])


def effect_of(incident: Incident) -> Standing | None:
    """Say what came of an incident's action."""
    if incident.outcome is None:
        return None
    effect = incident.outcome.effect
    return Standing(effect.value.replace("_", " "), _EFFECTS[effect])


def stamp_of(incident: Incident) -> str:
    """Give a text that changes when an incident does: with it a page knows whether it shows the latest."""
    return f"{incident.updated_at.isoformat()} {incident.status} {incident.question}"


def row_of(incident: Incident) -> Row:
    """Shorten an incident."""
    diagnosis, outcome = incident.diagnosis, incident.outcome
    saved = outcome.payments_saved if outcome else None
    return Row(
        incident=incident,
        standing=standing_of(incident),
        cause=cause_words(diagnosis.cause if diagnosis else None),
        confidence=confidence_words(diagnosis.confidence) if diagnosis else "-",
        proposal=plan_words(incident.plan) if incident.plan else "-",
        asks=tuple(check.sentence for check in incident.verdict.failed) if incident.verdict else (),
        effect=effect_of(incident),
        saved="-" if saved is None else count(saved.mean),
    )


def statuses_of(show: Show) -> tuple[Status, ...] | None:
    """Give the statuses of the incidents that a list is to show; None for all."""
    live = tuple(status for status in Status if status is not Status.CLOSED)
    return {"all": None, "live": live, "closed": (Status.CLOSED,)}[show]


def waiting_first(waiting: Sequence[Incident]) -> tuple[Row, ...]:
    """Give what waits for people, what has waited longest first."""
    return tuple(row_of(one) for one in sorted(waiting, key=lambda one: one.updated_at))
