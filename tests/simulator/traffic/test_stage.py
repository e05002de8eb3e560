"""The stage: the same world without switches; late increments; broken backups; what is counted."""

import pickle
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.config import LateReports
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Backup
from simulator.traffic.score import Score
from simulator.traffic.stage import Stage
from tests.simulator.traffic.made import BRIEF, ONSET_TICKS, add, read, source

LATE = replace(BRIEF, late=LateReports(share=0.2, after_s=20.0))
REROUTE = Reroute(
    scope=Segment.of(psp="northpay"), from_route="northpay", to={"unipay": 0.75, "zenpay": 0.25}, share=0.9
)


def steps(stage: Stage, ticks: int, *actions: Action) -> list[Window]:
    return [stage.step(actions) for _ in range(ticks)]


def test_a_stage_plays_what_a_source_plays(tmp_path: Path) -> None:
    live, stage = source("psp_outage", tmp_path), Stage("psp_outage", 7, BRIEF)
    live.read()
    live.actuator.apply(REROUTE, "key", 3600.0)
    theirs, ours = read(live, 20), steps(stage, 1) + steps(stage, 20, REROUTE)
    for their, our in zip(theirs, ours[1:], strict=True):
        assert np.array_equal(their.successes, our.successes)
    assert live.score == stage.score


def test_actions_hold_only_in_the_step_that_names_them() -> None:
    stage, twin = Stage("quiet", 7, BRIEF), Stage("quiet", 7, BRIEF)
    steps(stage, 3, Suppress(scope=Segment.of(psp="northpay")))
    steps(twin, 3)
    window, usual = stage.step(), twin.step()
    assert window.payments is not None
    assert usual.payments is not None
    northpay = window.cells.mask(Segment.of(psp="northpay"))
    assert int(window.payments[northpay].sum()) == int(usual.payments[northpay].sum()) > 0


def test_scores_of_two_stretches_add_up_to_that_of_both() -> None:
    stage = Stage("psp_outage", 7, BRIEF)
    steps(stage, 5)
    first = stage.score
    steps(stage, 20)
    assert first + (stage.score - first) == stage.score
    assert (stage.score - first).firsts > 0
    assert Score() + first == first


def test_every_payment_is_decided_once_or_waits_for_its_repeat() -> None:
    stage = Stage("quiet", 7, replace(BRIEF, retry_after_s=(5.0, 10.0)))
    steps(stage, 60)
    score = stage.score
    assert score.firsts - (score.succeeded + score.failed) == pytest.approx(0.0, abs=60)
    assert score.firsts < score.attempts < 1.1 * score.firsts
    assert score.firsts_succeeded < score.succeeded


def test_amounts_and_fees_are_those_of_what_went_through() -> None:
    stage = Stage("quiet", 7, BRIEF)
    windows = steps(stage, 30)
    score = stage.score
    attempted = add([*Stage("quiet", 7, BRIEF).history(), *windows]).amount_minor
    assert 0.85 * attempted < score.succeeded_minor < attempted
    bps = 10_000.0 * score.fees_minor / score.succeeded_minor
    assert stage.topology.fee_bps.min() <= bps <= stage.topology.fee_bps.max()


def test_the_struck_payments_are_the_same_whatever_is_done_about_them() -> None:
    stage, twin = Stage("psp_outage", 3, BRIEF), Stage("psp_outage", 3, BRIEF)
    culprit = stage.truth.culprit.root["psp"]
    others = [name for name in stage.topology.routes if name != culprit]
    away = REROUTE.model_copy(
        update={"scope": stage.truth.culprit, "from_route": culprit, "to": {others[0]: 0.5, others[1]: 0.5}}
    )
    steps(stage, 60, away)
    steps(twin, 60)
    ours, theirs = stage.score, twin.score
    struck = ours.struck_succeeded + ours.struck_failed
    assert struck == pytest.approx(theirs.struck_succeeded + theirs.struck_failed, rel=0.02)
    assert ours.struck_succeeded > 1.2 * theirs.struck_succeeded
    assert ours.moved > 0.5 * struck
    assert theirs.moved == 0


def test_what_a_suppression_declines_is_counted_as_failed() -> None:
    stage = Stage("quiet", 7, BRIEF)
    steps(stage, 1)
    before = stage.score
    steps(stage, 3, Suppress(scope=Segment.of(method="card")))
    done = stage.score - before
    assert done.failed > 0.6 * done.firsts
    assert done.attempts < 0.5 * done.firsts


def test_nobody_is_struck_in_a_quiet_world() -> None:
    stage = Stage("quiet", 7, BRIEF)
    steps(stage, 5)
    assert stage.score.struck_succeeded == stage.score.struck_failed == 0


def test_repeats_beyond_what_a_scheme_allows_are_counted() -> None:
    stubborn = replace(BRIEF, retry_share=1.0, retry_after_s=(5.0, 5.0), success_rate=0.02)
    few, many = (Stage("quiet", 7, replace(stubborn, max_attempts=most)) for most in (10, 12))
    for stage in (few, many):
        steps(stage, 30)
    assert few.score.retries_beyond_limits == 0
    assert many.score.retries_beyond_limits > 0


def test_late_increments_come_out_of_order_and_none_is_lost_or_given_twice() -> None:
    stage, twin = Stage("quiet", 7, LATE), Stage("quiet", 7, BRIEF)
    windows, usual = steps(stage, 100), steps(twin, 100)
    starts = [window.start for window in windows]
    late = [one for one, next_one in pairwise(starts) if next_one < one]
    assert 5 <= len(late) <= 30
    assert len(set(starts)) == 100
    by_start = {window.start: window for window in windows}
    for window in usual[:90]:
        assert np.array_equal(by_start[window.start].attempts, window.attempts)


def test_a_late_increment_comes_after_the_time_that_it_takes() -> None:
    windows = steps(Stage("quiet", 7, LATE), 100)
    newest = windows[0].start
    for window in windows:
        if window.start < newest:
            assert newest - window.start == timedelta(seconds=20)
        newest = max(newest, window.start)


def test_the_clock_of_the_switches_never_goes_back(tmp_path: Path) -> None:
    live = source("quiet", tmp_path, config=LATE)
    times = [live.actuator.now() for _ in range(40) for _ in read(live, 1)]
    assert times == sorted(times)


def broken(share: float = 1.0, *, at_door: bool = True) -> Stage:
    backup = Backup(share=share, codes={"03": 1.0}, latency_ms=70.0, at_door=at_door)
    return Stage(replace(scenario("psp_outage"), backup=backup), 7, BRIEF)


def test_a_broken_backup_shows_nothing_until_payments_are_moved_to_it() -> None:
    stage, twin = broken(), Stage("psp_outage", 7, BRIEF)
    route = stage.truth.broken_backup
    assert route is not None
    assert route != stage.truth.culprit.root["psp"]
    mine = Segment.of(psp=route)
    assert add(steps(stage, 40), mine).codes == add(steps(twin, 40), mine).codes


@pytest.mark.parametrize("at_door", [True, False])
def test_a_broken_backup_refuses_what_is_moved_and_serves_its_own(*, at_door: bool) -> None:
    stage = broken(at_door=at_door)
    route, culprit = stage.truth.broken_backup, stage.truth.culprit.root["psp"]
    assert route is not None
    usual = add(steps(stage, ONSET_TICKS), Segment.of(psp=route))
    to_it = Reroute(scope=stage.truth.culprit, from_route=culprit, to={route: 1.0}, share=0.5)
    before = stage.score
    after = add(steps(stage, ONSET_TICKS, to_it), Segment.of(psp=route))
    moved = (stage.score - before).moved
    assert after.codes["03"] - usual.codes["03"] == pytest.approx(moved, rel=0.02)
    assert after.successes == pytest.approx(usual.successes, rel=0.1)


def test_a_fault_says_what_it_is_reported_under_and_what_makes_it_harder() -> None:
    truth = Stage(
        replace(scenario("psp_outage"), kind="other", marks=frozenset({"second_fault"})), 7, BRIEF
    ).truth
    assert (truth.name, truth.kind) == ("psp_outage", "other")
    assert truth.marks == frozenset({"second_fault"})
    assert Stage("psp_outage", 7, BRIEF).truth.kind == "psp_outage"


def test_a_scenario_goes_to_other_processes() -> None:
    played = replace(scenario("psp_outage"), backup=Backup(1.0, {"03": 1.0}, 70.0, at_door=True))
    assert pickle.loads(pickle.dumps(played)) == played  # noqa: S301 - our own bytes


def test_who_must_wait_longer_than_patience_lasts_does_not_come_back() -> None:
    late = AdjustRetryPolicy(scope=Segment({}), max_attempts=3, backoff_s=120.0)
    repeats = {
        patience_s: sum(
            int(w.attempts.sum() - w.payments.sum())
            for w in _late(late, patience_s)
            if w.payments is not None
        )
        for patience_s in (1.0, 120.0, 1e9)
    }
    assert repeats[1.0] == 0
    assert 0.2 < repeats[120.0] / repeats[1e9] < 0.6


def _late(action: Action, patience_s: float) -> list[Window]:
    """Play so long that what failed before the action has come back."""
    stage = Stage("psp_outage", 7, replace(BRIEF, patience_s=patience_s))
    return steps(stage, 60, action)[24:]
