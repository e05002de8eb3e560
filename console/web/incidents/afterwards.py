"""What happened after the decision: the steps of the action, how long it lasts, and what it brings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from console.standing import History, ended_words, in_force_words
from console.terminal.words import action_words, clock, duration
from payments.action import Reroute
from payments.incident import Incident
from payments.intervention import Intervention
from payments.verdict import Mode

TELLING_NATS = 1.0
"""Evidence from which a target is said to be sound, or worse; a likelihood ratio of e."""


@dataclass(frozen=True)
class Stage:
    """One stretch of time in which one action was in force."""

    number: int
    since: str
    until: str
    what: str
    extent: float
    """Share of the scope that it moved; 1 where nothing is moved in parts."""
    state: str
    tone: str
    targets: tuple[str, ...]
    """What each target showed of itself."""


@dataclass(frozen=True)
class InForce:
    """The action that is in force now."""

    key: str
    words: str
    left: str
    share_left: float
    """Of its time."""


def stages_of(incident: Incident, history: History) -> tuple[Stage, ...]:
    """Give the stages of an incident's action, the earliest first."""
    mode = incident.verdict.mode if incident.verdict else Mode.AUTOPILOT
    last = len(history.interventions) - 1
    return tuple(
        _stage(one, history.now, mode, goes_on=at < last) for at, one in enumerate(history.interventions)
    )


def in_force(history: History) -> InForce | None:
    """Give the action that is in force by the feed's clock; None when there is none."""
    active = [one for one in history.interventions if one.ended_at is None]
    if not active or history.now is None:
        return None
    last = active[-1]
    left_s = max(0.0, (last.expires_at - history.now).total_seconds())
    life_s = (last.expires_at - last.started_at).total_seconds()
    return InForce(
        last.key, action_words(last.action), duration(left_s), min(1.0, left_s / life_s) if life_s else 0.0
    )


def _stage(one: Intervention, now: datetime | None, mode: Mode, *, goes_on: bool) -> Stage:
    words, tone = ("went on", "") if goes_on and one.ended_at else _state(one, now, mode)
    moved = one.action.share if isinstance(one.action, Reroute) else 1.0
    renewed = f"; renewal {one.renewals}" if one.renewals else ""
    return Stage(
        number=one.step,
        since=clock(one.started_at),
        until=clock(one.ended_at or one.expires_at),
        what=f"{action_words(one.action)}{renewed}",
        extent=moved,
        state=words,
        tone=tone,
        targets=tuple(_targets(one)),
    )


def _state(one: Intervention, now: datetime | None, mode: Mode) -> tuple[str, str]:
    if one.ended_at is not None:
        return ended_words(one), ""
    if now is None:
        return "its world is gone", "warn"
    left_s = (one.expires_at - now).total_seconds()
    return in_force_words(left_s, mode), "good" if left_s > 0 else "bad"


def _targets(one: Intervention) -> Iterator[str]:
    for name, seen in one.evidence.items():
        if seen.overloaded:
            yield f"{name}: overloaded"
        elif abs(seen.sound) >= TELLING_NATS:
            yield f"{name}: {'sound' if seen.sound > 0 else 'worse than usual'}"
        else:
            yield f"{name}: not known yet"
    yield from (f"{name}: left the set" for name in one.dropped)
