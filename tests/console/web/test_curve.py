"""Curves drawn by the server."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web.record.curve import calibration, saved_over_time, wilson
from payments.incident import Incident
from payments.outcome import Effect, Outcome
from payments.plan import Interval
from tests.console.examples import NOON, closed, incident


def saving(mean: float, minutes: float = 0.0, spread: float = 3.0) -> Incident:
    saved = Interval(low=mean - spread, mean=mean, high=mean + spread)
    outcome = Outcome(effect=Effect.HELPED, payments_saved=saved, sentence="So it was.")
    return closed().model_copy(update={"outcome": outcome, "updated_at": NOON + timedelta(minutes=minutes)})


def corners(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def test_without_anything_measured_there_is_no_curve() -> None:
    assert saved_over_time([incident()]) is None


def test_savings_add_up_and_their_errors_add_in_quadrature() -> None:
    saved = saved_over_time([saving(10.0, spread=3.0), saving(20.0, 5.0, spread=4.0)])
    assert saved is not None
    assert (saved.total.low, saved.total.mean, saved.total.high) == (25.0, 30.0, 35.0)


def test_the_curve_goes_by_time_and_not_by_the_order_of_the_list() -> None:
    saved = saved_over_time([saving(20.0, 10.0), saving(10.0, 0.0), saving(5.0, 5.0)])
    assert saved is not None
    points = corners(saved.line)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert (saved.begin, saved.end) == ("2026-01-05 12:00", "2026-01-05 12:10")


def test_what_harmed_lowers_the_curve() -> None:
    saved = saved_over_time([saving(10.0), saving(-30.0, 5.0)])
    assert saved is not None
    assert corners(saved.line)[-1][1] > corners(saved.line)[0][1]
    assert saved.rules[0].words.startswith("-")


def test_what_is_no_number_is_left_out() -> None:
    assert saved_over_time([saving(float("nan"))]) is None


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=8)
)
def test_every_corner_and_rule_lies_within_the_drawing(given: list[tuple[float, float, float]]) -> None:
    saved = saved_over_time([saving(mean, minutes, spread) for mean, minutes, spread in given])
    assert saved is not None
    ys = [y for _, y in corners(saved.line) + corners(saved.area)] + [rule.y for rule in saved.rules]
    assert all(0.0 <= y <= 100.0 for y in ys)
    assert all(0.0 <= x <= 100.0 for x, _ in corners(saved.line))
    assert 2 <= len(saved.rules) <= 8


def test_classes_of_confidence_show_how_often_it_helped() -> None:
    dots = calibration([(0.97, 1.0), (0.99, 1.0), (1.0, 0.0), (0.55, 0.0)])
    assert [dot.words for dot in dots] == [
        "55 % sure: 0 of 1 helped (0 % to 73 %)",
        "98.7 % sure: 2 of 3 helped (25.4 % to 92.2 %)",
    ]
    assert dots[0].y == 92.0
    assert dots[0].low_y >= dots[0].y >= dots[0].high_y


def test_nothing_measured_gives_no_dots() -> None:
    assert calibration([]) == ()


@pytest.mark.parametrize(("hits", "tries"), [(0, 1), (1, 1), (5, 10), (1_000, 1_000)])
def test_the_interval_of_a_share_holds_it_and_stays_within_0_and_1(hits: int, tries: int) -> None:
    low, high = wilson(hits, tries)
    assert 0.0 <= low <= hits / tries <= high <= 1.0
