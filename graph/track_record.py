"""What the crew did, or would have done, and what came of it: one account for each mode."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import hypot
from statistics import fmean

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from graph.lately import NOT_HELPED
from payments.action import ActionKind, touches_traffic
from payments.decision import Decision, DecisionType
from payments.incident import Incident, Status
from payments.outcome import Effect
from payments.plan import Interval
from payments.quantity import Fraction
from payments.verdict import Mode, Ruling

CREW = "crew"
"""Who answers in place of people when a fault is over before anybody decided, or evidence has changed."""

Given = Mapping[str, Sequence[Decision]]
"""The decisions on each incident, by its id."""

MEASURED = NOT_HELPED | {Effect.HELPED}


class Calibration(BaseModel):
    """How sure the crew was of what it did, against how often that helped."""

    model_config = ConfigDict(frozen=True)

    measured: NonNegativeInt
    mean_confidence: Fraction
    share_helped: Fraction
    brier: NonNegativeFloat
    """Mean squared difference of confidence and outcome (Brier 1950): 0 is perfect, 0.25 a coin."""


class Asked(BaseModel):
    """How often people were asked, and how they answered."""

    model_config = ConfigDict(frozen=True)

    incidents: NonNegativeInt
    questions: NonNegativeInt
    answers: dict[DecisionType, NonNegativeInt]
    by: dict[str, NonNegativeInt]
    over_before: NonNegativeInt
    """Questions that nobody answered before the fault was over."""
    open: NonNegativeInt


class Account(BaseModel):
    """The incidents that were ruled on in one mode."""

    model_config = ConfigDict(frozen=True)

    mode: Mode
    incidents: NonNegativeInt
    rulings: dict[Ruling, NonNegativeInt]
    """The last ruling on each; in shadow mode `ask` means that a human would have been asked."""
    done: dict[ActionKind, NonNegativeInt]
    """What was carried out; in shadow mode what would have been."""
    expected: Interval | None
    """Payments that this should save until its expiries, in all; None when nothing was done to traffic."""
    expected_if_approved: Interval | None
    """The same for what waits for a human, or would have; None when nothing does."""
    saved: Interval | None
    """Payments saved as far as was measured or, in shadow mode, estimated; None when nothing was."""
    effects: dict[Effect, NonNegativeInt]
    asked: Asked
    calibration: Calibration | None
    """None until an effect was measured."""


class TrackRecord(BaseModel):
    """All accounts over a stretch of time."""

    model_config = ConfigDict(frozen=True)

    since_s: NonNegativeFloat | None
    """Length of the stretch, back from each feed's latest incident; None for all that is remembered."""
    accounts: tuple[Account, ...]
    without_ruling: NonNegativeInt
    """Incidents that no ruling was made on, such as one that is being diagnosed."""


def track_record(
    incidents: Sequence[Incident],
    decisions: Given,
    since: timedelta | None = None,
) -> TrackRecord:
    """Account for the incidents of the last while; `decisions` holds those on each incident by its id."""
    counted = incidents if since is None else lately(incidents, since)
    of_mode = {mode: [one for one in counted if one.verdict and one.verdict.mode is mode] for mode in Mode}
    return TrackRecord(
        since_s=since.total_seconds() if since else None,
        accounts=tuple(_account(mode, found, decisions) for mode, found in of_mode.items() if found),
        without_ruling=sum(one.verdict is None for one in counted),
    )


def add_up(intervals: Iterable[Interval]) -> Interval | None:
    """Give the sum of estimates whose errors are independent: its bounds add in quadrature.

    >>> add_up([Interval(low=7, mean=10, high=13), Interval(low=16, mean=20, high=24)])
    Interval(low=25.0, mean=30.0, high=35.0)
    """
    given = list(intervals)
    if not given:
        return None
    mean = sum(one.mean for one in given)
    below, above = (
        hypot(*(one.mean - one.low for one in given)),
        hypot(*(one.high - one.mean for one in given)),
    )
    return Interval(low=mean - below, mean=float(mean), high=mean + above)


def sure_and_helped(incidents: Iterable[Incident]) -> list[tuple[float, float]]:
    """Pair how sure the crew was of what it did to traffic with 1 if that helped and 0 if it did not."""
    return [
        (one.diagnosis.confidence, float(one.outcome.effect is Effect.HELPED))
        for one in incidents
        if one.diagnosis
        and one.outcome
        and one.outcome.effect in MEASURED
        and _was_done(one)
        and one.plan
        and touches_traffic(one.plan.action)
    ]


def lately(incidents: Sequence[Incident], since: timedelta) -> list[Incident]:
    """Keep what was opened lately by its own feed's clock, for feeds may be simulated or replayed."""
    latest: dict[str, Incident] = {}
    for one in incidents:
        latest[one.feed] = max(latest.get(one.feed, one), one, key=lambda incident: incident.opened_at)
    return [one for one in incidents if one.opened_at >= latest[one.feed].opened_at - since]


def _account(mode: Mode, incidents: Sequence[Incident], decisions: Given) -> Account:
    done = [one for one in incidents if _was_done(one)]
    on_traffic = [one for one in done if one.plan and touches_traffic(one.plan.action)]
    undecided = [one for one in incidents if _would_need_a_human(one)]
    outcomes = [one.outcome for one in incidents if one.outcome]
    return Account(
        mode=mode,
        incidents=len(incidents),
        rulings=Counter(one.verdict.ruling for one in incidents if one.verdict),
        done=Counter(one.plan.action.kind for one in done if one.plan),
        expected=add_up(one.plan.payments_saved for one in on_traffic if one.plan),
        expected_if_approved=add_up(one.plan.payments_saved for one in undecided if one.plan),
        saved=add_up(outcome.payments_saved for outcome in outcomes if outcome.payments_saved),
        effects=Counter(one.outcome.effect for one in on_traffic if one.outcome),
        asked=_asked(incidents, decisions),
        calibration=_calibration(on_traffic),
    )


def _was_done(incident: Incident) -> bool:
    if incident.executed:
        return True
    ruled_alone = incident.verdict is not None and incident.verdict.ruling is Ruling.ACT
    return ruled_alone and incident.plan is not None and incident.plan.action.kind is ActionKind.ALERT


def _would_need_a_human(incident: Incident) -> bool:
    verdict = incident.verdict
    if verdict is None or verdict.ruling is not Ruling.ASK:
        return False
    return verdict.mode is Mode.SHADOW or incident.status is Status.WAITING


def _asked(incidents: Sequence[Incident], decisions: Given) -> Asked:
    given = [one for incident in incidents for one in decisions.get(incident.id, ())]
    human = [one for one in given if one.by != CREW]
    waiting = [one for one in incidents if one.status is Status.WAITING and not _is_answered(one, decisions)]
    asked = {incident.id for incident in incidents if decisions.get(incident.id)}
    return Asked(
        incidents=len(asked | {one.id for one in waiting}),
        questions=len(given) + len(waiting),
        answers=Counter(one.type for one in human),
        by=Counter(one.by for one in human),
        over_before=sum(one.by == CREW and one.type == "ignore" for one in given),
        open=len(waiting),
    )


def _is_answered(incident: Incident, decisions: Given) -> bool:
    return any(one.question == incident.question for one in decisions.get(incident.id, ()))


def _calibration(done: Sequence[Incident]) -> Calibration | None:
    """Compare confidence with effect, for all that was carried out and measured."""
    pairs = sure_and_helped(done)
    if not pairs:
        return None
    return Calibration(
        measured=len(pairs),
        mean_confidence=fmean(sure for sure, _ in pairs),
        share_helped=fmean(helped for _, helped in pairs),
        brier=fmean((sure - helped) ** 2 for sure, helped in pairs),
    )
