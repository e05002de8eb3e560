"""The detector's promises, by simulation with fixed seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.monitor.detector import TiltDetector, onset
from agents.monitor.dispersion import Dispersion
from agents.monitor.effects import fitted_rates
from agents.monitor.ladder import RUNGS, ladder
from agents.monitor.likelihood import (
    Shares,
    Volumes,
    beta_binomial_log_ratio,
    log_mean,
    negative_binomial_log_ratio,
    tilted,
)
from agents.monitor.partition import Partition
from agents.monitor.threshold import guaranteed_level, ticks_between
from payments.quantity import Floats

LEVEL = float(np.log(2000.0))
ANYTHING = st.floats(allow_nan=True, allow_infinity=True)


def shares_of(counts: Floats, trials: Floats, share: float, rho: float = 0.0) -> Shares:
    """Give counts with one expectation for all rows."""
    return Shares(counts, trials, np.full(len(counts), share), np.full(len(counts), rho))


def fed(counts: Floats, trials: Floats, share: float = 0.08) -> TiltDetector:
    """Feed increments of shape (ticks, rows) to a new detector."""
    detector = TiltDetector(LEVEL)
    detector.grow(counts.shape[1])
    for seen, of in zip(counts, trials, strict=True):
        detector.update(np.arange(len(seen)), shares_of(seen, of, share))
    return detector


def false_alarms(draw: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", trials: int, rho: float) -> int:
    """Count alarms over draws of shape (ticks, rows), beginning anew after each."""
    detector, alarms = TiltDetector(LEVEL), 0
    detector.grow(draw.shape[1])
    for counts in draw.astype(np.float64):
        of = np.full(len(counts), float(trials))
        detector.update(np.arange(len(counts)), shares_of(counts, of, 0.08, rho))
        reached, _ = detector.reaching(LEVEL, 0.0)
        alarms += len(reached)
        detector.reset(np.isin(np.arange(len(counts)), reached))
    return alarms


@pytest.mark.parametrize("trials", [1, 5, 20, 200, 5000])
def test_false_alarms_stay_below_what_the_level_allows(trials: int) -> None:
    draw = np.random.default_rng(11).binomial(trials, 0.08, (500, 400))
    assert false_alarms(draw, trials, 0.0) <= draw.size / 2000.0


@pytest.mark.parametrize("trials", [20, 5000])
def test_false_alarms_stay_below_when_counts_scatter_as_expected(trials: int) -> None:
    rng, size = np.random.default_rng(12), 1.0 / 0.01 - 1.0
    draw = rng.binomial(trials, rng.beta(0.08 * size, 0.92 * size, (500, 400)))
    assert 0 < false_alarms(draw, trials, 0.01) <= draw.size / 2000.0


@pytest.mark.parametrize("rho", [0.0, 0.003, 0.3])
@pytest.mark.parametrize(("trials", "old", "new"), [(20, 0.08, 0.5), (200, 0.08, 0.1), (50, 5e-4, 0.01)])
def test_ratios_are_those_of_the_exact_distributions(trials: int, old: float, new: float, rho: float) -> None:
    counts = np.arange(trials + 1.0)
    shares = (old, new)
    ratios = beta_binomial_log_ratio(counts, np.full_like(counts, trials), shares, rho)
    if rho:
        size = 1.0 / rho - 1.0
        parts = [stats.betabinom.logpmf(counts, trials, q * size, (1.0 - q) * size) for q in (new, old)]
    else:
        parts = [stats.binom.logpmf(counts, trials, q) for q in (new, old)]
    assert ratios == pytest.approx(parts[0] - parts[1], abs=2e-5)


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_ratios_of_volumes_are_exact_too(spread: float) -> None:
    counts = np.arange(60.0)
    ratios = negative_binomial_log_ratio(counts, (20.0, 30.0), spread)
    if spread:
        size = 1.0 / spread
        parts = [stats.nbinom.logpmf(counts, size, size / (size + mean)) for mean in (30.0, 20.0)]
    else:
        parts = [stats.poisson.logpmf(counts, mean) for mean in (30.0, 20.0)]
    assert ratios == pytest.approx(parts[0] - parts[1], abs=1e-5)


@given(st.integers(1, 400), st.floats(1e-3, 0.99), st.floats(0.0, 0.5))
def test_more_failures_are_more_evidence_on_every_rung(trials: int, share: float, rho: float) -> None:
    counts = np.arange(trials + 1.0)
    ratios = shares_of(counts, np.full_like(counts, trials), share, rho).ratios(LEVEL).log_ratios
    assert np.all(np.diff(ratios, axis=1) >= -1e-5)


@given(st.lists(st.tuples(ANYTHING, ANYTHING), min_size=1, max_size=8))
def test_no_number_breaks_the_evidence(pairs: list[tuple[float, float]]) -> None:
    counts, trials = np.array(pairs).T
    detector = TiltDetector(LEVEL)
    detector.grow(len(pairs))
    detector.update(np.arange(len(pairs)), shares_of(counts, trials, 0.08))
    assert np.isfinite(detector.top).all()


@pytest.mark.parametrize("bad", [np.nan, -1.0])
def test_a_count_that_is_none_changes_nothing(bad: float) -> None:
    counts, trials = np.array([[9.0], [bad]]), np.array([[20.0], [20.0]])
    assert fed(counts, trials).strongest() == fed(counts[:1], trials[:1]).strongest()


def test_volumes_rise_and_fall() -> None:
    rows = np.arange(3)
    counts, mean, spread = np.array([40.0, 100.0, 250.0]), np.full(3, 100.0), np.full(3, 0.001)
    for rising, strongest in ((True, 2), (False, 0)):
        detector = TiltDetector(LEVEL)
        detector.grow(3)
        detector.update(rows, Volumes(counts, mean, spread, np.full(3, rising)))
        assert detector.reaching(LEVEL, 0.0)[0].tolist() == [strongest]
        assert (detector.best_tilt(strongest) > 0.0) == rising


def test_the_ladder_spans_slow_and_sudden_changes() -> None:
    steps = ladder(np.array([0.0, 1e9]), 10.0)
    assert steps.information.shape == (RUNGS, 2)
    assert steps.information[0] == pytest.approx([10.0 / 700.0, 2.5])
    assert steps.information[-1] == pytest.approx([5.5, 5.5])


def test_levels_follow_from_the_false_alarms_a_team_accepts() -> None:
    ticks = ticks_between(2.0, 120_960.0)
    assert guaranteed_level(ticks, 1000) == pytest.approx(np.log(60_480_000.0))


def test_increments_without_attempts_change_nothing() -> None:
    counts, trials = np.array([[9.0], [0.0], [0.0]]), np.array([[20.0], [0.0], [0.0]])
    once = fed(counts[:1], trials[:1])
    assert fed(counts, trials).gathered == pytest.approx(once.gathered)
    assert once.gathered[0] > 0.0


def test_increments_without_failures_take_evidence_away() -> None:
    counts, trials = np.array([[9.0], [0.0]]), np.array([[20.0], [20.0]])
    assert fed(counts, trials).strongest() < fed(counts[:1], trials[:1]).strongest()


def test_a_change_that_cost_little_is_held_back() -> None:
    detector = fed(np.array([[9.0, 90.0]]), np.array([[20.0, 200.0]]))
    assert detector.reaching(1.0, 0.0)[0].tolist() == [0, 1]
    assert detector.reaching(1.0, 15.0)[0].tolist() == [1]


def test_a_tilt_moves_the_odds() -> None:
    assert tilted(np.array([0.5]), float(np.log(3.0))) == pytest.approx([0.75])


def test_the_mean_of_evidence_is_taken_before_the_logarithm() -> None:
    assert log_mean(np.log([[1.0, 5.0], [3.0, 5.0]])) == pytest.approx(np.log([2.0, 5.0]))
    assert np.isfinite(log_mean(np.array([[900.0], [0.0]]))).all()


@pytest.mark.parametrize(
    ("ratios", "first"), [([-1, -1, 2, 3], 2), ([1, 1], 0), ([3, -5, 2], 2), ([2, -1, 2], 0), ([-1, -1], 1)]
)
def test_a_change_begins_after_the_last_reset(ratios: list[float], first: int) -> None:
    assert onset(np.array(ratios, dtype=float)) == first


def test_dispersion_is_learned_from_noisy_counts_and_outliers_hardly_matter() -> None:
    rng = np.random.default_rng(2)
    streams, trials, rate, rho = 60, 400, 0.1, 0.01
    learned = Dispersion(1, 480, 0.003)
    learned.grow(np.zeros(streams, dtype=np.intp))
    for tick in range(300):
        shape = 1.0 / rho - 1.0
        share = rng.beta(rate * shape, (1.0 - rate) * shape, streams)
        counts = rng.binomial(trials, share)
        counts[0] = trials if tick % 50 == 0 else counts[0]
        deviation = (counts - trials * rate).astype(np.float64)
        squared: Floats = deviation**2 / (trials * rate * (1.0 - rate))
        learned.learn(squared[:, None], np.full((streams, 1), trials - 1.0), np.zeros((streams, 1)))
        learned.refresh()
    assert learned.pool[0, 0] == pytest.approx(rho, rel=0.2)
    assert learned.rho[0, 0] < 2 * rho


def test_rates_are_fitted_so_that_every_segment_gets_its_hits() -> None:
    above = [Partition(np.array(group)) for group in ([0, 0, 1, 1], [0, 1, 0, 1])]
    trials = np.array([[1e5], [2e5], [3e5], [4e5]])
    true = np.array([[0.02], [0.04], [0.06], [0.12]])
    assert fitted_rates(trials * true, trials, above) == pytest.approx(true, rel=0.01)


def test_rates_without_any_history_are_still_rates() -> None:
    nothing = np.zeros((4, 2))
    rates = fitted_rates(nothing, nothing, [Partition(np.zeros(4, dtype=np.intp))])
    assert np.all((rates > 0.0) & (rates < 1.0))
