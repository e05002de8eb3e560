"""Thresholds, and the person behind them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil

import numpy as np
import pytest

from bench.crew.policies.policy import Move, Policy
from bench.crew.policies.runbook import Finding, follow
from bench.crew.policies.static_threshold import MEDIAN_S, StaticThreshold, time_to_act_s
from bench.crew.policies.threshold import Threshold
from payments.action import AdjustRetryPolicy, Alert, Reroute
from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage

ROUTES = (
    Route(name="a", capacity_per_s=10.0, load_per_s=5.0, success_rate=0.9),
    Route(name="b", capacity_per_s=20.0, load_per_s=10.0, success_rate=0.9),
)
ON_ROUTE = Segment.of(psp="a", issuer="x")
HISTORY = timedelta(seconds=300.0)


def window(attempts: int, successes: int) -> Window:
    rows = [{"attributes": {"psp": "a"}, "attempts": attempts, "successes": successes, "payments": attempts}]
    rows += [{"attributes": {"psp": "b"}, "attempts": 100, "successes": 90, "payments": 100}]
    return Window.parse({"start": "2026-03-02T09:00:00Z", "duration_s": 5.0, "rows": rows})


@pytest.mark.parametrize(
    ("attempts", "successes", "alarms"),
    [(1_000, 799, True), (1_000, 801, False), (49, 0, False), (50, 0, True)],
)
def test_the_alarm_wants_ten_points_and_fifty_attempts(attempts: int, successes: int, alarms: bool) -> None:
    threshold = Threshold()
    cells = window(1_000, 900).cells
    threshold.add(window(1_000, 900).model_copy(update={"cells": cells}), learn=True)
    for _ in range(59):  # the past leaves the five minutes
        threshold.add(window(0, 0).model_copy(update={"cells": cells}), learn=False)
    threshold.add(window(attempts, successes).model_copy(update={"cells": cells}), learn=False)
    alarm = threshold.alarm()
    assert (alarm is not None and alarm.segment == Segment.of(psp="a")) is alarms


def test_the_runbook_moves_payments_off_a_route_up_to_the_limit_of_the_others() -> None:
    action = follow(Finding(ON_ROUTE, retries=1.0, drop=0.5, customers_own=0.1), ROUTES, ())
    assert isinstance(action, Reroute)
    assert (action.from_route, action.scope, action.to) == ("a", Segment.of(issuer="x"), {"b": 1.0})
    assert action.limits_per_s == {"b": pytest.approx(9.0)}


@pytest.mark.parametrize(
    ("finding", "does"),
    [
        (Finding(Segment.of(merchant="m"), retries=2.0, drop=0.5, customers_own=0.1), AdjustRetryPolicy),
        (Finding(Segment.of(issuer="x"), retries=1.0, drop=0.5, customers_own=0.1), Alert),
        (Finding(ON_ROUTE, retries=1.0, drop=0.5, customers_own=0.7), type(None)),
        (Finding(ON_ROUTE, retries=1.0, drop=0.01, customers_own=0.1), type(None)),
    ],
)
def test_the_runbook_goes_by_what_is_seen(finding: Finding, does: type) -> None:
    assert isinstance(follow(finding, ROUTES, ()), does)


@pytest.mark.parametrize(
    ("planned", "moves"),
    [
        (Segment.of(psp="a"), False),
        (ON_ROUTE, False),
        (Segment.of(psp="b"), True),
        (Segment.of(psp="a", issuer="y"), True),
    ],
)
def test_the_runbook_leaves_alone_what_lies_within_a_planned_downtime(planned: Segment, moves: bool) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    downtime = Maintenance(segment=planned, start=noon, end=noon + timedelta(hours=1), note="New servers.")
    action = follow(Finding(ON_ROUTE, retries=1.0, drop=0.5, customers_own=0.1), ROUTES, (downtime,))
    assert (action is not None) is moves


def test_half_of_the_people_need_more_than_twenty_minutes_and_hardly_any_an_hour() -> None:
    rng = np.random.default_rng(11)
    taken_s = [time_to_act_s(rng) for _ in range(4_001)]
    assert MEDIAN_S == 20 * 60
    assert float(np.median(taken_s)) == pytest.approx(MEDIAN_S, rel=0.03)
    assert min(taken_s) > 120.0
    assert float(np.mean(np.array(taken_s) > 3_600.0)) < 0.03


def person(seed: int) -> Callable[[Stage], Policy]:
    return lambda stage: StaticThreshold(np.random.default_rng(seed), stage.now + HISTORY)


@pytest.fixture
def roomy(fault: Callable[[str], Scenario]) -> Callable[[str], Scenario]:
    """Give a scenario whose other routes take all that is moved."""

    def given(name: str) -> Scenario:
        of = fault(name)
        return replace(of, world=replace(of.world, capacity_range=(3.0, 3.0)))

    return given


Play = Callable[..., tuple[list[Move], Stage]]


def ticks_that(moves: list[Move], told: str) -> list[int]:
    return [number for number, move in enumerate(moves) if told in move.said]


def test_a_person_acts_on_the_right_route_when_their_time_is_up(
    roomy: Callable[[str], Scenario], play: Play
) -> None:
    moves, stage = play(replace(roomy("psp_outage"), duration_s=4_000.0), person(1), 600)
    (called,), (acted,) = ticks_that(moves, "alarm"), ticks_that(moves, "follows the runbook")
    assert acted - called == ceil(time_to_act_s(np.random.default_rng(1)) / stage.tick_s)
    assert not any(move.actions for move in moves[:acted])
    action = moves[acted].actions[0]
    assert isinstance(action, Reroute)
    assert action.from_route == stage.truth.culprit.role("route")


def test_the_reroute_is_undone_at_the_first_look_that_finds_its_source_well(
    roomy: Callable[[str], Scenario], play: Play
) -> None:
    moves, stage = play(replace(roomy("psp_outage"), duration_s=2_400.0), person(1), 700)
    (acted,), (undone,) = ticks_that(moves, "follows the runbook"), ticks_that(moves, "undoes it")
    over = 2_460.0 / stage.tick_s
    assert over < undone <= over + 2 * 300.0 / stage.tick_s
    assert (undone - acted) % (300.0 / stage.tick_s) == 0
    assert not any(move.actions for move in moves[undone:])


def test_who_arrives_when_it_is_over_does_nothing(roomy: Callable[[str], Scenario], play: Play) -> None:
    moves, _ = play(roomy("psp_outage"), person(1), 400)
    assert ticks_that(moves, "finds nothing to do")
    assert not any(move.actions for move in moves)


def test_nobody_moves_payments_off_a_route_in_a_planned_downtime(
    roomy: Callable[[str], Scenario], play: Play
) -> None:
    moves, stage = play(replace(roomy("planned_maintenance"), duration_s=4_000.0), person(1), 600)
    assert stage.planned(stage.now)
    assert ticks_that(moves, "finds nothing to do")
    assert not any(move.actions for move in moves)
