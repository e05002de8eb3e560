"""What an action did, against the share it left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor.effect import REPEATS_COME_IN_S, measure, moved_in, takes_hold_after_s
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.intervention import Stretch
from payments.outcome import Effect, Outcome
from payments.segment import Segment
from payments.tally import Tally

SCOPE = Segment.of(issuer="sbi", psp="alpha")
NOTHING = Tally()


def reroute(share: float = 0.5) -> Reroute:
    return Reroute(scope=SCOPE, from_route="alpha", to={"beta": 1.0}, share=share)


def tally(attempts: int, failure_rate: float, ticks: int = 12, payments: int | None = None) -> Tally:
    return Tally(
        attempts=attempts,
        failures=round(attempts * failure_rate),
        expected_attempts=float(attempts),
        expected_failures=attempts * 0.08,
        payments=payments,
        ticks=ticks,
    )


def seen(action: Action, before: Tally, source: Tally, target: Tally = NOTHING) -> Stretch:
    moved = moved_in(action, before, source, target, tick_s=5.0, carried_out=True)
    return Stretch(source=source, target=target, moved=moved)


def outcome(action: Action, before: Tally, source: Tally, target: Tally = NOTHING) -> Outcome:
    measured = measure(action, before=before, seen=(seen(action, before, source, target),))
    assert measured is not None
    return measured


def test_a_reroute_to_a_healthy_route_saves_the_difference_in_rates() -> None:
    found = outcome(reroute(0.5), tally(800, 0.6), source=tally(1000, 0.6), target=tally(2000, 0.08))
    assert found.effect is Effect.HELPED
    assert found.payments_saved is not None
    assert found.payments_saved.mean == pytest.approx(1000 * 0.52, rel=0.02)
    assert found.payments_saved.low < found.payments_saved.mean < found.payments_saved.high
    assert "1,000 payments moved" in found.sentence


def test_what_moved_is_estimated_from_what_stayed() -> None:
    found = outcome(reroute(0.9), tally(800, 0.6), source=tally(100, 0.6), target=tally(2000, 0.08))
    assert found.payments_saved is not None
    assert found.payments_saved.mean == pytest.approx(900 * 0.52, rel=0.05)


def test_no_more_moves_than_the_limits_let_through() -> None:
    limited = reroute(0.9).model_copy(update={"limits_per_s": {"beta": 2.0}})
    source, target = tally(900, 0.6), tally(500, 0.08)
    assert moved_in(limited, NOTHING, source, target, 5.0, carried_out=True) == pytest.approx(12 * 5.0 * 2.0)


def test_what_would_move_is_a_share_of_all_that_is_still_on_the_source() -> None:
    source, target = tally(900, 0.6), tally(500, 0.08)
    assert moved_in(reroute(0.9), NOTHING, source, target, 5.0, carried_out=False) == pytest.approx(810.0)


def test_each_step_counts_by_the_payments_it_moved() -> None:
    first = Stretch(source=tally(9000, 0.2), target=tally(2000, 0.1), moved=1000.0)
    second = Stretch(source=tally(9000, 0.8), target=tally(2000, 0.1), moved=9000.0)
    found = measure(reroute(0.9), before=NOTHING, seen=(first, second))
    assert found is not None
    assert found.payments_saved is not None
    assert found.payments_saved.mean == pytest.approx(1000 * 0.1 + 9000 * 0.7, rel=0.03)


def test_a_small_drift_of_the_targets_is_not_laid_to_the_action() -> None:
    found = outcome(reroute(0.1), tally(800, 0.5), source=tally(9000, 0.2), target=tally(60_000, 0.088))
    assert found.effect is Effect.HELPED


def test_a_reroute_to_a_worse_route_harms() -> None:
    found = outcome(reroute(), tally(800, 0.2), source=tally(1000, 0.2), target=tally(1000, 0.5))
    assert found.effect is Effect.HARMED


def test_a_reroute_that_crowds_out_the_targets_own_payments_harms() -> None:
    found = outcome(reroute(0.1), tally(800, 0.5), source=tally(900, 0.5), target=tally(9000, 0.4))
    assert found.effect is Effect.HARMED


def test_a_reroute_between_equals_has_no_effect() -> None:
    found = outcome(reroute(), NOTHING, source=tally(10_000, 0.3, 60), target=tally(10_000, 0.3, 60))
    assert found.effect is Effect.NO_EFFECT


def test_a_reroute_of_everything_is_measured_against_the_time_before() -> None:
    found = outcome(reroute(1.0), tally(1200, 0.6), source=NOTHING, target=tally(2000, 0.08, ticks=10))
    assert found.effect is Effect.HELPED
    assert found.payments_saved is not None
    assert found.payments_saved.mean == pytest.approx(1000 * 0.52, rel=0.02)
    assert "before" in found.sentence


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (NOTHING, NOTHING),
        (tally(10, 0.6, ticks=1), tally(500, 0.08)),
        (tally(500, 0.6), tally(10, 0.0, ticks=1)),
        (tally(60, 0.15, ticks=1), tally(60, 0.10, ticks=1)),
    ],
)
def test_little_evidence_is_no_outcome(source: Tally, target: Tally) -> None:
    before = tally(800, 0.6)
    assert measure(reroute(), before=before, seen=(seen(reroute(), before, source, target),)) is None


def test_a_suppressed_path_is_measured_by_the_same_demand_elsewhere() -> None:
    found = outcome(Suppress(scope=SCOPE), tally(1200, 0.9), source=NOTHING, target=tally(2000, 0.1))
    assert found.effect is Effect.HELPED


def test_a_suppressed_path_without_another_route_is_not_measured_yet() -> None:
    assert measure(Suppress(scope=SCOPE), before=tally(1200, 0.9), seen=()) is None


RETRIES = AdjustRetryPolicy(scope=SCOPE, max_attempts=2, backoff_s=30.0)


def test_fewer_attempts_for_as_many_successes_help() -> None:
    before = Tally(attempts=6000, failures=5100, payments=1000, ticks=12)
    after = Tally(attempts=1800, failures=880, payments=1000, ticks=12)
    found = outcome(RETRIES, before, after)
    assert found.effect is Effect.HELPED
    assert "6.00 before, 1.80 since" in found.sentence


def test_fewer_retries_that_lose_payments_harm() -> None:
    before = Tally(attempts=3000, failures=2100, payments=1000, ticks=12)
    after = Tally(attempts=1100, failures=600, payments=1000, ticks=12)
    assert outcome(RETRIES, before, after).effect is Effect.HARMED


def test_a_retry_policy_that_changes_nothing_has_no_effect() -> None:
    same = Tally(attempts=60_000, failures=55_000, payments=20_000, ticks=120)
    assert outcome(RETRIES, same, same).effect is Effect.NO_EFFECT


def test_what_grows_worse_with_as_many_repeats_is_not_laid_to_a_retry_policy() -> None:
    before = Tally(attempts=1010, failures=400, payments=1000, ticks=12)
    after = Tally(attempts=1650, failures=1400, payments=1000, ticks=12)
    assert measure(RETRIES, before=before, seen=(Stretch(source=after),)) is None


def test_a_retry_policy_takes_hold_when_repeats_of_before_and_its_own_have_come_in() -> None:
    assert takes_hold_after_s(RETRIES) == REPEATS_COME_IN_S + RETRIES.backoff_s
    assert takes_hold_after_s(reroute()) == 0.0


def test_without_unique_payments_success_per_attempt_decides() -> None:
    assert outcome(RETRIES, tally(3000, 0.8), tally(1500, 0.3)).effect is Effect.HELPED


@pytest.mark.parametrize("action", [Alert(scope=SCOPE, message="look"), NoAction(scope=SCOPE, reason="none")])
def test_an_action_that_touches_no_payment_is_not_measured(action: Action) -> None:
    found = outcome(action, tally(800, 0.6), tally(800, 0.6))
    assert found.effect is Effect.NOT_MEASURED
    assert found.payments_saved is None


COUNTED = st.builds(
    lambda attempts, bad, waiting, firsts, ticks: Tally(
        attempts=attempts,
        failures=int(attempts * bad),
        pending=int((attempts - int(attempts * bad)) * waiting),
        expected_failures=attempts * 0.1,
        payments=None if firsts is None else int(attempts * firsts),
        ticks=ticks,
    ),
    st.integers(0, 10**7),
    st.floats(0, 1),
    st.floats(0, 1),
    st.none() | st.floats(0, 1),
    st.integers(0, 500),
)
ACTIONS = st.sampled_from((reroute(0.05), reroute(0.5), reroute(1.0), RETRIES, Suppress(scope=SCOPE)))


@given(action=ACTIONS, before=COUNTED, source=COUNTED, target=COUNTED)
def test_intervals_are_in_order_and_agree_with_the_effect(
    action: Action, before: Tally, source: Tally, target: Tally
) -> None:
    found = measure(action, before=before, seen=(seen(action, before, source, target),))
    if found is None or found.payments_saved is None:
        return
    saved = found.payments_saved
    assert saved.low <= saved.mean <= saved.high
    assert found.effect is not Effect.HARMED or saved.high < 0.0
    assert found.effect is not Effect.NO_EFFECT or saved.low <= 0.0 <= saved.high
