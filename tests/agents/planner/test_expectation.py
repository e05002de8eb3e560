"""What a plan promises, and whether it was kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner import Planner
from agents.planner.expectation import Met, met
from payments.action import NoAction, Suppress
from payments.diagnosis import Diagnosis
from payments.outcome import Effect, Outcome
from payments.plan import Expectation, Interval, Plan
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, ROUTES, diagnosis, reroute, route, tally

PROMISE = Expectation(
    success_rate=Interval(low=0.85, mean=0.9, high=0.95),
    success_rate_without=Interval(low=0.05, mean=0.1, high=0.15),
    saved_per_min=Interval(low=100.0, mean=120.0, high=140.0),
    tells_after_s=60.0,
)


def promised(said: Diagnosis | None = None) -> Expectation:
    roomy = (ROUTES[0], route("beta", capacity=500.0))
    expects = Planner().plan(situation(said, roomy)).expects
    assert expects is not None
    return expects


def came(low: float, high: float) -> Outcome:
    saved = Interval(low=low, mean=(low + high) / 2, high=high)
    return Outcome(effect=Effect.HELPED, payments_saved=saved, sentence="So it was.")


def test_a_reroute_promises_the_success_of_its_targets() -> None:
    expects = promised(diagnosis(confidence=1.0))
    assert expects.success_rate.mean == pytest.approx(0.9, abs=0.005)
    assert expects.success_rate_without.mean == pytest.approx(0.1)
    # 49 attempts a second gain 0.8 each, less 0.2 % lost by moving.
    assert expects.saved_per_min.mean == pytest.approx(49.0 * 60.0 * (0.8 - 0.002))


def test_less_sure_diagnoses_promise_less_and_more_vaguely() -> None:
    sure, unsure = (
        promised(diagnosis(confidence=p, rivals=(("issuer_outage", 1.0 - p),))).success_rate
        for p in (1.0, 0.8)
    )
    assert unsure.mean < sure.mean
    assert unsure.low < sure.low


def test_a_small_effect_takes_longer_to_tell_than_a_large_one() -> None:
    large, small = (promised(diagnosis(counted=tally(3000, rate))).tells_after_s for rate in (0.9, 0.12))
    assert large < small <= 900.0


def test_what_touches_no_payment_promises_nothing() -> None:
    plan = Planner().replan(situation(), NoAction(scope=ALPHA, reason="Later."))
    assert plan.expects is None
    assert Planner().plan(situation(diagnosis("acs_outage"))).expects is None


def test_a_suppression_promises_the_success_of_the_other_routes() -> None:
    plan = Planner().replan(situation(diagnosis(counted=tally(600))), Suppress(scope=ALPHA))
    assert plan.expects is not None
    assert plan.expects.success_rate.mean > 0.7


@pytest.mark.parametrize(
    ("outcome", "seconds", "verdict"),
    [
        (came(220.0, 260.0), 120.0, Met.AS_EXPECTED),
        (came(100.0, 201.0), 120.0, Met.AS_EXPECTED),
        (came(100.0, 199.0), 120.0, Met.WORSE),
        (came(281.0, 400.0), 120.0, Met.BETTER),
        (came(0.0, 1.0), 59.0, Met.TOO_EARLY),
        (came(0.0, 1.0), 0.0, Met.TOO_EARLY),
        (came(0.0, 1.0), float("nan"), Met.TOO_EARLY),
        (Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence="?"), 120.0, Met.TOO_EARLY),
    ],
)
def test_a_promise_is_broken_only_when_the_intervals_lie_apart(
    outcome: Outcome, seconds: float, verdict: Met
) -> None:
    assert met(PROMISE, outcome, in_force_s=seconds) is verdict


def test_a_canary_is_held_to_its_share_of_the_promise() -> None:
    outcome = came(20.0, 30.0)
    assert met(PROMISE, outcome, in_force_s=120.0) is Met.WORSE
    assert met(PROMISE, outcome, in_force_s=1200.0, extent=0.01) is Met.TOO_EARLY
    assert met(PROMISE, came(220.0, 260.0), in_force_s=1200.0, extent=0.1) is Met.AS_EXPECTED


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.7, 0.8, Met.WORSE), (0.8, 0.9, Met.AS_EXPECTED), (0.96, 0.99, Met.BETTER)],
)
def test_the_measured_success_of_the_touched_payments_decides_where_it_is_known(
    low: float, high: float, verdict: Met
) -> None:
    rate = Interval(low=low, mean=(low + high) / 2, high=high)
    assert met(PROMISE, came(240.0, 250.0), in_force_s=120.0, success_rate=rate) is verdict


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e9, 1e9),
    st.floats(0.0, 1e9),
)
def test_any_outcome_gets_an_answer(seconds: float, extent: float, low: float, width: float) -> None:
    assert met(PROMISE, came(low, low + width), in_force_s=seconds, extent=extent) in Met


def promise_of(plan: Plan) -> Expectation:
    assert plan.expects is not None
    return plan.expects


def test_an_edited_action_has_a_promise_of_its_own() -> None:
    little, more = (promise_of(Planner().replan(situation(), reroute(share))) for share in (0.1, 0.2))
    assert more.saved_per_min.mean == pytest.approx(2.0 * little.saved_per_min.mean)
    assert more.success_rate.mean == pytest.approx(little.success_rate.mean)
