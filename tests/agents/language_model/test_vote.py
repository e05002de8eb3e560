"""A vote moves probabilities a little, on the card alone; a breaker leaves a failing model alone."""

from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language_model.breaker import FAILURES, OPEN_S, Breaker
from agents.language_model.opinion import Fallback, Opinion, opinion_of, without
from agents.language_model.schema import Answer
from agents.language_model.vote import WEIGHT_AT_MOST, votes, weighed
from console.settings import Settings
from tests.agents.language_model.made import answer, brief

PROBABILITIES = st.dictionaries(
    st.sampled_from(["h1", "h2", "h3", "h4", "h5"]), st.floats(1e-6, 1.0), min_size=1
).map(lambda given: {name: value / sum(given.values()) for name, value in given.items()})
RANKINGS = st.permutations(["h1", "h2", "h3", "h4", "h5", "h6"]).flatmap(
    lambda order: st.integers(0, 6).map(lambda kept: order[:kept])
)
WEIGHTS = st.floats(0.0, WEIGHT_AT_MOST)


@given(PROBABILITIES, RANKINGS, WEIGHTS)
def test_no_two_causes_are_moved_apart_by_more_than_the_weight(
    engine: dict[str, float], ranking: list[str], weight: float
) -> None:
    after = weighed(engine, ranking, weight)
    moved = [log(after[one]) - log(before) for one, before in engine.items()]
    assert max(moved) - min(moved) <= weight + 1e-9


@given(PROBABILITIES, RANKINGS, WEIGHTS)
def test_a_vote_keeps_the_sum(engine: dict[str, float], ranking: list[str], weight: float) -> None:
    assert isclose(sum(weighed(engine, ranking, weight).values()), sum(engine.values()), abs_tol=1e-9)


@given(PROBABILITIES, RANKINGS)
def test_without_a_weight_nothing_moves(engine: dict[str, float], ranking: list[str]) -> None:
    assert weighed(engine, ranking, 0.0) == engine


def test_the_first_gains_what_the_last_loses_and_the_unranked_share_what_is_left() -> None:
    assert votes(["h2", "h1", "h3"], ["h1", "h2", "h3"]) == {"h1": 0.0, "h2": 0.5, "h3": -0.5}
    assert votes(["h2"], ["h1", "h2", "h3"]) == {"h1": -0.25, "h2": 0.5, "h3": -0.25}
    assert votes(["h1"], ["h1"]) == {"h1": 0.0}


def test_a_weight_beyond_its_bounds_is_refused_here_and_in_the_settings() -> None:
    with pytest.raises(ValueError, match=r"must lie between 0 and 0\.7"):
        weighed({"h1": 1.0}, ["h1"], 0.71)
    limits = Settings.model_fields["llm_weight"].metadata
    assert max(one.le for one in limits if hasattr(one, "le")) == WEIGHT_AT_MOST
    assert Settings.model_fields["llm_weight"].default == 0.0


def test_an_opinion_names_things_as_people_know_them_and_keeps_the_engines_figures() -> None:
    given_answer = Answer.model_validate(answer(ranking=["h1"]))
    opinion = opinion_of(given_answer, brief(), 0.0, Opinion(about="a", model="m", prompt="p"))
    assert opinion.summary.startswith("Payments of northpay fail")
    assert [(one.cause, one.engine) for one in opinion.ranking] == [
        ("issuer_outage", 0.04),
        ("psp_outage", 0.93),
    ]
    assert [one.weighed for one in opinion.ranking] == pytest.approx([0.04, 0.93])
    assert opinion.doubts[0].on == "failure rate: 0.66, expected 0.0621 (rate)"


@pytest.mark.parametrize("fallback", Fallback)
def test_every_fallback_is_a_sentence(fallback: Fallback) -> None:
    opinion = without(Opinion(about="a", model="m", prompt="p"), fallback, "because")
    assert opinion.fallback is fallback
    assert opinion.because.endswith(" (because)")


@given(st.integers(0, 10), st.floats(0.0, 1e6))
def test_the_breaker_opens_at_the_third_failure_in_a_row_and_for_a_minute(failures: int, now: float) -> None:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.after(now, failed=True)
    assert breaker.is_open(now) is (failures >= FAILURES)
    assert not breaker.is_open(now + OPEN_S)
    assert not breaker.after(now, failed=False).is_open(now)


def test_one_failure_after_the_minute_opens_the_breaker_again() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker = breaker.after(0.0, failed=True)
    assert breaker.after(OPEN_S, failed=True).is_open(OPEN_S + 1.0)
