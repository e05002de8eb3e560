"""Episodes are played as in production, and what is measured of them is what happened."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.crew.play.judging import Judge
from bench.crew.play.lived import Lived
from bench.crew.play.meter import Meter
from bench.crew.play.on_duty import watch
from bench.crew.play.staged import act_out
from bench.crew.play.without import Stretch, replayed, stretches
from bench.crew.played import MINUTES_AFTER, MINUTES_BEFORE, Act
from bench.crew.policies.policy import Move, Policy, Seen
from payments.action import ActionKind, AdjustRetryPolicy, Alert, Reroute
from payments.segment import Segment
from payments.verdict import Mode
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource
from simulator.traffic.stage import Stage
from simulator.traffic.switch_ledger import Ledger

SEED = 7


def short(name: str) -> Scenario:
    """Give a scenario with a short past."""
    known = scenario(name)
    return replace(known, world=replace(known.world, history_ticks=120))


@pytest.fixture(scope="module")
def outage() -> Stage:
    return Stage(short("psp_outage"), SEED)


def away_from(stage: Stage, share: float = 0.9) -> Reroute:
    source = stage.truth.culprit.role("route")
    assert source is not None
    other = next(name for name in stage.topology.routes if name != source)
    return Reroute(scope=stage.truth.culprit, from_route=source, to={other: 1.0}, share=share)


def test_an_action_is_right_when_its_kind_its_scope_and_its_time_are(outage: Stage) -> None:
    judge, fault = Judge(outage.truth, outage.topology), outage.truth
    moved = away_from(outage)
    elsewhere = moved.model_copy(update={"scope": Segment.of(psp=next(iter(moved.to)))})
    during = fault.starts_at + timedelta(seconds=60)
    assert judge.is_right(moved, during)
    assert not judge.is_right(elsewhere, during)
    assert not judge.is_right(AdjustRetryPolicy(scope=moved.scope, max_attempts=1, backoff_s=0.0), during)
    assert not judge.is_right(moved, fault.ends_at)
    assert not judge.is_right(moved, fault.starts_at - timedelta(seconds=5))
    assert judge.is_right(moved, fault.starts_at - timedelta(seconds=4.9))


def test_each_of_two_faults_has_its_own_right_actions(outage: Stage) -> None:
    issuer = replace(
        outage.truth,
        culprit=Segment.of(issuer=outage.topology.values("issuer")[0]),
        right_actions=frozenset({ActionKind.RETRY_POLICY}),
    )
    both = Judge(replace(outage.truth, parts=(outage.truth, issuer)), outage.topology)
    during = outage.truth.starts_at + timedelta(seconds=60)
    calmed = AdjustRetryPolicy(scope=issuer.culprit, max_attempts=1, backoff_s=0.0)
    assert both.is_right(away_from(outage), during)
    assert both.is_right(calmed, during)


def test_the_meter_lays_the_score_out_around_the_onset(outage: Stage) -> None:
    stage = Stage(short("psp_outage"), SEED)
    list(stage.history())
    meter = Meter(stage.truth, stage.now, stage.score)
    for _ in range(60):
        stage.step()
        meter.read(stage.now, stage.score)
    course = meter.course
    assert len(course.payments) == MINUTES_BEFORE + MINUTES_AFTER
    # 300 s live, the onset after 60 s: one minute before it, four after it.
    assert [minute for minute, n in enumerate(course.payments, -MINUTES_BEFORE) if n] == [-1, 0, 1, 2, 3]
    assert sum(course.payments) == meter.whole.succeeded + meter.whole.failed
    during = meter.during
    assert during.succeeded == sum(course.succeeded[MINUTES_BEFORE:])
    assert meter.ticks == 60
    assert meter.hours == pytest.approx(300 / 3600)


def test_an_episode_played_again_with_the_same_switches_is_the_same(tmp_path: Path) -> None:
    played = short("psp_outage")
    source = TrafficSource(played, SEED, tmp_path / "switches", feed="world")
    ledger = Ledger(tmp_path / "switches")
    ledger.open()
    list(source.history())
    before, board, moved = source.score, source.actuator, away_from(source.stage)
    for tick in range(50):
        if tick == 15:
            board.apply(moved.model_copy(update={"share": 0.3}), "a:1", 3_600.0)
        if tick == 20:
            board.apply(moved, "a:2", 60.0, replaces="a:1")
        if tick == 25:
            board.apply(AdjustRetryPolicy(scope=Segment({}), max_attempts=1, backoff_s=0.0), "b:1", 3_600.0)
        if tick == 40:
            board.revert("b:1")
        source.read()
    held = stretches(ledger.entries(), {"a:1": "a", "a:2": "a", "b:1": "b"}, source.now)
    source.close()
    assert [(one.incident_id, (one.ended - one.began).total_seconds()) for one in held] == [
        ("a", 25.0), ("a", 60.0), ("b", 75.0),
    ]  # fmt: skip
    assert replayed(played, SEED, held, ticks=50) == (source.score - before).succeeded


def test_a_switch_holds_from_its_beginning_until_just_before_its_end(outage: Stage) -> None:
    begun = outage.truth.starts_at
    held = Stretch("a", away_from(outage), begun, begun + timedelta(seconds=10))
    assert held.holds(begun)
    assert not held.holds(held.ended)


class Scripted:
    """Says the same things in each episode; counts from the first live increment."""

    name = "scripted"

    def __init__(self, moves: dict[int, Move], past: int) -> None:
        self.moves, self.tick = moves, -past

    def decide(self, seen: Seen) -> Move:
        self.tick += 1
        known = [move for at, move in sorted(self.moves.items()) if at <= self.tick]
        return known[-1] if known else Move()


def scripted(moves: dict[int, Move]) -> Lived:
    def make(stage: Stage) -> Policy:
        return Scripted(moves, past=stage.topology.config.history_ticks)

    return act_out(short("psp_outage"), SEED, ticks=40, make=make)


def test_more_of_the_same_action_is_no_new_one_but_another_is(outage: Stage) -> None:
    some, more = away_from(outage, 0.2), away_from(outage, 0.9)
    told = Alert(scope=some.scope, message="look")
    other = AdjustRetryPolicy(scope=some.scope, max_attempts=1, backoff_s=0.0)
    moves = {
        14: Move((some,)),
        16: Move((more, told)),
        18: Move((more, other)),
        20: Move(),
        25: Move((more,)),
    }
    acts = scripted(moves).deeds.acts
    assert [(act.kind, act.right) for act in acts] == [
        (ActionKind.REROUTE, True), (ActionKind.RETRY_POLICY, False), (ActionKind.REROUTE, True),
    ]  # fmt: skip


def test_what_was_said_before_the_onset_detects_nothing() -> None:
    onset_tick = 12
    moves = {3: Move(said="something?"), 5: Move(), onset_tick + 4: Move(said="the route is down")}
    assert scripted(moves).deeds.detected_s == 20.0


def test_a_reroute_of_an_outage_saves_payments_and_nothing_done_changes_nothing(outage: Stage) -> None:
    saved, nothing = scripted({12: Move((away_from(outage),))}), scripted({})
    assert saved.meter.whole.succeeded > nothing.meter.whole.succeeded
    assert saved.meter.whole.firsts == nothing.meter.whole.firsts
    assert replayed(short("psp_outage"), SEED, (), ticks=40) == nothing.meter.whole.succeeded


@pytest.fixture(scope="module")
def watched() -> Lived:
    return watch(short("psp_outage"), SEED, ticks=40, mode=Mode.AUTOPILOT)


@pytest.mark.slow
def test_the_crew_alone_finds_the_outage_and_acts_rightly(watched: Lived) -> None:
    deeds = watched.deeds
    assert deeds.detected_s is not None
    assert deeds.detected_s <= 30.0
    assert deeds.questions == 0
    assert deeds.said[0].right
    assert [(act.kind, act.right) for act in deeds.acts][:1] == [(ActionKind.REROUTE, True)]


@pytest.mark.slow
def test_what_the_crews_only_action_saved_is_the_difference_to_nothing_done(watched: Lived) -> None:
    nothing = scripted_nothing(40)
    (act,) = watched.deeds.acts
    assert isinstance(act, Act)
    assert act.lost == nothing - watched.meter.whole.succeeded
    assert act.lost < -100


def scripted_nothing(ticks: int) -> int:
    return replayed(short("psp_outage"), SEED, (), ticks)


@pytest.mark.slow
def test_the_copilot_acts_three_minutes_after_it_asked() -> None:
    deeds = watch(short("psp_outage"), SEED, ticks=56, mode=Mode.COPILOT).deeds
    assert deeds.questions == 1
    assert deeds.detected_s is not None
    assert [(act.kind, act.at_s - deeds.detected_s) for act in deeds.acts] == [(ActionKind.REROUTE, 180.0)]
