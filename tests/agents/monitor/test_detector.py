"""The detector's promises, by simulation with fixed seeds."""

import numpy as np
import pytest

from agents.monitor.detector import RATE_TILTS, TiltDetector, binomial_cost, log_mean, onset
from agents.monitor.dispersion import Dispersion
from agents.monitor.effects import fitted_rates
from agents.monitor.streams import Rows
from payments.incident import Floats


def feed(detector: TiltDetector, counts: Floats, trials: Floats, rate: float) -> None:
    """Feed one increment, shape (rows,), to a detector."""
    rates = np.full(len(trials), rate)

    def cost(rows: Rows) -> Floats:
        return binomial_cost(trials[rows], rates[rows], RATE_TILTS)

    detector.update(counts, trials * rates, np.ones(len(trials)), cost)


def fed(counts: Floats, trials: Floats, rate: float) -> TiltDetector:
    """Feed increments of shape (ticks, rows) to a new detector."""
    detector = TiltDetector(RATE_TILTS)
    detector.grow(counts.shape[1])
    for seen, of in zip(counts, trials, strict=True):
        feed(detector, seen, of, rate)
    return detector


def test_false_alarms_stay_below_what_the_threshold_allows() -> None:
    rng = np.random.default_rng(11)
    rows, ticks, mean_time = 400, 500, 2000.0
    alarms = 0
    detector = TiltDetector(RATE_TILTS)
    detector.grow(rows)
    for _ in range(ticks):
        feed(detector, rng.binomial(50, 0.08, rows).astype(float), np.full(rows, 50.0), 0.08)
        reached, _ = detector.reaching(np.log(mean_time), 0.0)
        alarms += len(reached)
        mark = np.zeros(rows, dtype=np.bool_)
        mark[reached] = True
        detector.reset(mark)
    assert 0 < alarms <= rows * ticks / mean_time


def test_increments_without_attempts_change_nothing() -> None:
    counts, trials = np.array([[9.0], [0.0], [0.0]]), np.array([[20.0], [0.0], [0.0]])
    assert fed(counts, trials, 0.08).strongest() == fed(counts[:1], trials[:1], 0.08).strongest() > 0.0


def test_increments_without_failures_take_evidence_away() -> None:
    counts, trials = np.array([[9.0], [0.0]]), np.array([[20.0], [20.0]])
    assert fed(counts, trials, 0.08).strongest() < fed(counts[:1], trials[:1], 0.08).strongest()


def test_a_change_that_cost_little_is_held_back() -> None:
    detector = fed(np.array([[9.0, 90.0]]), np.array([[20.0, 200.0]]), 0.08)
    assert detector.reaching(1.0, 0.0)[0].tolist() == [0, 1]
    assert detector.reaching(1.0, 15.0)[0].tolist() == [1]


def test_the_mean_of_evidence_is_taken_before_the_logarithm() -> None:
    assert log_mean(np.log([[1.0, 3.0], [5.0, 5.0]])) == pytest.approx(np.log([2.0, 5.0]))
    assert np.isfinite(log_mean(np.array([900.0, 0.0])))


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
    member = np.array([[0, 1, 3], [0, 1, 4], [0, 2, 3], [0, 2, 4]])
    trials = np.array([[1e5], [2e5], [3e5], [4e5]])
    true = np.array([[0.02], [0.04], [0.06], [0.12]])
    assert fitted_rates(trials * true, trials, member, 5) == pytest.approx(true, rel=0.01)


def test_rates_without_any_history_are_still_rates() -> None:
    nothing = np.zeros((4, 2))
    rates = fitted_rates(nothing, nothing, np.zeros((4, 3), dtype=np.intp), 1)
    assert np.all((rates > 0.0) & (rates < 1.0))
