"""Drawn episodes: wide families, true truths, counts that add up."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.action import ActionKind
from payments.errors import NotFoundError
from payments.window import Window
from simulator.traffic.drawn import draw, signatures
from simulator.traffic.effects import Fails
from simulator.traffic.faults import scenarios
from simulator.traffic.scenario import Fault
from simulator.traffic.source import TrafficSource
from simulator.traffic.topology import draw_topology
from tests.simulator.traffic.made import add, read, source

TRAPS = {
    "quiet",
    "user_mix",
    "settlement_cutover",
    "planned_maintenance",
    "holiday_surge",
    "code_mix_drift",
    "low_volume_noise",
}
FAULTS = sorted(set(signatures()) - TRAPS)


def episode(signature: str, seed: int, folder: Path) -> TrafficSource:
    """An episode in its own world, with a short past."""
    drawn = draw(signature, seed)
    return source(drawn, folder, seed, replace(drawn.world, history_ticks=2))


def truth(signature: str, seed: int) -> Fault:
    """What is wrong in an episode that nobody plays."""
    drawn = draw(signature, seed)
    rng = np.random.default_rng(seed)
    return drawn.draw(draw_topology(drawn.world, rng), rng)


def play(live: TrafficSource, ticks: int) -> tuple[list[Window], list[Window]]:
    """Read up to the onset, and so many increments after it."""
    quiet_s = (live.truth.starts_at - live.topology.config.start).total_seconds()
    return read(live, int(quiet_s // live.tick_s)), read(live, ticks)


def failing_share(fault: Fault) -> float:
    """The largest share of a culprit's attempts that an effect lets fail."""
    return max(min(1.0, e.share * e.strength) for e in fault.effects if isinstance(e, Fails))


def test_episodes_can_be_drawn_of_every_scenario() -> None:
    assert set(signatures()) == set(scenarios())
    assert len(signatures()) == 21


def test_an_unknown_cause_is_refused() -> None:
    with pytest.raises(NotFoundError, match="psp_outage"):
        draw("psp_outtage", 1)


@settings(max_examples=25)
@given(signature=st.sampled_from(signatures()), seed=st.integers(0, 2**63))
def test_any_seed_gives_an_episode_whose_counts_add_up_and_whose_culprits_exist(
    tmp_path_factory: pytest.TempPathFactory, signature: str, seed: int
) -> None:
    live = episode(signature, seed, tmp_path_factory.mktemp("e"))
    assert 240 <= len(live.topology.cells) <= 800
    assert all(live.topology.per_s(culprit) > 0.0 for culprit in live.truth.culprits)
    for window in play(live, 6)[1]:
        assert window.failures_by_code is not None
        np.testing.assert_array_equal(window.failures_by_code.sum(axis=1), window.failures)
        np.testing.assert_array_equal(window.attempts, window.successes + window.failures + window.pending)
        assert (window.failures >= 0).all()
    live.close()


def test_the_same_seed_gives_the_same_episode(tmp_path: Path) -> None:
    one, other = episode("retry_storm", 3, tmp_path), episode("retry_storm", 3, tmp_path)
    assert one.truth == other.truth
    for ours, theirs in zip(play(one, 12)[1], play(other, 12)[1], strict=True):
        np.testing.assert_array_equal(ours.successes, theirs.successes)


def test_seeds_give_different_worlds_and_onsets_off_the_beat() -> None:
    drawn = [draw("psp_outage", seed) for seed in range(40)]
    assert len({scenario.world for scenario in drawn}) == 40
    assert len({scenario.world.start.hour for scenario in drawn}) > 10
    assert all(60.0 <= scenario.onset_s <= 300.0 for scenario in drawn)
    assert sum(scenario.onset_s % 5.0 > 0.5 for scenario in drawn) > 30


def test_faults_are_faint_as_often_as_severe() -> None:
    shares = [failing_share(truth("issuer_outage", seed)) for seed in range(60)]
    assert min(shares) > 0.2
    assert 0.25 < np.mean(np.array(shares) < 0.4) < 0.6
    assert 0.1 < np.mean(np.array(shares) > 0.8) < 0.4


def test_faults_come_at_once_slowly_and_again_and_again() -> None:
    effects = [truth("psp_outage", seed).effects[0] for seed in range(40)]
    shapes = Counter((e.rise_s > 0, e.period_s < 1e9, e.from_s > 0) for e in effects)
    assert len(shapes) == 4
    assert min(shapes.values()) >= 3


def test_some_faults_strike_only_a_part_of_what_their_cause_usually_strikes() -> None:
    fixed = Counter(len(truth("psp_outage", seed).culprit) for seed in range(40))
    assert fixed[1] > 20
    assert fixed[2] > 4


def test_traps_are_those_in_which_doing_nothing_is_right() -> None:
    truths = {name: truth(name, 1) for name in signatures()}
    assert {name for name, fault in truths.items() if fault.trap} == TRAPS
    assert all(ActionKind.NONE not in truths[name].right_actions for name in FAULTS)


def test_two_at_once_are_two_places_of_which_neither_holds_the_other() -> None:
    for seed in range(30):
        both = truth("two_at_once", seed)
        one, other = both.culprits
        assert not one.comparable(other)
        assert both.starts_at == min(part.starts_at for part in both.parts)
        assert all(part.right_actions <= both.right_actions for part in both.parts)
        assert not both.right_actions & both.wrong_actions


def test_what_is_announced_is_in_the_calendar_all_the_time() -> None:
    for seed in range(10):
        for name in ("planned_maintenance", "settlement_cutover"):
            fault = truth(name, seed)
            assert fault.planned is not None
            assert fault.planned.start <= fault.starts_at < fault.ends_at <= fault.planned.end
            assert fault.planned.segment == fault.culprit


@pytest.mark.parametrize("name", FAULTS)
def test_a_drawn_fault_harms_its_culprits_and_nothing_else(name: str, tmp_path: Path) -> None:
    live = episode(name, 11, tmp_path)
    before, after = play(live, 100)
    culprits = live.truth.culprits
    old, new = add(before, *culprits), add(after, *culprits)
    lost = new.attempts * old.success_rate - new.successes
    assert lost > 3.0 * np.sqrt(new.attempts * old.success_rate * (1.0 - old.success_rate))
    rest, usual = add(after, *culprits, outside=True), add(before, *culprits, outside=True)
    if rest.attempts:
        assert rest.success_rate > usual.success_rate - 0.03


def test_a_drawn_storm_feeds_itself_without_a_customer_more(tmp_path: Path) -> None:
    for seed in (1, 6, 16):
        live = episode("retry_storm", seed, tmp_path)
        before, after = play(live, 60)
        old, new = (add(windows, live.truth.culprit) for windows in (before, after[24:]))
        assert new.attempts_per_s > 1.3 * old.attempts_per_s
        assert new.payments_per_s == pytest.approx(old.payments_per_s, rel=0.15)


@pytest.mark.parametrize("name", ["expired_cert", "settlement_cutover"])
def test_what_a_clock_brings_about_begins_on_the_minute(name: str) -> None:
    assert all(draw(name, seed).onset_s % 60.0 == 0.0 for seed in range(10))


@pytest.mark.parametrize("name", sorted(TRAPS - {"user_mix", "settlement_cutover", "planned_maintenance"}))
def test_a_drawn_trap_without_failures_loses_no_payments(name: str, tmp_path: Path) -> None:
    before, after = play(episode(name, 11, tmp_path), 60)
    assert add(after).success_rate == pytest.approx(add(before).success_rate, abs=0.02)
