"""Evidence of events and of amounts, on numbers that can be checked by hand."""

import numpy as np
import pytest
from scipy.stats import binom

from agents.analyst.amounts import Deviations
from agents.analyst.measure import Events, excess_llr


def test_the_likelihood_ratio_is_the_binomial_one() -> None:
    ratio = excess_llr(np.array([30.0]), np.array([10.0]), np.array([100.0]))[0]
    assert ratio == pytest.approx(binom.logpmf(30, 100, 0.3) - binom.logpmf(30, 100, 0.1))


def test_without_a_ceiling_the_likelihood_ratio_is_the_poisson_one() -> None:
    ratio = excess_llr(np.array([30.0]), np.array([10.0]), np.array([np.inf]))[0]
    assert ratio == pytest.approx(30 * np.log(3) - 20)


@pytest.mark.parametrize(("observed", "trials"), [(10.0, 100.0), (3.0, 100.0), (3.0, np.inf), (0.0, 0.0)])
def test_no_excess_has_no_evidence(observed: float, trials: float) -> None:
    assert excess_llr(np.array([observed]), np.array([10.0]), np.array([trials]))[0] == 0.0


def test_overdispersion_divides_the_evidence() -> None:
    column = np.array([[30.0], [10.0], [100.0], [9.0], [9.0]])
    doubled = column * np.array([[1.0], [1.0], [1.0], [1.0], [2.0]])
    events = Events(*column)
    assert events.score(doubled)[0] == pytest.approx(events.score(column)[0] / 2)


def test_fewer_events_are_an_excess_of_the_others() -> None:
    events = Events(*(np.array([value]) for value in (10.0, 30.0, 100.0, 21.0, 21.0)))
    assert events.score(events.columns)[0] <= 0.0
    assert events.mirrored().score(events.mirrored().columns)[0] > 0.0


@pytest.mark.parametrize(("observed", "struck"), [(10.0, False), (29.0, False), (31.0, True), (90.0, True)])
def test_a_rest_is_struck_too_from_the_square_root_of_the_lift_on(observed: float, struck: bool) -> None:
    part, rest = (np.array([[bad], [10.0], [100.0], [9.0], [9.0]]) for bad in (90.0, observed))
    assert Events(*np.ones((5, 2))).struck_too(part, rest) == struck


def test_a_rest_of_few_events_is_not_struck_by_chance() -> None:
    part, rest = (np.array([[bad], [due], [100.0], [due], [due]]) for bad, due in ((90.0, 10.0), (1.0, 0.3)))
    assert not Events(*np.ones((5, 100))).struck_too(part, rest)


def test_noise_is_estimated_from_the_cells_themselves() -> None:
    rng = np.random.default_rng(3)
    expected = rng.uniform(10.0, 1000.0, 5000)
    noise = np.where(expected < 500.0, 0.2, 0.05)
    found = Deviations.of(expected * (1.0 + rng.normal(0.0, noise)), expected).noise.of(np.log(expected))
    assert np.median(found[expected < 400.0]) == pytest.approx(0.19, abs=0.02)
    assert np.median(found[expected > 600.0]) == pytest.approx(0.05, abs=0.01)


def test_a_cell_speaks_for_the_direction_it_moved_in() -> None:
    expected = np.full(100, 50.0)
    real = expected * (1.0 + np.random.default_rng(1).normal(0.0, 0.02, 100))
    real[0] = 20.0
    rose, fell = (amounts.evidence for amounts in Deviations.of(real, expected).both())
    assert fell[0] > 10.0
    assert rose[0] < 0.0
    assert np.median(fell[1:]) < 0.0


def test_a_cell_without_amount_and_forecast_says_nothing() -> None:
    found = Deviations.of(np.array([0.0, 5.0]), np.array([0.0, 5.0]))
    assert [amounts.evidence[0] for amounts in found.both()] == [0.0, 0.0]
