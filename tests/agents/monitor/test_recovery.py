"""When a fault counts as over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor.recovery import NATS_PER_TICK, recovery_log_evidence
from payments.tally import Tally

OVER = 6.9


def tick(failures: int, attempts: int = 200, expected: float = 16.0) -> Tally:
    return Tally(attempts=attempts, failures=failures, expected_failures=expected, ticks=1)


def test_normal_traffic_speaks_for_the_end() -> None:
    assert recovery_log_evidence(tick(16), 0.6) > 0.0


def test_the_fault_speaks_against_the_end() -> None:
    assert recovery_log_evidence(tick(120), 0.6) < -OVER


def test_half_a_recovery_is_none() -> None:
    assert recovery_log_evidence(tick(68), 0.6) < 0.0


def test_pending_attempts_are_no_success() -> None:
    waiting = Tally(attempts=200, failures=16, pending=100, expected_failures=16.0, ticks=1)
    assert recovery_log_evidence(waiting, 0.6) < 0.0


def test_one_good_increment_does_not_end_a_fault() -> None:
    assert recovery_log_evidence(tick(0, attempts=100_000, expected=8000.0), 0.9) == NATS_PER_TICK < OVER


@pytest.mark.parametrize(
    ("tally", "rate"), [(Tally(), 0.5), (tick(16), None), (tick(16), 0.08), (tick(16), 0.01)]
)
def test_nothing_is_said_where_nothing_can_be_told(tally: Tally, rate: float | None) -> None:
    assert recovery_log_evidence(tally, rate) == 0.0


def test_a_real_end_is_seen_within_a_minute_and_a_lasting_fault_never() -> None:
    rng = np.random.default_rng(3)

    def ticks_until_over(rate: float) -> int | None:
        total = 0.0
        for number in range(1, 721):
            total = max(0.0, total + recovery_log_evidence(tick(int(rng.binomial(200, rate))), 0.5))
            if total >= OVER:
                return number
        return None

    ended = ticks_until_over(0.08)
    assert ended is not None
    assert ended <= 12
    assert ticks_until_over(0.5) is None
    assert ticks_until_over(0.35) is None


@given(
    attempts=st.integers(0, 10**9),
    bad=st.floats(0, 1),
    expected=st.floats(0, 1),
    rate=st.none() | st.floats(0, 1),
)
def test_evidence_is_always_a_number(attempts: int, bad: float, expected: float, rate: float | None) -> None:
    tally = Tally(
        attempts=attempts, failures=int(bad * attempts), expected_failures=expected * attempts, ticks=1
    )
    assert np.isfinite(recovery_log_evidence(tally, rate))
