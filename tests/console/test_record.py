"""The track record and the history of an incident as people read them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.standing import History, Step
from console.terminal.record import record_table
from console.terminal.spans import span_of
from console.terminal.tables import incident_page
from graph.track_record import Account, Asked, Calibration, TrackRecord
from payments.action import ActionKind
from payments.decision import Decision
from payments.errors import InputError
from payments.intervention import Intervention
from payments.outcome import Effect
from payments.plan import Interval
from payments.verdict import Check, Mode, Ruling
from tests.console.examples import HOSTILE, INCIDENT_ID, NOON, REROUTE, incident
from tests.console.test_tables import LITERAL, text_of

ASKED = Asked(
    incidents=2, questions=3, answers={"approve": 1, "reject": 1}, by={"asha": 2}, over_before=0, open=1
)
ACCOUNT = Account(
    mode=Mode.AUTOPILOT,
    incidents=4,
    rulings={Ruling.ACT: 2, Ruling.ASK: 2},
    done={ActionKind.REROUTE: 2},
    expected=Interval(low=900, mean=1_200, high=1_500),
    expected_if_approved=None,
    saved=Interval(low=700, mean=1_000, high=1_300),
    effects={Effect.HELPED: 1, Effect.NO_EFFECT: 1},
    asked=ASKED,
    calibration=Calibration(measured=2, mean_confidence=0.9, share_helped=0.5, brier=0.41),
)


def words_of(record: TrackRecord) -> str:
    return " ".join(text_of(record_table(record)).split())


def test_a_track_record_says_what_was_done_saved_asked_and_how_sure_the_crew_was() -> None:
    text = words_of(TrackRecord(since_s=None, accounts=(ACCOUNT,), without_ruling=0))
    for words in (
        "autopilot",
        "2 act, 2 ask",
        "2 reroute",
        "1,200 payments (900 to 1,500)",
        "1,000 payments (700 to 1,300)",
        "1 helped, 1 no effect",
        "3 questions about 2 incidents, 1 open",
        "1 approve, 1 reject",
        "2 asha",
        "90 % sure, 50 % of 2 helped, Brier 0.41",
    ):
        assert words in text


def test_in_shadow_mode_it_says_what_would_have_been_done() -> None:
    shadow = ACCOUNT.model_copy(update={"mode": Mode.SHADOW})
    text = words_of(TrackRecord(since_s=None, accounts=(shadow, ACCOUNT), without_ruling=0))
    assert "would have: 2 reroute" in text
    assert "would have: 1,000 payments (700 to 1,300)" in text


@pytest.mark.parametrize(("since_s", "when"), [(None, ""), (604_800.0, " in the last 7 d")])
def test_nothing_to_report_is_said(since_s: float | None, when: str) -> None:
    text = words_of(TrackRecord(since_s=since_s, accounts=(), without_ruling=0))
    assert text == f"Nothing to report: no incident was ruled on{when}."


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("30min", timedelta(minutes=30)),
        (" 2 w ", timedelta(weeks=2)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_length_of_time_is_read_as_people_type_it(text: str, span: timedelta) -> None:
    assert span_of(text) == span


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 days", "9999999d", "\u0667d"])
def test_what_is_no_length_of_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="such as 7d, 12h or 30min"):
        span_of(text)


@given(st.text(max_size=12))
def test_any_text_is_a_length_of_time_or_refused(text: str) -> None:
    try:
        assert span_of(text) > timedelta(0)
    except InputError:
        return


def page_of(history: History, **changes: object) -> str:
    return " ".join(text_of(incident_page(incident().model_copy(update=changes), history=history)).split())


def in_force(**changes: object) -> Intervention:
    held = Intervention(
        key=f"{INCIDENT_ID}:1",
        incident_id=INCIDENT_ID,
        feed="feed",
        action=REROUTE,
        started_at=NOON,
        expires_at=NOON + timedelta(minutes=15),
    )
    return held.model_copy(update=changes)


def test_the_page_names_who_decided_each_question_and_why() -> None:
    first = Decision(type="respond", by="asha", at=NOON, note="unipay is back")
    second = Decision(type="edit", question=2, by="ben", at=NOON, action=REROUTE)
    text = page_of(History(decisions=(first, second)))
    assert "1 respond asha 2026-01-05 12:00:00 UTC unipay is back -" in text
    assert "2 edit ben" in text


def test_the_page_shows_the_path_of_the_run() -> None:
    text = page_of(History(path=(Step(agent="planner", at=NOON, said="Move it."),)))
    assert "Path at who said" in text
    assert "12:00:00 planner Move it." in text


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (10, "in force, undone in 5 min unless renewed"),
        (15, "expiry passed 0 s ago"),
        (20, "expiry passed 5 min ago"),
    ],
)
def test_the_page_says_how_long_an_action_holds_or_that_its_expiry_has_passed(
    minutes: int, state: str
) -> None:
    now = NOON + timedelta(minutes=minutes)
    assert state in page_of(History(now=now, interventions=(in_force(),)))


def test_the_page_does_not_say_that_what_shadow_mode_recorded_is_in_force() -> None:
    verdict = incident().verdict
    assert verdict is not None
    shadow = verdict.model_copy(update={"mode": Mode.SHADOW})
    text = page_of(History(now=NOON, interventions=(in_force(),)), verdict=shadow)
    assert "nothing was moved" in text
    assert "in force" not in text.lower()


def test_the_page_names_another_action_of_the_incident_by_its_short_key() -> None:
    ended = in_force(ended_at=NOON, ended_because=f"{INCIDENT_ID}:2 took its place")
    assert f"ended: {INCIDENT_ID[:8]}:2 took its place" in page_of(History(interventions=(ended,)))


def test_the_page_says_why_an_action_ended() -> None:
    ended = in_force(ended_at=NOON + timedelta(minutes=3), ended_because="the fault is over")
    assert "12:03:00" in page_of(History(now=NOON, interventions=(ended,)))
    assert "ended: the fault is over" in page_of(History(interventions=(ended,)))


def with_age_limit(limit_s: float) -> dict[str, object]:
    verdict = incident().verdict
    assert verdict is not None
    check = Check(name="proposal_age", passed=True, sentence="Fresh.", on_failure="block", limit=limit_s)
    return {"verdict": verdict.model_copy(update={"checks": (check,)}), "seen_at": NOON}


@pytest.mark.parametrize(("minutes", "expired"), [(15, False), (16, True)])
def test_a_question_says_when_its_proposal_has_expired(minutes: int, expired: bool) -> None:
    history = History(now=NOON + timedelta(minutes=minutes))
    text = page_of(history, **with_age_limit(900.0))
    assert f"last seen {minutes} min ago, at 12:00:00" in text
    assert ("The proposal has expired: 15 min is the limit." in text) == expired


def test_a_question_whose_world_is_gone_says_what_is_still_possible() -> None:
    assert "only reject and ignore are possible" in page_of(History())


def test_a_second_question_names_who_approved_before() -> None:
    text = page_of(History(now=NOON), question=2, approvers=("asha",))
    assert "Question 2. Approved by asha; somebody else must too." in text


def test_hostile_words_stay_words() -> None:
    decided = Decision(type="reject", by=HOSTILE, at=NOON, note=HOSTILE)
    ended = in_force(ended_at=NOON, ended_because=HOSTILE)
    step = Step(agent=HOSTILE, at=NOON, said=HOSTILE)
    history = History(now=NOON, decisions=(decided,), interventions=(ended,), path=(step,))
    text = text_of(incident_page(incident(), history=history))
    assert "\x1b" not in text
    assert LITERAL.replace("\\x1b", "") in text or LITERAL in text
    assert "\u202e" not in text
