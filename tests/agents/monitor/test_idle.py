"""Increments without a count are paid for at the next count: never with more evidence than one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.monitor.detector import TiltDetector
from agents.monitor.likelihood import Shares

TOLERANCE = 0.01
"""Nats that single precision and the approximations of the ratios are worth."""


def told(detector: TiltDetector, counts: int, trials: int, rates: tuple[float, float], idle: int = 0) -> None:
    columns = (np.array([value], dtype=np.float32) for value in (counts, trials, *rates, idle))
    detector.update(np.arange(1), Shares(*columns))


def made() -> TiltDetector:
    detector = TiltDetector()
    detector.grow(1)
    return detector


@settings(max_examples=30)
@given(
    history=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 9)), min_size=1, max_size=5),
    trials=st.integers(1, 200),
    share=st.floats(0.001, 0.5),
    rho=st.floats(0.0, 0.05),
)
def test_idle_increments_at_once_never_leave_more_evidence_than_one_by_one(
    history: list[tuple[int, int]], trials: int, share: float, rho: float
) -> None:
    at_once, one_by_one = made(), made()
    for idle, counts in history:
        seen = min(counts, trials)
        for _ in range(idle):
            told(one_by_one, 0, trials, (share, rho))
        told(one_by_one, seen, trials, (share, rho))
        told(at_once, seen, trials, (share, rho), idle * trials)
        assert np.all(at_once.evidence <= one_by_one.evidence + TOLERANCE)
        assert at_once.top[0] <= one_by_one.top[0] + TOLERANCE


def test_idle_increments_of_independent_trials_cost_the_same_at_once_and_one_by_one() -> None:
    at_once, one_by_one = made(), made()
    for detector in (at_once, one_by_one):
        told(detector, 6, 20, (0.05, 0.0))
    for _ in range(5):
        told(one_by_one, 0, 20, (0.05, 0.0))
    told(one_by_one, 3, 20, (0.05, 0.0))
    told(at_once, 3, 20, (0.05, 0.0), 100)
    assert np.allclose(at_once.evidence, one_by_one.evidence, atol=TOLERANCE)
    assert at_once.evidence.max() > 0.0


def test_idle_increments_lower_the_cost_of_a_change_as_much_at_once_as_one_by_one() -> None:
    at_once, one_by_one = made(), made()
    for detector in (at_once, one_by_one):
        told(detector, 9, 20, (0.05, 0.0))
    for _ in range(2):
        told(one_by_one, 0, 20, (0.05, 0.0))
    told(one_by_one, 3, 20, (0.05, 0.0))
    told(at_once, 3, 20, (0.05, 0.0), 40)
    assert one_by_one.excess[0] == pytest.approx(9.0 + 3.0 - 4 * 20 * 0.05)
    assert at_once.excess[0] == pytest.approx(one_by_one.excess[0], rel=1e-4)
