"""Counts of the last outcomes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crew.policies.dimensions import Tally
from bench.crew.policies.outcomes import Discounted, LastOutcomes

TICKS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60)


def tally(decided: float, succeeded: float) -> Tally:
    return Tally(np.array([[decided]]), np.array([[succeeded]]))


@given(TICKS, st.integers(1, 100))
def test_the_latest_ticks_that_hold_so_many_outcomes_count_and_no_others(
    ticks: list[tuple[int, int]], most: int
) -> None:
    counted = LastOutcomes((1, 1), most)
    for decided, succeeded in ticks:
        counted.add(tally(decided, min(decided, succeeded)))
    first = len(ticks) - 1
    while first > 0 and sum(n for n, _ in ticks[first:]) < most:
        first -= 1
    assert counted.tally.decided[0, 0] == sum(n for n, _ in ticks[first:])
    assert counted.tally.succeeded[0, 0] == sum(min(n, s) for n, s in ticks[first:])


def test_each_cell_is_counted_by_itself() -> None:
    counted = LastOutcomes((1, 2), 10)
    for _ in range(30):
        counted.add(Tally(np.array([[10.0, 1.0]]), np.array([[5.0, 1.0]])))
    assert counted.tally.decided.tolist() == [[10.0, 10.0]]


def test_outcomes_of_two_hours_ago_are_forgotten() -> None:
    counted = LastOutcomes((1, 1), 1_000)
    counted.add(tally(7, 7))
    for _ in range(1_440):
        counted.add(tally(0, 0))
    assert counted.tally.decided[0, 0] == 0.0


def test_discounted_outcomes_count_half_after_their_half_life() -> None:
    counted = Discounted((1, 1), half_life_ticks=4.0)
    counted.add(tally(8, 4))
    for _ in range(4):
        counted.add(tally(0, 0))
    assert counted.tally.decided[0, 0] == pytest.approx(4.0)
    assert counted.tally.succeeded[0, 0] == pytest.approx(2.0)
