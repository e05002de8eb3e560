"""How routers prefer routes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crew.policies.choices import Choice, Eliminated, Greedy, Sampled, chance_of_best
from bench.crew.policies.dimensions import Tally

ALL_OPEN = np.ones(3, dtype=np.bool_)
COUNTS = st.lists(st.tuples(st.integers(0, 500), st.floats(0.0, 1.0)), min_size=3, max_size=3)
OPEN = st.lists(st.booleans(), min_size=3, max_size=3)


def tally(decided: list[float], succeeded: list[float]) -> Tally:
    return Tally(np.array([decided], dtype=float), np.array([succeeded], dtype=float))


@pytest.mark.parametrize("choice", [Greedy(0.1), Sampled(0.9, 2.0)], ids=["greedy", "sampled"])
@given(COUNTS, OPEN)
def test_shares_are_shares_and_closed_routes_get_none(
    choice: Choice, counts: list[tuple[int, float]], opened: list[bool]
) -> None:
    open_routes = np.array(opened)
    shares = choice(tally([n for n, _ in counts], [float(int(n * p)) for n, p in counts]), open_routes)
    assert (shares >= 0.0).all()
    assert shares[0, ~open_routes].sum() == 0.0
    assert shares.sum() == pytest.approx(1.0 if open_routes.any() else 0.0)


def test_greedy_gives_the_best_route_all_but_what_explores_the_others() -> None:
    shares = Greedy(0.1)(tally([100, 100, 100], [90, 95, 50]), ALL_OPEN)
    assert shares[0].tolist() == pytest.approx([0.05, 0.9, 0.05])


def test_a_route_without_outcomes_is_tried_first() -> None:
    assert Greedy(0.0)(tally([100, 0, 100], [99, 0, 99]), ALL_OPEN)[0].argmax() == 1


@pytest.mark.parametrize(("succeeded", "weight"), [(72, 1.0), (70, 0.05)])
def test_elimination_leaves_out_what_is_below_its_part_of_the_best(succeeded: int, weight: float) -> None:
    weights = Eliminated(0.8, 0.05, 20)(tally([100, 100, 100], [succeeded, 90, 90]), ALL_OPEN)
    assert weights[0].tolist() == [weight, 1.0, 1.0]


def test_elimination_does_not_judge_a_handful() -> None:
    assert Eliminated(0.8, 0.05, 20)(tally([19, 100, 100], [0, 90, 90]), ALL_OPEN)[0, 0] == 1.0


def test_the_chance_of_being_best_is_what_sampling_gives() -> None:
    mean, deviation = np.array([[2.0, 2.2, 1.0]]), np.array([[0.3, 0.1, 0.9]])
    drawn = np.random.default_rng(3).normal(mean, deviation, size=(200_000, 3)).argmax(axis=1)
    expected = np.bincount(drawn, minlength=3) / len(drawn)
    assert chance_of_best(mean, deviation, ALL_OPEN)[0] == pytest.approx(expected, abs=0.01)


def test_sampling_agrees_with_draws_from_the_beta_distributions() -> None:
    decided, succeeded = np.array([40.0, 200.0, 10.0]), np.array([37.0, 186.0, 8.0])
    rng = np.random.default_rng(4)
    draws = rng.beta(succeeded + 1.8, decided - succeeded + 0.2, size=(200_000, 3)).argmax(axis=1)
    shares = Sampled(0.9, 2.0)(Tally(decided[None], succeeded[None]), ALL_OPEN)
    assert shares[0] == pytest.approx(np.bincount(draws, minlength=3) / len(draws), abs=0.04)
