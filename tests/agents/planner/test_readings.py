"""Amounts, slowness and declines as the evidence tells them."""

from datetime import timedelta

import numpy as np
import pytest

from agents.planner import Planner, Readings
from agents.planner.readings import Declined
from payments.action import ActionKind
from payments.evidence import Evidence
from payments.finding import Finding, Signal
from payments.segment import Segment
from payments.window import Cells
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, AT, diagnosis, route, tally

CELLS = Cells(attributes=("network", "psp"), keys=(("visa", "alpha"), ("rupay", "alpha"), ("visa", "beta")))


def evidence(*, slow: tuple[int, ...] | None = (300, 200, 50), codes: bool = True) -> Evidence:
    counts = np.array([1000, 500, 400])
    return Evidence(
        since=AT - timedelta(seconds=60),
        until=AT,
        tick_s=5.0,
        cells=CELLS,
        attempts=counts,
        failures=counts // 2,
        pending=counts * 0,
        expected_attempts=counts.astype(float),
        expected_failures=counts * 0.1,
        expected_pending=counts * 0.0,
        codes=("05", "91") if codes else (),
        failures_by_code=np.array([[100, 400], [250, 0], [9, 9]]) if codes else None,
        slow=None if slow is None else np.array(slow),
        expected_slow=None if slow is None else counts * 0.1,
    )


def finding(*amounts: float | None) -> Finding:
    signals = tuple(
        Signal(
            kind="failures",
            segment=ALPHA,
            onset=AT,
            observed=10,
            expected=1.0,
            attempts=100,
            log_evidence=20.0,
            average_amount_minor=amount,
            currency=None if amount is None else "INR",
        )
        for amount in amounts
    )
    return Finding(at=AT, since=AT, signals=signals, threshold=10.0, ticks_learned=100)


def test_slowness_is_the_excess_of_slow_attempts_in_the_culprit() -> None:
    assert Readings.of(evidence(), finding(), ALPHA).slowed == pytest.approx((500 - 150) / 1500)
    assert Readings.of(evidence(slow=None), finding(), ALPHA).slowed == 0.0
    assert Readings.of(evidence(slow=(0, 0, 0)), finding(), ALPHA).slowed == 0.0


def test_declines_are_counted_by_scheme_and_code_the_most_frequent_first() -> None:
    assert Readings.of(evidence(), finding(), ALPHA).declined == (
        Declined(scheme="visa", code="91", count=400),
        Declined(scheme="rupay", code="05", count=250),
        Declined(scheme="visa", code="05", count=100),
    )
    assert Readings.of(evidence(codes=False), finding(), ALPHA).declined == ()


def test_the_amount_is_that_of_the_strongest_signal_that_has_one() -> None:
    read = Readings.of(evidence(), finding(None, 250.0, 900.0), ALPHA)
    assert (read.average_amount_minor, read.currency) == (250.0, "INR")
    assert Readings.of(evidence(), finding(None), ALPHA).average_amount_minor is None


def test_a_culprit_without_attempts_tells_nothing() -> None:
    nothing = Readings.of(evidence(), finding(), Segment.of(psp="gamma"))
    assert (nothing.slowed, nothing.declined) == (0.0, ())


# What slowness is worth


def brownout(slowed: float, cause: str = "psp_brownout", failure_rate: float = 0.1) -> ActionKind:
    said = diagnosis(cause, counted=tally(3000, failure_rate))
    routes = (route("alpha"), route("beta", capacity=150.0))
    return Planner().plan(situation(said, routes, readings=Readings(slowed=slowed))).action.kind


def test_a_route_that_chokes_is_left_before_its_payments_fail() -> None:
    assert brownout(0.3) is ActionKind.REROUTE
    assert brownout(0.0) is ActionKind.NONE


@pytest.mark.parametrize("cause", ["issuer_outage", "holiday_surge", "user_mix", "webhook_lag"])
def test_slowness_moves_nothing_where_another_route_would_not_help(cause: str) -> None:
    assert brownout(0.9, cause) not in {ActionKind.REROUTE, ActionKind.SUPPRESS}


def test_slowness_is_no_stake_of_a_cause_that_fails_fast() -> None:
    assert brownout(0.9, "psp_outage") is ActionKind.NONE


def test_failures_that_are_seen_count_more_than_slowness_that_may_cost_less() -> None:
    said = diagnosis("psp_brownout", counted=tally(3000, 0.6))
    routes = (route("alpha"), route("beta", capacity=150.0))
    slow, plain = (
        Planner().plan(situation(said, routes, readings=Readings(slowed=share))).payments_saved
        for share in (0.2, 0.0)
    )
    assert slow == plain
