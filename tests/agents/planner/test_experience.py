from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner import Planner, PlannerSettings
from agents.planner.case import Case
from agents.planner.experience import Experience, doubt, experience
from agents.planner.targets import eligible, standing, success
from payments.action import ActionKind, Reroute
from payments.lesson import Lesson, shown_by
from payments.outcome import Effect
from payments.plan import Interval
from payments.segment import Segment
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


def test_what_did_not_help_lowers_the_estimate_and_what_helped_makes_up_for_it_only() -> None:
    helped, useless, harmed = (
        factor(lesson(effect)) for effect in (Effect.HELPED, Effect.NO_EFFECT, Effect.HARMED)
    )
    assert helped == 1.0
    assert factor(lesson(Effect.HARMED), lesson(Effect.HELPED)) > harmed
    assert useless == pytest.approx((2 / 4) / (2 / 3))
    assert harmed == pytest.approx((2 / 5) / (2 / 3))


def test_less_similar_lessons_weigh_less() -> None:
    assert 1.0 > factor(lesson(Effect.HARMED, 0.3)) > factor(lesson(Effect.HARMED, 0.9))
    assert factor(lesson(Effect.HARMED, None)) == factor(lesson(Effect.HARMED, 1.0))


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
    assert 0.5 <= factor(*lessons) <= 1.0


@given(st.lists(ANY_NUMBER, min_size=3, max_size=3).map(sorted), st.floats(0.5, 1.0))
def test_a_corrected_interval_stays_ordered(numbers: list[float], by: float) -> None:
    low, mean, high = numbers
    adjusted = Experience(1, 1, by).adjust(Interval(low=low, mean=mean, high=high))
    assert adjusted.low <= adjusted.mean <= adjusted.high


def test_an_expected_loss_stays_as_it_is() -> None:
    loss = Interval(low=-20.0, mean=-10.0, high=5.0)
    assert Experience(0, 9, 0.5).adjust(loss) == loss


def test_the_reason_tells_of_the_lessons() -> None:
    past = (lesson(Effect.HELPED), lesson(Effect.NO_EFFECT), lesson(Effect.NO_EFFECT, 0.5))
    plan = Planner().plan(situation(lessons=past))
    assert "Helped in 1 of 3 similar incidents: estimate x 0.82." in plan.reason


def test_bad_experience_lets_another_action_win() -> None:
    faint = diagnosis(confidence=0.3, counted=tally(1500), rivals=(("acs_outage", 0.6),))
    before = Planner().plan(situation(faint, ROUTES[:2]))
    after = Planner().plan(situation(faint, ROUTES[:2], (lesson(Effect.HARMED),) * 9))
    assert before.action.kind is ActionKind.REROUTE
    assert after.action.kind is ActionKind.ALERT


def shown(
    similarity: float | None = 1.0, days: float = 0.0, culprit: Segment = ALPHA, **targets: bool
) -> Lesson:
    past = lesson(Effect.HELPED, similarity)
    return past.model_copy(
        update={"shape": shown_by(targets), "culprit": culprit, "at": AT - timedelta(days=days)}
    )


def doubted(*lessons: Lesson) -> float:
    return doubt(lessons, "beta", "psp_outage", ALPHA, AT)


class TestATargetThatLetSimilarIncidentsDown:
    def test_is_doubted_after_two_incidents_and_the_more_of_them_the_more(self) -> None:
        said = [doubted(*[shown(beta=False)] * times) for times in range(4)]
        assert said[:2] == [0.0, 0.0]
        assert said[2:] == pytest.approx([1 / 3, 2 / 3])

    def test_is_as_good_as_any_once_almost_as_many_say_so(self) -> None:
        assert doubted(*[shown(beta=False)] * 3, *[shown(beta=True)] * 2) == 0.0

    def test_is_doubted_less_for_what_happened_under_another_cause(self) -> None:
        other = shown(beta=False).model_copy(update={"cause": "expired_cert"})
        assert doubted(other, other) == 0.0
        assert 0.0 < doubted(other, other, other) < doubted(*[shown(beta=False)] * 3)

    @pytest.mark.parametrize(
        "other",
        [
            shown(gamma=False),
            shown(beta=False, culprit=Segment.of(psp="delta")),
            shown(0.3, beta=False),
            shown(days=180.0, beta=False),
        ],
        ids=["another target", "other payments", "hardly alike", "long ago"],
    )
    def test_is_not_doubted_for(self, other: Lesson) -> None:
        assert doubted(other, other, other) == 0.0

    def test_takes_what_others_cannot(self) -> None:
        roomy = tuple(route.model_copy(update={"capacity_per_s": 500.0}) for route in ROUTES)
        usual = Planner().plan(situation(routes=roomy)).action
        warned = Planner().plan(situation(routes=roomy, lessons=(shown(beta=False),) * 2)).action
        assert isinstance(usual, Reroute)
        assert isinstance(warned, Reroute)
        assert "beta" in usual.to
        assert sorted(warned.to) == ["delta", "gamma"]

    def test_is_still_there_when_the_others_are_full_and_the_source_is_dead(self) -> None:
        warned = Planner().plan(situation(routes=ROUTES, lessons=(shown(beta=False),) * 2)).action
        assert isinstance(warned, Reroute)
        assert "beta" in warned.to

    def test_comes_last_however_well_its_own_payments_fare(self) -> None:
        roomy = tuple(
            route.model_copy(
                update={"capacity_per_s": 500.0, "success_rate": 0.99 if route.name == "beta" else 0.92}
            )
            for route in ROUTES
        )
        warned = Planner().plan(situation(routes=roomy, lessons=(shown(beta=False),) * 2)).action
        assert isinstance(warned, Reroute)
        assert "beta" not in warned.to

    def test_is_left_out_where_the_source_still_does_better_than_it_probably_would(self) -> None:
        half = diagnosis(counted=tally(failure_rate=0.5))
        past = (shown(beta=False),) * 5
        usual, warned = (Planner().plan(situation(half, ROUTES, said)).action for said in ((), past))
        assert isinstance(usual, Reroute)
        assert isinstance(warned, Reroute)
        assert "beta" in usual.to
        assert "beta" not in warned.to

    def test_is_tried_all_the_same_where_there_is_no_other(self) -> None:
        alone = tuple(route for route in ROUTES if route.name in {"alpha", "beta"})
        plan = Planner().plan(situation(routes=alone, lessons=(shown(beta=False),) * 8))
        assert isinstance(plan.action, Reroute)
        assert plan.action.to == {"beta": 1.0}

    def test_says_nothing_against_the_action(self) -> None:
        past = shown(beta=False).model_copy(update={"effect": Effect.HARMED})
        assert factor(past) == 1.0


ANY_LESSONS = st.lists(
    st.builds(
        shown,
        st.none() | st.floats(0.0, 1.0),
        st.floats(-1e4, 1e5),
        st.sampled_from([ALPHA, Segment({}), Segment.of(psp="delta")]),
        beta=st.booleans(),
    ),
    max_size=20,
)


@given(ANY_LESSONS)
def test_a_doubt_is_a_share(lessons: list[Lesson]) -> None:
    assert 0.0 <= doubted(*lessons) <= 1.0


@given(ANY_LESSONS, st.floats(0.0, 1.0))
def test_a_doubt_costs_the_estimate_little_and_never_raises_it_nor_the_rank(
    lessons: list[Lesson], rate: float
) -> None:
    beta = ROUTES[1].model_copy(update={"success_rate": rate})
    alone, told = (Case(situation(lessons=said), PlannerSettings()) for said in ((), tuple(lessons)))
    assert success(beta, alone) - 0.05 <= success(beta, told) <= success(beta, alone)
    assert standing(beta, told) <= standing(beta, alone)


@given(ANY_LESSONS)
def test_lessons_name_no_target_that_could_not_have_been_named_without_them(lessons: list[Lesson]) -> None:
    alone, told = (Case(situation(lessons=said), PlannerSettings()) for said in ((), tuple(lessons)))
    assert {one.name for one in eligible(told, "alpha")} <= {one.name for one in eligible(alone, "alpha")}
