"""Episodes: every kind, marks as often as they should be, times that fit, twins and large worlds."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.action import ActionKind
from payments.errors import NotFoundError
from simulator.traffic.drawn import draw
from simulator.traffic.episodes import KINDS, LIVE_S, ROUTE_FAULTS, at_large, episode, kind_of, quiet_twin
from simulator.traffic.scenario import Fault, Scenario
from simulator.traffic.stage import Stage
from tests.simulator.traffic.made import add

BLOCKS = 10
"""Times that every kind is drawn."""


@dataclass(frozen=True)
class Drawn:
    kind: str
    fault: Fault
    onset_s: float
    end_s: float
    per_s: float


@cache
def drawn(kind: str) -> tuple[Drawn, ...]:
    """The first episodes of a kind."""
    return tuple(_one(seed) for seed in range(KINDS.index(kind), BLOCKS * len(KINDS), len(KINDS)))


def _one(seed: int) -> Drawn:
    stage = Stage(episode(kind_of(seed), seed), seed)
    fault, start = stage.truth, stage.topology.config.start
    onset_s, end_s = ((at - start).total_seconds() for at in (fault.starts_at, fault.ends_at))
    return Drawn(kind_of(seed), fault, onset_s, end_s, stage.topology.per_s(fault.culprits[0]))


def every() -> Iterator[Drawn]:
    for kind in KINDS:
        yield from drawn(kind)


def brief(played: Scenario) -> Scenario:
    return replace(played, world=replace(played.world, history_ticks=2))


def test_all_kinds_come_in_turn() -> None:
    assert len(set(KINDS)) == 25
    assert [kind_of(seed) for seed in range(100, 125)] == list(KINDS)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NotFoundError, match="psp_outage"):
        episode("psp_outtage", 1)


@settings(max_examples=15)
@given(kind=st.sampled_from(KINDS), seed=st.integers(0, 2**40))
def test_any_seed_gives_the_same_episode_twice_and_it_can_be_played(kind: str, seed: int) -> None:
    one, other = (Stage(brief(episode(kind, seed)), seed) for _ in range(2))
    assert one.truth == other.truth
    assert np.array_equal(one.step().attempts, other.step().attempts)


def test_faults_begin_after_minutes_and_end_before_the_episode() -> None:
    assert all(299.0 <= one.onset_s <= 780.0 for one in every())
    assert all(one.end_s < LIVE_S for one in every())


def test_each_length_of_a_fault_is_as_frequent_as_the_others() -> None:
    lengths = [round((one.end_s - one.onset_s) / 60.0) for one in drawn("user_mix")[:8]]
    assert Counter(lengths) == {20: 2, 30: 2, 40: 2, 50: 2}
    brief_ones = [one.end_s - one.onset_s for one in drawn("settlement_cutover")]
    assert max(brief_ones) <= 420.0


def test_a_fifth_of_the_faults_has_a_second_one_and_no_trap_has() -> None:
    faults = [one for one in every() if ActionKind.NONE not in one.fault.right_actions]
    single = [one for one in faults if one.kind != "two_at_once"]
    share = np.mean(["second_fault" in one.fault.marks for one in single])
    assert 0.12 < share < 0.28
    for one in every():
        assert len(one.fault.parts) == (
            2 if one.kind == "two_at_once" or "second_fault" in one.fault.marks else 0
        )
        assert not (one.fault.trap and one.fault.parts)


def test_a_second_fault_strikes_elsewhere_and_the_first_gives_the_name() -> None:
    for one in every():
        if "second_fault" in one.fault.marks:
            first, second = one.fault.parts
            assert one.fault.name == first.name != second.name
            assert not first.culprit.comparable(second.culprit)
            assert not one.fault.right_actions & one.fault.wrong_actions


@pytest.mark.parametrize("block", range(40))
def test_a_second_fault_finds_payments_that_the_first_does_not_strike(block: int) -> None:
    seed = block * len(KINDS) + KINDS.index("webhook_lag")
    fault = Stage(episode("webhook_lag", seed), seed).truth
    assert all(len(part.culprit) > 0 for part in fault.parts)


def test_a_fifth_of_the_route_faults_has_a_broken_backup_and_is_reported_so() -> None:
    route_faults = [one for one in every() if one.kind in {*ROUTE_FAULTS, "broken_backup"}]
    broken = [one.fault.broken_backup is not None for one in route_faults]
    assert 0.12 < np.mean(broken) < 0.28
    for one in every():
        is_broken = one.fault.broken_backup is not None
        assert one.fault.kind == ("broken_backup" if is_broken else one.kind)
        assert ("broken_backup" in one.fault.marks) == is_broken
        assert not is_broken or one.fault.culprits[0].role("route") != one.fault.broken_backup


def test_some_episodes_of_every_sort_hear_late() -> None:
    marks = Counter("late_reports" in one.fault.marks for one in every())
    assert 0.12 < marks[True] / sum(marks.values()) < 0.28


@pytest.mark.parametrize("kind", ["low_volume_link", "low_volume_outage"])
def test_little_is_paid_where_little_should_be(kind: str) -> None:
    assert all(0.2 <= one.per_s <= 2.0 for one in drawn(kind))


def test_a_gray_route_loses_about_a_twentieth_of_its_payments() -> None:
    stage = Stage(brief(replace(episode("gray", 21), onset_s=300.0)), 21)
    before = add([stage.step() for _ in range(60)], stage.truth.culprit)
    after = add([stage.step() for _ in range(200)][80:], stage.truth.culprit)
    assert 0.02 < before.success_rate - after.success_rate < 0.09


@pytest.mark.parametrize("kind", ["psp_outage", "broken_backup", "planned_maintenance", "two_at_once"])
def test_a_quiet_twin_has_the_same_luck_until_the_onset_and_nothing_wrong_after_it(kind: str) -> None:
    played = brief(episode(kind, 24))
    stage, twin = Stage(played, 24), Stage(quiet_twin(played), 24)
    assert twin.truth.broken_backup == stage.truth.broken_backup
    assert twin.truth.culprits == stage.truth.culprits
    for _ in range(59):
        assert np.array_equal(stage.step().successes, twin.step().successes)
    assert twin.truth.planned is None
    after = [add([world.step() for _ in range(200)], *stage.truth.culprits) for world in (stage, twin)]
    assert after[0].success_rate < after[1].success_rate


def test_a_large_world_has_2000_cells_and_the_same_fault() -> None:
    small = episode("psp_outage", 2)
    large = Stage(brief(at_large(small)), 2)
    assert len(large.step().cells) == 2_000
    assert large.truth.name == "psp_outage"
    assert (large.truth.starts_at - large.topology.config.start).total_seconds() == pytest.approx(
        small_onset(small)
    )


def small_onset(played: Scenario) -> float:
    return min([part.onset_s for part in played.parts], default=played.onset_s)


PINNED = {
    ("issuer_outage", 8): "90d3d23449bf",
    ("psp_outage", 3): "699fbe61093b",
    ("retry_storm", 3): "dc009b2b52c0",
    ("two_at_once", 8): "3056a4e91962",
}


@pytest.mark.parametrize(("signature", "seed"), sorted(PINNED))
def test_the_draws_that_confidence_was_fitted_on_stay_as_they_are(signature: str, seed: int) -> None:
    stage = Stage(brief(draw(signature, seed)), seed)
    digest = hashlib.sha256(repr((stage.truth.culprits, stage.truth.starts_at)).encode())
    for _ in range(80):
        window = stage.step()
        for column in (window.attempts, window.successes, window.pending, window.amount_minor):
            assert column is not None
            digest.update(np.ascontiguousarray(column).tobytes())
    assert digest.hexdigest()[:12] == PINNED[signature, seed]
