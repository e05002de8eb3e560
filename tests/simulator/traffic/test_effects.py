"""When effects hold, and how strongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.segment import Segment
from simulator.traffic.effects import Effect, Surges

TICK_S = 5.0


def effect(**course: float) -> Effect:
    return Surges(Segment({}), 2.0, **course)


@pytest.mark.parametrize(
    ("course", "since_s", "level"),
    [
        ({}, 0.0, 1.0),
        ({}, -5.0, 0.0),
        ({}, -2.5, 0.5),
        ({"from_s": 60.0}, 57.0, 0.4),
        ({"until_s": 60.0}, 58.0, 0.4),
        ({"until_s": 60.0}, 60.0, 0.0),
        ({"strength": 0.3}, 100.0, 0.3),
        ({"rise_s": 100.0}, 47.5, 0.5),
        ({"rise_s": 100.0, "strength": 1.4}, 200.0, 1.4),
        ({"rise_s": 100.0, "from_s": 50.0}, 97.5, 0.5),
        ({"period_s": 100.0, "on_share": 0.5}, 45.0, 1.0),
        ({"period_s": 100.0, "on_share": 0.5}, 50.0, 0.0),
        ({"period_s": 100.0, "on_share": 0.5}, 100.0, 1.0),
        ({"period_s": 2.0, "on_share": 0.5}, 0.0, 0.5),
    ],
)
def test_an_effect_holds_for_the_part_of_an_increment_that_its_course_says(
    course: dict[str, float], since_s: float, level: float
) -> None:
    assert effect(**course).level(since_s, TICK_S) == pytest.approx(level, abs=0.11)


seconds = st.floats(0.0, 1e6)


@given(
    since_s=st.floats(-1e6, 1e6),
    from_s=seconds,
    rise_s=seconds,
    period_s=st.floats(0.1, 1e6),
    on_share=st.floats(0.0, 1.0),
    strength=st.floats(0.0, 10.0),
)
def test_no_course_goes_below_nothing_or_above_its_strength(
    since_s: float, from_s: float, rise_s: float, period_s: float, on_share: float, strength: float
) -> None:
    held = effect(from_s=from_s, rise_s=rise_s, period_s=period_s, on_share=on_share, strength=strength)
    assert 0.0 <= held.level(since_s, TICK_S) <= strength * (1 + 1e-9)
