"""Levels of traffic that are taken as normal once they were reported."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor import Monitor, MonitorSettings
from agents.monitor.volume import ACCEPTED_TICKS, SETTLED_TICKS, Volume
from payments.quantity import Floats
from tests.agents.monitor.traffic import VALUES, Traffic, grid

SMALL_CELLS = grid({**VALUES, "merchant": tuple(f"m{number}" for number in range(20))})


def settled(level: Floats, ticks: float = 100.0) -> Volume:
    volume = Volume(720)
    volume.weight = np.full(len(level), ticks)
    volume.sum = level * ticks
    return volume


EVERY = np.ones(400, dtype=np.bool_)


@pytest.mark.parametrize("factor", [0.2, 3.0])
def test_one_increment_of_small_cells_moves_them_together(factor: float) -> None:
    level = np.random.default_rng(3).gamma(2.0, 0.25, 400)
    attempts = np.random.default_rng(4).poisson(factor * level).astype(np.float64)
    volume = settled(level)
    volume.accept(EVERY, attempts, ticks=1)
    assert volume.level().min() > 0.0
    assert volume.level().sum() == pytest.approx(attempts.sum(), rel=0.05)
    alike = level * (attempts.sum() / level.sum())
    assert np.abs(volume.level() / alike - 1.0).mean() < 0.25


def test_many_increments_speak_for_each_cell() -> None:
    volume = settled(np.full(400, 2.0))
    attempts = np.where(np.arange(400) < 200, 0.0, 4.0 * 600)
    volume.accept(EVERY, attempts, ticks=600)
    assert volume.level()[:200].max() < 0.01
    assert volume.level()[200:] == pytest.approx(4.0, rel=0.01)


def test_a_cell_that_is_not_settled_goes_on_settling() -> None:
    volume = settled(np.full(400, 2.0), ticks=SETTLED_TICKS - 1.0)
    volume.accept(EVERY, np.zeros(400), ticks=1)
    assert volume.level() == pytest.approx(2.0)
    assert not volume.settled().any()


@given(
    st.lists(st.tuples(st.floats(0.0, 1e6), st.integers(0, 10**6)), min_size=1, max_size=20),
    st.integers(1, 120),
)
def test_an_accepted_level_lies_between_its_own_and_the_common_change(
    cells: list[tuple[float, int]], ticks: int
) -> None:
    level, attempts = np.array(cells, dtype=np.float64).T
    volume = settled(level)
    volume.accept(np.ones(len(cells), dtype=np.bool_), attempts, ticks)
    own = attempts / ticks
    alike = level * own.sum() / max(level.sum(), 1e-9)
    after = volume.level()
    assert np.all(after >= np.minimum(own, alike) * (1.0 - 1e-9) - 1e-9)
    assert np.all(after <= np.maximum(own, alike) * (1.0 + 1e-9) + 1e-9)
    assert np.all(volume.weight <= ACCEPTED_TICKS)


def test_a_surge_found_at_once_leaves_no_small_cell_without_forecast() -> None:
    traffic, monitor = Traffic(cells=SMALL_CELLS, per_tick=300.0), Monitor(MonitorSettings())
    for _ in range(120):
        monitor.learn(traffic.next())
    everything = SMALL_CELLS.segment(0).without(*SMALL_CELLS.attributes)
    seen = [monitor.observe(traffic.next(volume=(everything, 4.0))) for _ in range(8)]
    found = [o for o in seen if o.finding]
    assert [o.finding.signals[0].kind for o in found if o.finding] == ["volume_up"]
    forecast = [
        monitor.tally(SMALL_CELLS.segment(row), since=found[0].summary.end).expected_attempts
        for row in range(len(SMALL_CELLS))
    ]
    assert min(forecast) > 0.0
