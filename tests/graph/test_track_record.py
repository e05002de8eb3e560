"""What the crew did or would have done, added up."""

from datetime import timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.track_record import Account, TrackRecord, add_up, track_record
from payments.action import ActionKind, Alert
from payments.decision import Decision
from payments.diagnosis import Category, Diagnosis
from payments.finding import Finding, Signal
from payments.incident import Incident, Status
from payments.outcome import Effect, Outcome
from payments.plan import Interval, Plan
from payments.segment import Segment
from payments.tally import Tally
from payments.verdict import Mode, Ruling
from tests.graph.made import NOON, REROUTE, decision, plan, verdict

SCOPE = Segment.of(psp="a")
SIGNAL = Signal(
    kind="failures", segment=SCOPE, onset=NOON, observed=9, expected=1, attempts=10, log_evidence=20
)
DIAGNOSIS = Diagnosis(
    at=NOON, since=NOON, culprit=SCOPE, cause="psp_outage", category=Category.NETWORK_OR_SYSTEM,
    confidence=0.9, shape={}, hypotheses=(), evidence=(), share_explained=1.0, complement_normal=True,
    tally=Tally(), attempts_per_window=100.0, sentence="It fails.",
)  # fmt: skip
ALERT = Alert(scope=SCOPE, message="Look.")


def incident(
    number: int = 1,
    *,
    mode: Mode = Mode.AUTOPILOT,
    ruling: Ruling = Ruling.ACT,
    proposed: Plan | None = None,
    status: Status = Status.WATCHED,
    effect: Effect | None = None,
    saved: float = 100.0,
    confidence: float = 0.9,
    **changes: object,
) -> Incident:
    """Make an incident that was ruled on."""
    measured = None if effect is Effect.NOT_MEASURED else Interval(low=saved - 3, mean=saved, high=saved + 4)
    made = Incident(
        id=f"incident-{number}",
        feed="feed",
        status=status,
        opened_at=NOON,
        updated_at=NOON,
        finding=Finding(at=NOON, since=NOON, signals=(SIGNAL,), threshold=12, ticks_learned=100),
        diagnosis=DIAGNOSIS.model_copy(update={"confidence": confidence}),
        plan=proposed or plan(),
        verdict=verdict(ruling).model_copy(update={"mode": mode}),
        executed=effect is not None,
        outcome=Outcome(effect=effect, payments_saved=measured, sentence="So.") if effect else None,
    )
    return made.model_copy(update=changes)


def the_account(record: TrackRecord) -> Account:
    (only,) = record.accounts
    return only


def answered(*answers: tuple[str, str]) -> tuple[Decision, ...]:
    return tuple(
        decision(kind, note="so").model_copy(update={"by": by, "question": number})
        for number, (kind, by) in enumerate(answers, start=1)
    )


def test_each_mode_has_an_account_of_its_own() -> None:
    record = track_record([incident(1), incident(2, mode=Mode.SHADOW), incident(3)], {})
    assert [(one.mode, one.incidents) for one in record.accounts] == [(Mode.SHADOW, 1), (Mode.AUTOPILOT, 2)]


def test_without_incidents_there_is_no_account() -> None:
    assert track_record([], {}) == TrackRecord(since_s=None, accounts=(), without_ruling=0)


def test_an_incident_without_a_ruling_is_counted_apart() -> None:
    record = track_record([incident(verdict=None)], {})
    assert (record.accounts, record.without_ruling) == ((), 1)


def test_what_was_done_is_counted_by_kind_with_what_it_should_and_did_save() -> None:
    told = plan(ALERT)
    account = the_account(
        track_record(
            [
                incident(1, effect=Effect.HELPED),
                incident(2, effect=Effect.HARMED, saved=-20),
                incident(3, proposed=told),
            ],
            {},
        )
    )
    assert account.done == {ActionKind.REROUTE: 2, ActionKind.ALERT: 1}
    assert account.effects == {Effect.HELPED: 1, Effect.HARMED: 1}
    assert account.saved is not None
    assert account.saved.mean == 80
    assert account.expected is not None
    assert account.expected.mean == 4


def test_what_waits_for_a_yes_is_no_deed_but_a_promise() -> None:
    account = the_account(track_record([incident(ruling=Ruling.ASK, status=Status.WAITING)], {}))
    assert account.done == {}
    assert account.expected is None
    assert account.expected_if_approved == plan().payments_saved


def test_in_shadow_mode_what_would_have_been_asked_is_a_promise_too() -> None:
    account = the_account(track_record([incident(mode=Mode.SHADOW, ruling=Ruling.ASK)], {}))
    assert account.rulings == {Ruling.ASK: 1}
    assert account.expected_if_approved == plan().payments_saved
    assert account.asked.questions == 0


def test_a_question_that_newer_evidence_withdrew_was_not_over_before_an_answer() -> None:
    decisions = {"incident-1": answered(("review", "crew"), ("approve", "asha"))}
    asked = the_account(track_record([incident(1)], decisions)).asked
    assert (asked.questions, asked.over_before, asked.by) == (2, 0, {"asha": 1})


def test_people_are_counted_by_what_they_answered_and_questions_by_who_asked_them() -> None:
    decisions = {
        "incident-1": answered(("approve", "asha"), ("approve", "ben")),
        "incident-2": answered(("respond", "asha")),
        "incident-3": answered(("ignore", "crew")),
    }
    waiting = incident(2, ruling=Ruling.ASK, status=Status.WAITING, question=2)
    asked = the_account(track_record([incident(1), waiting, incident(3)], decisions)).asked
    assert (asked.incidents, asked.questions, asked.open, asked.over_before) == (3, 5, 1, 1)
    assert asked.answers == {"approve": 2, "respond": 1}
    assert asked.by == {"asha": 2, "ben": 1}


def test_confidence_is_compared_with_what_helped() -> None:
    measured = [
        incident(1, effect=Effect.HELPED, confidence=0.9),
        incident(2, effect=Effect.NO_EFFECT, confidence=0.7),
        incident(3, effect=Effect.NOT_MEASURED, confidence=0.1),
    ]
    calibration = the_account(track_record(measured, {})).calibration
    assert calibration is not None
    assert calibration.measured == 2
    assert isclose(calibration.mean_confidence, 0.8)
    assert calibration.share_helped == 0.5
    assert isclose(calibration.brier, (0.1**2 + 0.7**2) / 2)


def test_nothing_measured_is_no_calibration() -> None:
    assert the_account(track_record([incident()], {})).calibration is None


@pytest.mark.parametrize(("days", "counted"), [(7, 1), (10, 2), (1, 1)])
def test_the_last_while_ends_with_each_feed_s_latest_incident(days: int, counted: int) -> None:
    latest = NOON + timedelta(days=8)
    late = incident(2, opened_at=latest, updated_at=latest)
    found = [incident(1), late, incident(3, feed="other")]
    account = the_account(track_record(found, {}, timedelta(days=days)))
    assert account.incidents == counted + 1


INTERVALS = st.builds(
    lambda mean, below, above: Interval(low=mean - below, mean=mean, high=mean + above),
    st.floats(-1e6, 1e6),
    st.floats(0, 1e4),
    st.floats(0, 1e4),
)


@given(st.lists(INTERVALS, min_size=1, max_size=9))
def test_a_sum_is_surer_than_its_parts_together_and_less_sure_than_any(intervals: list[Interval]) -> None:
    total = add_up(intervals)
    assert total is not None
    assert isclose(total.mean, sum(one.mean for one in intervals), abs_tol=1e-6)
    widths = [one.high - one.mean for one in intervals]
    assert max(widths) - 1e-3 <= total.high - total.mean <= sum(widths) + 1e-3


def test_the_sum_of_nothing_is_nothing() -> None:
    assert add_up([]) is None


def test_a_proposal_that_was_rejected_is_neither_done_nor_open() -> None:
    rejected = incident(ruling=Ruling.ASK, proposed=plan(REROUTE))
    account = the_account(track_record([rejected], {"incident-1": answered(("reject", "asha"))}))
    assert (account.done, account.expected, account.expected_if_approved) == ({}, None, None)
