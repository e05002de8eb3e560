"""Intervals that hold at every look."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor.confidence import reach
from agents.monitor.effect import ALPHA, measure
from payments.action import Reroute
from payments.intervention import Stretch
from payments.segment import Segment
from payments.tally import Tally

SCOPE = Segment.of(psp="a")
REROUTE = Reroute(scope=SCOPE, from_route="a", to={"b": 1.0}, share=0.5)
RUNS, LOOKS, EACH, RATE = 300, 120, 40, 0.7


def first_wrong_looks(half_width: float | None) -> int:
    """Count the runs in which the interval of a rate without any change leaves the truth out at some look."""
    rng = np.random.default_rng(5)
    sums = rng.binomial(EACH, RATE, size=(RUNS, LOOKS)).cumsum(axis=1)
    counts = EACH * np.arange(1, LOOKS + 1)
    sd = np.sqrt(RATE * (1 - RATE) / counts)
    width = np.array([reach(one, ALPHA) for one in sd]) if half_width is None else half_width * sd
    return int((np.abs(sums / counts - RATE) > width).any(axis=1).sum())


def test_looking_at_each_increment_is_wrong_no_more_often_than_promised() -> None:
    assert first_wrong_looks(None) <= ALPHA * RUNS


def test_an_interval_for_one_look_would_be_wrong_far_more_often() -> None:
    assert first_wrong_looks(1.645) > 3 * ALPHA * RUNS


def test_an_action_without_effect_is_seldom_said_to_have_one() -> None:
    rng = np.random.default_rng(11)
    wrong = sum(any_effect_is_told(rng) for _ in range(100))
    assert wrong <= ALPHA * 100


def any_effect_is_told(rng: np.random.Generator) -> bool:
    """Let a reroute between equals run for ten minutes, with rates that vary from increment to increment."""
    whole = Stretch()
    spread = 1.0 / 0.003 - 1.0
    for _ in range(120):
        rates = rng.beta(0.3 * spread, 0.7 * spread, size=2)
        source, target = (
            Tally(attempts=60, failures=int(bad), expected_failures=18.0, ticks=1)
            for bad in rng.binomial(60, rates)
        )
        whole += Stretch(source=source, target=target, moved=60.0)
        found = measure(REROUTE, before=Tally(), seen=(whole,))
        if found is not None and found.effect in {"helped", "harmed"}:
            return True
    return False


@given(sd=st.floats(1e-6, 0.5), alpha=st.floats(0.001, 0.3))
def test_it_is_wider_than_an_interval_for_one_look(sd: float, alpha: float) -> None:
    assert math.isfinite(reach(sd, alpha))
    assert reach(sd, alpha) > sd * math.sqrt(2.0 * math.log(1.0 / alpha))


def test_it_narrows_as_evidence_grows() -> None:
    widths = [reach(0.5 / math.sqrt(n), ALPHA) for n in range(30, 100_000, 997)]
    assert widths == sorted(widths, reverse=True)
    assert reach(0.03, ALPHA) / 0.03 == pytest.approx(2.76, abs=0.01)
