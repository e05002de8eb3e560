"""Whether a route that takes over is sound, told increment by increment."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor.target_test import WORSE_BY, log_ratio, weigh
from payments.intervention import TargetEvidence
from payments.tally import Tally

EACH, USUAL = 60, 0.1
BAD = 6.9


def ticks(failure_rate: float, number: int, seed: int, rho: float = 0.003) -> list[Tally]:
    """Draw increments of a target whose rates vary by `rho` around its failure rate."""
    rng = np.random.default_rng(seed)
    spread = 1.0 / rho - 1.0
    rates = rng.beta(failure_rate * spread, (1.0 - failure_rate) * spread, size=number)
    return [
        Tally(attempts=EACH, failures=int(bad), expected_failures=EACH * USUAL, ticks=1)
        for bad in rng.binomial(EACH, rates)
    ]


def first_at(tallies: list[Tally], kind: str, level: float) -> int | None:
    """Give the increment at which the evidence first reaches a level."""
    evidence = TargetEvidence()
    for number, tally in enumerate(tallies, start=1):
        evidence = weigh(evidence, tally)
        if getattr(evidence, kind) >= level:
            return number
    return None


def test_a_sound_target_is_known_within_a_minute() -> None:
    found = [first_at(ticks(USUAL, 12, seed), "sound", 1.0) for seed in range(20)]
    assert all(found)


def test_a_broken_target_is_known_within_two_increments() -> None:
    found = [first_at(ticks(0.8, 12, seed), "worse", BAD) for seed in range(20)]
    assert max(number or 99 for number in found) <= 2


def test_a_target_worse_by_fifteen_points_is_known_within_a_minute() -> None:
    found = [first_at(ticks(USUAL + WORSE_BY, 12, seed), "worse", BAD) for seed in range(20)]
    assert all(found)


def test_a_sound_target_is_hardly_ever_taken_for_a_broken_one() -> None:
    """In 100 hours of 5 s increments, at one false alarm in 1,000 increments or rarer."""
    alarms = [first_at(ticks(USUAL, 720, seed), "worse", BAD) for seed in range(100)]
    assert sum(alarm is not None for alarm in alarms) <= 72


@pytest.mark.parametrize("level", [1.0, 3.0])
def test_a_worse_target_is_taken_for_a_sound_one_no_more_often_than_promised(level: float) -> None:
    found = [first_at(ticks(USUAL + WORSE_BY, 60, seed), "sound", level) for seed in range(300)]
    assert sum(number is not None for number in found) <= math.exp(-level) * 300


def test_a_target_that_breaks_after_hours_is_known_as_fast() -> None:
    tallies = [*ticks(USUAL, 720, 3), *ticks(0.8, 12, 4)]
    evidence = TargetEvidence()
    for tally in tallies[:-10]:
        evidence = weigh(evidence, tally)
    assert evidence.worse >= BAD


def test_an_overloaded_increment_says_nothing_of_the_route() -> None:
    before = TargetEvidence(sound=0.5, worse=2.0)
    after = weigh(before, ticks(0.9, 1, 0)[0], overloaded=True)
    assert (after.sound, after.worse, after.overloaded) == (0.5, 2.0, True)
    assert not weigh(after, ticks(USUAL, 1, 0)[0]).overloaded


def test_nothing_seen_says_nothing() -> None:
    assert log_ratio(Tally()) == 0.0


def test_what_has_no_outcome_yet_counts_as_failed_beyond_the_expected() -> None:
    waiting = Tally(attempts=60, pending=40, expected_failures=6.0, expected_pending=1.0, ticks=1)
    assert log_ratio(waiting) < -5.0


@given(
    attempts=st.integers(0, 10**6),
    bad=st.floats(0, 1),
    waiting=st.floats(0, 1),
    expected=st.floats(0, 2),
)
def test_any_counts_give_a_finite_ratio(attempts: int, bad: float, waiting: float, expected: float) -> None:
    tally = Tally(
        attempts=attempts,
        failures=int(attempts * bad),
        pending=int(attempts * waiting),
        expected_failures=attempts * expected,
        ticks=1,
    )
    assert math.isfinite(log_ratio(tally))
