"""The hours: learned over days, used only once they were seen again."""

from datetime import timedelta

import numpy as np
import pytest

from agents.monitor import Monitor, MonitorSettings
from payments.segment import Segment
from payments.window import Cells, Window
from tests.agents.monitor.traffic import START

CELLS = Cells(attributes=("psp",), keys=(("alpha",), ("beta",)))
ALL = Segment({})
HOURS = MonitorSettings(tick_s=3600.0, window_s=3600.0)


def window(hour: int, rng: np.random.Generator, attempts: int = 4000) -> Window:
    """Make an hour; by night alpha fails twice as often, and both have half the attempts."""
    night = (START.hour + hour) % 24 < 6
    made = rng.poisson(attempts * (0.5 if night else 1.0), 2)
    failures = rng.binomial(made, [0.2 if night else 0.1, 0.1])
    return Window(
        start=START + timedelta(hours=hour), duration_s=3600.0, cells=CELLS,
        attempts=made, successes=made - failures, pending=np.zeros(2, dtype=np.int64),
    )  # fmt: skip


def taught(hours: int) -> tuple[Monitor, np.random.Generator]:
    monitor, rng = Monitor(HOURS), np.random.default_rng(6)
    for hour in range(hours):
        monitor.learn(window(hour, rng))
    return monitor, rng


def expected(monitor: Monitor, hour: int, rng: np.random.Generator) -> float:
    """Give the rate expected of alpha in an hour."""
    seen = window(hour, rng)
    monitor.observe(seen)
    tally = monitor.tally(Segment.of(psp="alpha"), seen.start)
    return tally.expected_failures / tally.attempts


def test_after_two_weeks_the_night_is_expected_to_be_worse() -> None:
    monitor, rng = taught(24 * 14)
    night, day = 24 * 15 - START.hour + 2, 24 * 15 - START.hour + 12
    for hour in range(24 * 14, night - 1):
        monitor.learn(window(hour, rng))
    assert expected(monitor, night - 1, rng) > 0.15
    for hour in range(night, day):
        monitor.learn(window(hour, rng))
    assert expected(monitor, day, rng) == pytest.approx(0.1, abs=0.02)


def test_a_single_day_is_no_season() -> None:
    monitor, rng = taught(25)
    first = expected(monitor, 25, rng)
    for hour in range(26, 30):
        assert expected(monitor, hour, rng) == pytest.approx(first, rel=0.1)


def test_a_usual_night_is_no_alarm_after_two_weeks() -> None:
    monitor, rng = taught(24 * 14)
    seen = [monitor.observe(window(hour, rng)) for hour in range(24 * 14, 24 * 16)]
    assert not [observation.finding for observation in seen if observation.finding]
