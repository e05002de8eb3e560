"""The limit against simulation and known values; the peers against the library they stand for."""

import math
from pathlib import Path

import numpy as np
import pytest
from river.drift import PageHinkley as RiverPageHinkley

from bench.detection.cells import RUN_LENGTH, Traffic
from bench.detection.chain import Walk, exact_limit
from bench.detection.delays import guaranteed_level
from bench.detection.frontier import Pair, threshold_delay
from bench.detection.methods import PageHinkley, table_of
from bench.detection.plot import draw_delays, lines

BEFORE = 0.08


def simulated(traffic: Traffic, share: float, barrier: float, after: float) -> float:
    """Give the mean ticks that the CUSUM of a known change takes from zero, over 2,000 streams."""
    rng, streams = np.random.default_rng(5), 2000
    table = traffic.log_ratios(BEFORE, after)
    walk, at, tick = np.zeros(streams), np.zeros(streams), 0
    while not at.all():
        tick += 1
        walk = np.maximum(walk + table[traffic.draw(rng, share, streams)], 0.0)
        at[(walk >= barrier) & (at == 0)] = tick
    return float(at.mean())


@pytest.mark.parametrize("rho", [0.0, 0.01])
@pytest.mark.parametrize(("attempts", "after"), [(20, 0.15), (200, 0.15), (20, 0.5)])
def test_the_chain_gives_the_run_lengths_that_simulation_gives(
    attempts: int, after: float, rho: float
) -> None:
    traffic, barrier = Traffic(attempts, rho), 2.21
    table = traffic.log_ratios(BEFORE, after)
    for share in (BEFORE, after):
        exact = Walk(table, traffic.chances(share)).run_length(barrier)
        assert simulated(traffic, share, barrier, after) == pytest.approx(exact, rel=0.08)


@pytest.mark.parametrize(
    ("attempts", "success", "limit"), [(20, 0.85, 13.9), (200, 0.90, 14.9), (5000, 0.91, 3.01)]
)
def test_limits_are_those_of_the_literature_s_oracle(attempts: int, success: float, limit: float) -> None:
    traffic = Traffic(attempts, 0.0)
    after = 1.0 - success
    found = exact_limit(
        traffic.log_ratios(BEFORE, after), traffic.chances(BEFORE), traffic.chances(after), RUN_LENGTH
    )
    assert found.worst == pytest.approx(limit, rel=0.01)
    assert found.after_quiet <= found.worst


def test_the_steady_rate_is_no_lower_than_one_over_the_run_length() -> None:
    traffic = Traffic(20, 0.0)
    walk = Walk(traffic.log_ratios(BEFORE, 0.15), traffic.chances(BEFORE))
    assert 1.0 <= walk.steady_rate(4.0) * walk.run_length(4.0) < 1.1


@pytest.mark.parametrize("attempts", [20, 5000])
def test_the_guaranteed_level_is_close_to_the_logarithm_of_the_run_length(attempts: int) -> None:
    traffic = Traffic(attempts, 0.0)
    table = table_of(traffic, BEFORE, math.log(RUN_LENGTH))
    level = guaranteed_level(table, traffic.chances(BEFORE), RUN_LENGTH)
    assert level == pytest.approx(math.log(RUN_LENGTH), abs=0.3)


def test_the_threshold_on_one_tick_is_as_quick_as_its_tail_is_heavy() -> None:
    above = [sum(math.comb(20, f) * p**f * (1 - p) ** (20 - f) for f in range(8, 21)) for p in (0.08, 0.5)]
    seven = [math.comb(20, 7) * p**7 * (1 - p) ** 13 for p in (0.08, 0.5)]
    drawn = (1e-4 - above[0]) / seven[0]
    assert 0.0 < drawn < 1.0
    delay = 1.0 / (above[1] + drawn * seven[1])
    assert threshold_delay(Traffic(20, 0.0), 0.5) == pytest.approx(delay, rel=1e-9)


def test_no_detector_beats_the_cusum_that_knows_the_change() -> None:
    pair = Pair(Traffic(20, 0.0), (0.5, 0.85))
    contest, (_, limit) = pair.contest(30), pair.limits()
    only_the_second = (0.0, 0.5)
    assert contest.surplus((1.2, 0.98 * limit), only_the_second) > 0.0
    assert contest.surplus((1.2, 1.001 * limit), only_the_second) < 0.0


def test_a_detector_as_quick_as_a_threshold_cannot_be_near_the_limit_elsewhere() -> None:
    pair = Pair(Traffic(20, 0.0), (0.5, 0.85))
    contest, limits, multipliers = pair.contest(30), pair.limits(), (16.1, 2.6)
    assert contest.surplus((threshold_delay(pair.traffic, 0.5), 1.15 * limits[1]), multipliers) > 0.0
    assert contest.surplus((1.15 * limits[0], 1.15 * limits[1]), multipliers) < 0.0


def test_page_hinkley_over_many_streams_is_river_s() -> None:
    rng = np.random.default_rng(8)
    values = np.concatenate([rng.binomial(20, 0.08, 200), rng.binomial(20, 0.2, 60)]) / 20
    river, ours = RiverPageHinkley(threshold=0.8, mode="up"), PageHinkley(0.005)
    for tick, value in enumerate(values):
        river.update(float(value))  # type: ignore[no-untyped-call]  # river has no types
        alarmed = bool(ours.step(np.array([value]))[0] > 0.8)
        assert alarmed == river.drift_detected
        if alarmed:
            assert tick > 30
            return
    pytest.fail("neither found the change")


def test_the_plot_has_a_line_for_each_method_and_the_limit(tmp_path: Path) -> None:
    rows = [
        {"method": "payops", "n": n, "p1": p1, "rho": 0.0, "guaranteed": False, "delay": 2.0, "limit": 1.5}
        for n in (20, 200)
        for p1 in (0.85, 0.5, 0.90, 0.91)
    ]
    assert lines(rows, 0.85) == {"payops": [(20, 2.0), (200, 2.0)], "limit": [(20, 1.5), (200, 1.5)]}
    draw_delays(rows, tmp_path / "delays.png")
    assert (tmp_path / "delays.png").stat().st_size > 10_000
