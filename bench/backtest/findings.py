"""What a replay says: each alarm explained, each known incident with its delay and what it cost till then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np

from bench.backtest.labels import Label
from bench.backtest.replay import Moment, Replayed
from bench.backtest.watch import Followed
from payments.evidence import Evidence
from payments.finding import Signal, SignalKind
from payments.segment import Segment
from payments.tally import Tally

_COUNTED: dict[SignalKind, str] = {
    "failures": "failures",
    "technical": "technical failures",
    "pending": "attempts without an outcome",
    "repeats": "repeated attempts",
    "codes": "failures with codes of one group",
    "slow": "slow attempts",
    "volume_up": "attempts",
    "volume_down": "attempts",
}


@dataclass(frozen=True)
class Alarm:
    """One incident that the monitor opened."""

    id: str
    at: datetime
    """End of the tick that raised it."""
    onset: datetime
    segment: Segment
    """Of the strongest signal."""
    culprit: Segment
    """As the analyst names it."""
    signal: SignalKind
    observed: float
    expected: float
    attempts: int
    log_evidence: float
    threshold: float
    excess_failures: float
    """In the segment since the onset, with attempts that have no outcome yet."""
    payments_lost: float
    money_lost_minor: float | None
    ended_at: datetime | None
    """None when it lasted to the end of the file."""
    label: str | None
    """The known incident that it found."""
    why: str


Outcome = Literal["alarmed", "missed", "learned", "outside"]
"""What became of a known incident: `learned` lies wholly in the learned part, `outside` beyond the file."""


@dataclass(frozen=True)
class Found:
    """A known incident and how it was found."""

    id: str
    start: datetime
    end: datetime
    segment: Segment
    outcome: Outcome
    alarm: str | None
    """Id of the first alarm in its time that touches it."""
    delay_ticks: int | None
    """From the start of the incident to the end of the tick that raised the alarm; None without one."""
    payments_lost: float
    """In the segment beyond expectation, until the alarm or else until the end."""
    why: str


def alarms_of(replayed: Replayed, found: Sequence[Found]) -> tuple[Alarm, ...]:
    """Explain every alarm, in the order of time."""
    label_of = {one.alarm: one.id for one in found}
    return tuple(_alarm(one, label_of.get(one.incident.id)) for one in replayed.followed)


def found_of(replayed: Replayed, labels: Sequence[Label]) -> tuple[Found, ...]:
    """Look every known incident up among the alarms."""
    return tuple(_found(replayed, label, number) for number, label in enumerate(labels))


def _alarm(one: Followed, label: str | None) -> Alarm:
    strongest = one.finding.signals[0]
    return Alarm(
        id=one.incident.id,
        at=one.finding.at,
        onset=strongest.onset,
        segment=strongest.segment,
        culprit=one.culprit,
        signal=strongest.kind,
        observed=strongest.observed,
        expected=strongest.expected,
        attempts=strongest.attempts,
        log_evidence=strongest.log_evidence,
        threshold=one.finding.threshold,
        excess_failures=_excess(one.evidence, strongest.segment),
        payments_lost=strongest.payments_lost,
        money_lost_minor=strongest.money_lost_minor,
        ended_at=one.ended_at,
        label=label,
        why=_why(strongest, one),
    )


def _excess(evidence: Evidence, segment: Segment) -> float:
    inside = evidence.cells.mask(segment)
    bad = (evidence.failures + evidence.pending)[inside].sum()
    return float(bad - (evidence.expected_failures + evidence.expected_pending)[inside].sum())


def _why(signal: Signal, one: Followed) -> str:
    against = f"{signal.observed:.0f} {_COUNTED[signal.kind]}"
    if not signal.kind.startswith("volume"):
        against += f" of {signal.attempts}"
    since = f"since {signal.onset:%Y-%m-%d %H:%M:%S}"
    return (
        f"{signal.segment}: {against}, {signal.expected:.1f} expected, {since}; "
        f"evidence {signal.log_evidence:.1f} against a threshold of {one.finding.threshold:.1f}. "
        f"Analyst: {one.diagnosis.sentence} ({one.diagnosis.cause}, {one.diagnosis.confidence:.2f} sure)."
    )


def _found(replayed: Replayed, label: Label, number: int) -> Found:
    inside = [m for m in replayed.moments if m.end > label.start and m.start < label.end]
    alarm = _first_alarm(replayed.followed, label)
    until = label.end if alarm is None else alarm.finding.at
    counted = [moment.labelled[number] for moment in inside if moment.end <= until]
    delay_s = None if alarm is None else (alarm.finding.at - label.start).total_seconds()
    return Found(
        id=label.id,
        start=label.start,
        end=label.end,
        segment=label.segment,
        outcome=_outcome(inside, alarm),
        alarm=None if alarm is None else alarm.incident.id,
        delay_ticks=None if delay_s is None else int(np.ceil(delay_s / replayed.tick_s)),
        payments_lost=_payments_lost(counted),
        why=_why_found(replayed, label, inside, alarm),
    )


def _first_alarm(followed: Sequence[Followed], label: Label) -> Followed | None:
    return next((one for one in followed if _in_time(one, label) and touches(one, label.segment)), None)


def _in_time(one: Followed, label: Label) -> bool:
    return label.start < one.finding.at and one.finding.signals[0].onset < label.end


def touches(one: Followed, segment: Segment) -> bool:
    """Say whether an alarm speaks of a segment, of a part of it or of a wider one."""
    spoken = (one.culprit, *(signal.segment for signal in one.finding.signals))
    return any(segment.comparable(other) for other in spoken)


def _outcome(inside: Sequence[Moment], alarm: Followed | None) -> Outcome:
    if alarm is not None:
        return "alarmed"
    if not inside:
        return "outside"
    return "missed" if any(moment.watched for moment in inside) else "learned"


def _payments_lost(tallies: Sequence[Tally]) -> float:
    """Give the failed attempts beyond expectation, as payments where these are counted."""
    total = sum(tallies, start=Tally())
    excess = total.failures + total.pending - total.expected_failures - total.expected_pending
    per_payment = total.attempts / total.payments if total.payments else 1.0
    return max(0.0, excess / per_payment)


def _why_found(replayed: Replayed, label: Label, inside: Sequence[Moment], alarm: Followed | None) -> str:
    if alarm is not None:
        names = "named exactly" if alarm.culprit == label.segment else f"named {alarm.culprit}"
        return f"alarm {alarm.incident.id}, {alarm.finding.signals[0].kind}, {names}"
    match _outcome(inside, alarm):
        case "outside":
            return "the file has no increment in its time"
        case "learned":
            return "its time is part of what was learned as normal: give a smaller --learn-hours"
        case _:
            return _why_missed(replayed.followed, label)


def _why_missed(followed: Sequence[Followed], label: Label) -> str:
    for one in followed:
        lasted = one.incident.opened_at <= label.start and one.lasts(label.start)
        if lasted and len(one.culprit) and one.culprit.contains(label.segment):
            return f"alarm {one.incident.id} on {one.culprit} was still open, so its payments were not judged"
    return "the evidence stayed below the threshold"
