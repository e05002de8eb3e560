import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner import Planner
from agents.planner.experience import Experience, experience
from payments.action import ActionKind, Effect, Interval
from payments.incident import Lesson
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, AT, CATEGORY, ROUTES, diagnosis, tally

ANY_NUMBER = st.floats(-1e6, 1e6)


def lesson(
    effect: Effect,
    similarity: float | None = 1.0,
    cause: str = "psp_outage",
    action: ActionKind = ActionKind.REROUTE,
) -> Lesson:
    return Lesson(
        incident_id="one",
        at=AT,
        cause=cause,
        category=CATEGORY[cause],
        culprit=ALPHA,
        shape={},
        action=action,
        effect=effect,
        payments_saved=None,
        decided_by="crew",
        text="It was so.",
        similarity=similarity,
    )


def factor(*lessons: Lesson) -> float:
    return experience(lessons, "psp_outage", ActionKind.REROUTE).factor


def test_without_lessons_nothing_changes() -> None:
    nothing = experience((), "psp_outage", ActionKind.REROUTE)
    assert nothing.factor == pytest.approx(1.0)
    assert nothing.words == ""


def test_what_helped_raises_and_what_did_not_lowers_the_estimate() -> None:
    helped, useless, harmed = (
        factor(lesson(effect)) for effect in (Effect.HELPED, Effect.NO_EFFECT, Effect.HARMED)
    )
    assert helped == pytest.approx((3 / 4) / (2 / 3))
    assert useless == pytest.approx((2 / 4) / (2 / 3))
    assert harmed == pytest.approx((2 / 5) / (2 / 3))


def test_less_similar_lessons_weigh_less() -> None:
    assert 1.0 < factor(lesson(Effect.HELPED, 0.3)) < factor(lesson(Effect.HELPED, 0.9))
    assert factor(lesson(Effect.HELPED, None)) == factor(lesson(Effect.HELPED, 1.0))


@pytest.mark.parametrize(
    "other",
    [
        lesson(Effect.HARMED, cause="expired_cert"),
        lesson(Effect.HARMED, action=ActionKind.ALERT),
        lesson(Effect.NOT_MEASURED),
    ],
    ids=["another cause", "another action", "not measured"],
)
def test_other_lessons_say_nothing(other: Lesson) -> None:
    assert factor(other) == pytest.approx(1.0)


@given(st.lists(st.builds(lesson, st.sampled_from(Effect), st.none() | st.floats(0.0, 1.0)), max_size=30))
def test_the_correction_is_bounded(lessons: list[Lesson]) -> None:
    assert 0.5 <= factor(*lessons) <= 1.2


@given(st.lists(ANY_NUMBER, min_size=3, max_size=3).map(sorted), st.floats(0.5, 1.2))
def test_a_corrected_interval_stays_ordered(numbers: list[float], by: float) -> None:
    low, mean, high = numbers
    adjusted = Experience(1, 1, by).adjust(Interval(low=low, mean=mean, high=high))
    assert adjusted.low <= adjusted.mean <= adjusted.high


def test_an_expected_loss_stays_as_it_is() -> None:
    loss = Interval(low=-20.0, mean=-10.0, high=5.0)
    assert Experience(0, 9, 0.5).adjust(loss) == loss


def test_the_reason_tells_of_the_lessons() -> None:
    past = (lesson(Effect.HELPED), lesson(Effect.HELPED), lesson(Effect.NO_EFFECT, 0.5))
    plan = Planner().plan(situation(lessons=past))
    assert "Helped in 2 of 3 similar incidents: estimate x 1.09." in plan.reason


def test_bad_experience_lets_another_action_win() -> None:
    faint = diagnosis(confidence=0.3, counted=tally(1500), rivals=(("acs_outage", 0.6),))
    before = Planner().plan(situation(faint, ROUTES[:2]))
    after = Planner().plan(situation(faint, ROUTES[:2], (lesson(Effect.HARMED),) * 9))
    assert before.action.kind is ActionKind.REROUTE
    assert after.action.kind is ActionKind.ALERT
