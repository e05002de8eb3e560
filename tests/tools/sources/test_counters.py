"""Counters of Prometheus: what they grew by is counted once, through resets, new series and gaps."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tools.sources.prometheus.counters import Counters, Labels

SERIES: Labels = (("psp", "a"),)


def grown(counters: Counters, values: dict[int, float], steps: int) -> list[tuple[int, float]]:
    return [(growth.step, growth.by) for _, growth in counters.growth({SERIES: values}, steps)]


def test_growth_is_the_difference_of_neighbours() -> None:
    assert grown(Counters(), {0: 10, 1: 12, 2: 12, 3: 20}, 3) == [(0, 2), (1, 0), (2, 8)]


def test_a_counter_that_falls_counts_from_zero_again() -> None:
    assert grown(Counters(), {0: 10, 1: 3, 2: 4}, 2) == [(0, 3), (1, 1)]


def test_a_series_that_was_never_seen_began_at_zero() -> None:
    assert grown(Counters(), {2: 7, 3: 9}, 3) == [(1, 7), (2, 2)]


def test_what_was_there_at_the_first_instant_is_taken_as_given() -> None:
    assert grown(Counters(), {0: 1_000_000, 1: 1_000_001}, 1) == [(0, 1)]


def test_what_grew_while_nothing_was_scraped_is_not_placed_in_time() -> None:
    counters = Counters()
    assert grown(counters, {0: 10, 1: 12, 4: 30, 5: 31}, 5) == [(0, 2), (4, 1)]
    assert counters.unplaced == 18


def test_a_gap_is_known_across_questions() -> None:
    counters = Counters()
    grown(counters, {0: 10, 1: 12}, 1)
    assert grown(counters, {1: 50, 2: 51}, 2) == [(1, 1)]
    assert counters.unplaced == 38


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 1_000)), min_size=2, max_size=20),
    st.integers(1, 18),
)
def test_asking_in_two_parts_gives_the_same_as_asking_once(increments: list[int | None], cut: int) -> None:
    values, total = {}, 0
    for place, by in enumerate(increments):
        total += by or 0
        if by is not None:
            values[place] = float(total)
    steps = len(increments) - 1
    cut = min(cut, steps)
    whole, parts = Counters(), Counters()
    once = sum(by for _, by in grown(whole, values, steps))
    first = {place: value for place, value in values.items() if place <= cut}
    second = {place - cut: value for place, value in values.items() if place >= cut}
    twice = sum(by for _, by in grown(parts, first, cut)) + sum(
        by for _, by in grown(parts, second, steps - cut)
    )
    assert math.isclose(once + whole.unplaced, twice + parts.unplaced)
