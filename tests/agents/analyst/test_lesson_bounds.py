"""However many lessons there are and whatever they say, they make the crew more careful and never bolder."""

from functools import cache
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.analyst import AnalystSettings
from agents.analyst.assessment import Assessment, assess, confidence
from agents.analyst.score import Score, lesson_shifts
from agents.analyst.signatures import signatures
from agents.analyst.view import View, look
from payments.action import ActionKind
from payments.lesson import Lesson
from payments.outcome import Effect
from tests.agents.analyst.cases import ALPHA, CASES
from tests.agents.analyst.world import SINCE, Fault, diagnose, evidence

SETTINGS = AnalystSettings()
SEEN = (
    "issuer_outage", "psp_outage", "psp_issuer_link", "card_network_outage", "retry_storm",
    "routing_misconfig", "card_testing", "acs_outage",
)  # fmt: skip
CAUSES = sorted(signatures())


def lesson(cause: str, effect: Effect, similarity: float | None, target: float | None) -> Lesson:
    return Lesson(
        incident_id="i",
        at=SINCE,
        cause=cause,
        category=signatures()[cause].category if cause in signatures() else signatures()["noise"].category,
        culprit=ALPHA,
        shape={} if target is None else {"target:beta": target},
        action=ActionKind.REROUTE,
        effect=effect,
        payments_saved=None,
        decided_by="crew",
        text="",
        similarity=similarity,
    )


ANY_LESSONS = st.lists(
    st.builds(
        lesson,
        st.sampled_from([*CAUSES, "no such cause"]),
        st.sampled_from(Effect),
        st.none() | st.floats(0.0, 1.0),
        st.none() | st.floats(0.0, 1.0),
    ),
    max_size=40,
)
ANY_CASE = st.tuples(st.sampled_from(SEEN), st.sampled_from((1.0, 0.4, 0.2)))


@cache
def view(case: str, strength: float) -> View:
    clear = CASES[case]
    fault = Fault(**{**vars(clear), "rate": clear.rate * strength})
    given_evidence = evidence(fault)
    return look(given_evidence, (), given_evidence.until, SETTINGS)


def assessed(case: tuple[str, float], lessons: list[Lesson]) -> Assessment:
    return assess(view(*case), lessons, signatures(), SETTINGS)


def probability(assessment: Assessment, cause: str) -> float:
    found: Score = next(one for one in assessment.ranked if one.cause == cause)
    return found.probability


@settings(max_examples=150, deadline=None)
@given(ANY_CASE, ANY_LESSONS)
def test_no_lessons_make_the_crew_surer(case: tuple[str, float], lessons: list[Lesson]) -> None:
    alone, told = assessed(case, []), assessed(case, lessons)
    assert confidence(told, alone) <= confidence(alone, alone)
    if told.cause != alone.cause:
        assert confidence(told, alone) <= probability(alone, told.cause) <= 0.5


@settings(max_examples=150, deadline=None)
@given(ANY_CASE, ANY_LESSONS)
def test_no_lessons_hide_an_attack(case: tuple[str, float], lessons: list[Lesson]) -> None:
    alone, told = assessed(case, []), assessed(case, lessons)
    first = alone.cause
    odds = [probability(one, "card_testing") / probability(one, first) for one in (alone, told)]
    assert odds[1] >= odds[0] * (1.0 - 1e-9)


@settings(max_examples=150, deadline=None)
@given(ANY_CASE, ANY_LESSONS)
def test_odds_between_two_causes_move_by_twice_the_bound_at_most(
    case: tuple[str, float], lessons: list[Lesson]
) -> None:
    alone, told = assessed(case, []), assessed(case, lessons)
    for cause in CAUSES:
        ratios = [probability(one, cause) / probability(one, alone.cause) for one in (alone, told)]
        before, after = map(log, ratios)
        assert abs(after - before) <= 2.0 * SETTINGS.lesson_bound + 1e-9


@given(ANY_LESSONS)
def test_every_shift_is_within_the_bound_and_that_of_an_attack_not_below_zero(lessons: list[Lesson]) -> None:
    shifts = lesson_shifts(CAUSES, lessons, 0.7)
    assert max(map(abs, shifts.values())) <= 0.7
    assert shifts["card_testing"] >= 0.0


def test_lessons_that_contradict_each_other_say_nothing() -> None:
    both = [lesson("psp_outage", effect, 0.9, None) for effect in (Effect.HELPED, Effect.HARMED)]
    assert lesson_shifts(CAUSES, both, 0.7)["psp_outage"] == pytest.approx(0.0)


def test_what_failed_for_a_bad_target_says_nothing_against_its_cause() -> None:
    assert lesson_shifts(CAUSES, [lesson("psp_outage", Effect.HARMED, 0.9, 0.0)], 0.7)["psp_outage"] == 0.0


def test_poisoned_lessons_change_neither_culprit_nor_counts() -> None:
    poison = (lesson("expired_cert", Effect.HELPED, 1.0, None),) * 99
    given_evidence = evidence(CASES["issuer_outage"])
    before, after = diagnose(given_evidence), diagnose(given_evidence, lessons=poison)
    assert (after.culprit, after.tally, after.cause) == (before.culprit, before.tally, before.cause)
    assert after.confidence <= before.confidence
