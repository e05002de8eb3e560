import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.intervals import Part, lasting, mixture
from agents.planner.words import saving
from payments.plan import Interval

ANY_PART = st.builds(
    Part,
    probability=st.floats(0.0, 1.0),
    won=st.floats(-1e9, 1e9),
    deviation=st.floats(0.0, 1e9),
    cost=st.floats(0.0, 1e9),
)


@given(st.lists(ANY_PART, max_size=6))
def test_the_interval_holds_its_mean(parts: list[Part]) -> None:
    saved = mixture(parts, lasting(900.0, 2700.0))
    assert saved.low <= saved.mean <= saved.high


def test_the_share_that_a_fault_lasts_has_the_mean_of_a_cut_exponential() -> None:
    x = 900.0 / 2700.0
    assert lasting(900.0, 2700.0).mean() == pytest.approx((1.0 - np.exp(-x)) / x, rel=0.01)


def test_what_is_not_explained_saves_nothing() -> None:
    half = mixture([Part(0.5, won=100.0, deviation=0.0, cost=0.0)], np.ones(1))
    assert half == Interval(low=0.0, mean=50.0, high=100.0)


def test_probabilities_above_one_in_sum_are_scaled_down() -> None:
    part = Part(1.0, won=100.0, deviation=0.0, cost=0.0)
    assert mixture([part, part], np.ones(1)).mean == pytest.approx(100.0)


def test_a_normal_effect_has_its_normal_interval() -> None:
    saved = mixture([Part(1.0, won=100.0, deviation=10.0, cost=0.0)], np.ones(1))
    assert saved.mean == pytest.approx(100.0)
    assert 80.0 < saved.low < 90.0
    assert 110.0 < saved.high < 120.0


@pytest.mark.parametrize(
    ("saved", "seconds", "words"),
    [
        (
            Interval(low=900.0, mean=1234.4, high=1500.0),
            900.0,
            "should save 1,234 payments in 15 min (90 %: 900 to 1,500)",
        ),
        (Interval(low=-8.0, mean=-5.0, high=-0.1), 900.0, "should lose 5 payments in 15 min (90 %: 0 to 8)"),
        (Interval(low=0.0, mean=0.0, high=0.0), 900.0, "saves and costs nothing"),
        (Interval(low=1.0, mean=2.0, high=3.0), 7200.0, "should save 2 payments in 2 h (90 %: 1 to 3)"),
    ],
)
def test_estimates_read_as_sentences(saved: Interval, seconds: float, words: str) -> None:
    assert saving(saved, seconds) == words
