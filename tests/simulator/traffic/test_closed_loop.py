"""Actions change what happens next, for better or worse."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from payments.segment import Segment
from simulator.traffic.source import TrafficSource
from tests.simulator.traffic.made import ONSET_TICKS, add, finally_succeeded, read, source

MINUTES_5 = 60


def by_headroom(live: TrafficSource, source_route: str, share: float, scope: Segment) -> Reroute:
    """Reroute in proportion to the free capacity of the others."""
    read(live, 1)
    free = {
        route.name: max(0.0, (route.capacity_per_s or 0.0) - route.load_per_s)
        for route in live.routes(scope)
        if route.name != source_route
    }
    to = {name: per_s / sum(free.values()) for name, per_s in free.items()}
    return Reroute(scope=scope, from_route=source_route, to=to, share=share)


def gain(name: str, folder: Path, actions: Sequence[Action], seed: int = 7) -> float:
    """Payments won by the actions over five minutes, as a share of what succeeds without."""
    without = finally_succeeded(source(name, folder, seed), MINUTES_5)
    return finally_succeeded(source(name, folder, seed), MINUTES_5, *actions) / without - 1.0


@pytest.mark.parametrize("name", ["psp_outage", "expired_cert", "psp_issuer_link"])
def test_rerouting_a_fault_of_a_route_away_saves_payments(name: str, tmp_path: Path) -> None:
    live = source(name, tmp_path)
    culprit = live.truth.culprit
    action = by_headroom(live, culprit.root["psp"], 0.95, culprit)
    lost = 1.0 - add(read(live, 24)[ONSET_TICKS:]).success_rate - 0.08
    assert gain(name, tmp_path, [action]) > 0.5 * lost > 0.005


@pytest.mark.parametrize("route", ["northpay", "swiftgate"])
def test_rerouting_an_issuer_outage_saves_nothing(route: str, tmp_path: Path) -> None:
    live = source("issuer_outage", tmp_path)
    scope = Segment({**live.truth.culprit.root, "psp": route})
    action = by_headroom(live, route, 0.95, scope)
    assert gain("issuer_outage", tmp_path, [action]) == pytest.approx(0.0, abs=0.002)


def test_rerouting_in_time_saves_what_a_brown_out_would_cost_later(tmp_path: Path) -> None:
    live = source("psp_brownout", tmp_path)
    culprit = live.truth.culprit
    assert gain("psp_brownout", tmp_path, [by_headroom(live, culprit.root["psp"], 0.95, culprit)]) > 0.02


def test_rerouting_a_method_outage_saves_nothing(tmp_path: Path) -> None:
    live = source("method_outage", tmp_path)
    action = by_headroom(live, "swiftgate", 0.95, Segment({**live.truth.culprit.root, "psp": "swiftgate"}))
    assert gain("method_outage", tmp_path, [action]) == pytest.approx(0.0, abs=0.002)


def test_a_route_that_is_given_more_than_it_can_take_fails(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    small = min(live.routes(Segment({})), key=lambda route: route.capacity_per_s or 0.0).name
    for route in live.topology.routes:
        if route != small:
            action = Reroute(scope=Segment({}), from_route=route, to={small: 1.0}, share=1.0)
            live.actuator.apply(action, route, expires_after_s=600.0)
    before, after = add(read(live, 1)), add(read(live, 24)[12:], Segment.of(psp=small))
    assert after.success_rate < 0.5
    assert after.technical + after.pending / after.attempts > 0.3
    assert after.p50_ms > before.p50_ms


def test_rerouting_moves_the_named_share_and_nothing_else(tmp_path: Path) -> None:
    live, twin = source("quiet", tmp_path), source("quiet", tmp_path)
    scope = Segment.of(method="card", psp="northpay")
    live.actuator.apply(
        Reroute(scope=scope, from_route="northpay", to={"unipay": 0.75, "zenpay": 0.25}, share=0.4),
        "k",
        600.0,
    )
    moved, usual = read(live, 36), read(twin, 36)
    change = {
        psp: add(moved, Segment.of(method="card", psp=psp)).payments
        - add(usual, Segment.of(method="card", psp=psp)).payments
        for psp in live.topology.routes
    }
    total = add(usual, scope).payments
    assert change["northpay"] == pytest.approx(-0.4 * total, rel=0.1)
    assert change["unipay"] == pytest.approx(0.3 * total, rel=0.1)
    assert change["zenpay"] == pytest.approx(0.1 * total, rel=0.15)
    assert add(moved, Segment.of(method="upi")).payments == add(usual, Segment.of(method="upi")).payments


def test_a_suppressed_path_gets_no_attempt_and_its_payments_go_elsewhere(tmp_path: Path) -> None:
    live, twin = source("quiet", tmp_path), source("quiet", tmp_path)
    live.actuator.apply(Suppress(scope=Segment.of(psp="zenpay", method="upi")), "k", 600.0)
    windows, usual = read(live, 12), read(twin, 12)
    assert add(windows, Segment.of(psp="northpay")).payments > add(usual, Segment.of(psp="northpay")).payments
    assert add(windows).payments == add(usual).payments
    assert windows[0].attempts[windows[0].cells.mask(Segment.of(psp="zenpay", method="upi"))].sum() == 0


def test_payments_without_any_route_left_are_declined_without_an_attempt(tmp_path: Path) -> None:
    live, twin = source("quiet", tmp_path), source("quiet", tmp_path)
    live.actuator.apply(Suppress(scope=Segment.of(method="wallet")), "k", 600.0)
    windows, usual = read(live, 12), read(twin, 12)
    assert windows[0].attempts[windows[0].cells.mask(Segment.of(method="wallet"))].sum() == 0
    assert add(windows).payments == add(usual).payments - add(usual, Segment.of(method="wallet")).payments
    assert live.score.failed - twin.score.failed > 0.8 * add(usual, Segment.of(method="wallet")).successes


def test_suppressing_the_wrong_rule_s_path_heals_a_misrouting(tmp_path: Path) -> None:
    culprit = source("routing_misconfig", tmp_path).truth.culprit
    assert gain("routing_misconfig", tmp_path, [Suppress(scope=culprit)]) > 0.03


def test_a_storm_of_retries_ends_when_retries_are_bounded(tmp_path: Path) -> None:
    live, twin = source("retry_storm", tmp_path), source("retry_storm", tmp_path)
    merchant = live.truth.culprit
    read(live, 36)
    read(twin, 36)
    live.actuator.apply(AdjustRetryPolicy(scope=merchant, max_attempts=2, backoff_s=30.0), "k", 900.0)
    calmed, raging = add(read(live, 60)[36:], merchant), add(read(twin, 60)[36:], merchant)
    assert raging.attempts / raging.payments > 2.0
    assert calmed.attempts / calmed.payments < 1.4
    assert calmed.success_rate > 0.7 > raging.success_rate


def test_one_attempt_means_no_repeats(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    live.actuator.apply(AdjustRetryPolicy(scope=Segment({}), max_attempts=1, backoff_s=0.0), "k", 900.0)
    read(live, 13)
    total = add(read(live, 12))
    assert total.attempts == total.payments


def test_a_longer_back_off_brings_repeats_back_later(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    live.actuator.apply(AdjustRetryPolicy(scope=Segment({}), max_attempts=3, backoff_s=600.0), "k", 900.0)
    read(live, 13)
    total = add(read(live, 12))
    assert total.attempts == total.payments


def test_an_action_reverts_by_itself_at_its_expiry(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    scope = Segment.of(psp="zenpay")
    live.actuator.apply(Suppress(scope=scope), "k", expires_after_s=10.0)
    attempts = [int(window.attempts[window.cells.mask(scope)].sum()) for window in read(live, 4)]
    assert attempts[:2] == [0, 0]
    assert min(attempts[2:]) > 50


def test_a_reverted_action_stops_at_once(tmp_path: Path) -> None:
    live, twin = source("quiet", tmp_path), source("quiet", tmp_path)
    live.actuator.apply(Suppress(scope=Segment.of(psp="zenpay")), "k", 600.0)
    live.actuator.revert("k")
    assert (live.read().attempts == twin.read().attempts).all()


def test_payments_that_no_action_touches_meet_the_same_luck(tmp_path: Path) -> None:
    live, twin = source("psp_outage", tmp_path), source("psp_outage", tmp_path)
    read(live, 1)
    read(twin, 1)
    live.actuator.apply(AdjustRetryPolicy(scope=Segment({}), max_attempts=1, backoff_s=0.0), "k", 900.0)
    for ours, theirs in zip(read(live, 12), read(twin, 12), strict=True):
        assert ours.payments is not None
        assert theirs.payments is not None
        assert (ours.payments == theirs.payments).all()


def test_card_testers_do_not_count_in_the_score(tmp_path: Path) -> None:
    attacked, quiet = source("card_testing", tmp_path), source("quiet", tmp_path)
    read(attacked, 36)
    read(quiet, 36)
    assert attacked.score.success_rate == pytest.approx(quiet.score.success_rate, abs=0.005)
