"""The simulated fleet, its faults and their limits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor import Monitor, MonitorSettings
from bench.detection.fleet import quantile, summarise, watched
from bench.detection.fleet_faults import KINDS, Fault, Rates, draw_fault
from bench.detection.fleet_kept import Kept
from bench.detection.fleet_limit import STEP, Chain, exact_limit
from bench.detection.fleet_run import Event, Plan, Run, copy_of, watch_fleet, watched_segments
from bench.detection.fleet_traffic import Fleet, FleetSettings, expit
from payments.errors import InputError
from payments.segment import Segment

VALUES = (("psp", 3), ("method", 2), ("issuer", 4), ("merchant", 5))
SMALL = FleetSettings(leaves=40, values=VALUES, attempts_per_tick=2_000.0)
PLAN = Plan(learned=120, observed=120, events=2)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return Fleet.draw(5, 0.2, SMALL)


def batch_of(
    fleet: Fleet, ticks: int, shift: float = 0.0
) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    shifts = np.full(SMALL.leaves, shift)
    drawn = fleet.batch(600, ticks, np.random.default_rng(1), shifts)
    return np.stack([drawn.attempts, drawn.failures])


def test_a_seed_gives_one_fleet_and_one_traffic(fleet: Fleet) -> None:
    again = Fleet.draw(5, 0.2, SMALL)
    assert again.cells == fleet.cells
    assert np.array_equal(batch_of(again, 3), batch_of(fleet, 3))
    assert Fleet.draw(6, 0.2, SMALL).cells != fleet.cells


def test_volumes_follow_zipf_and_add_up(fleet: Fleet) -> None:
    assert fleet.share.sum() == pytest.approx(1.0)
    ranked = np.sort(fleet.share)[::-1]
    assert ranked[0] / ranked[9] == pytest.approx(10.0)


def test_nights_and_weekends_are_quieter(fleet: Fleet) -> None:
    noon, night, saturday = (fleet.mean_attempts(60 * hour).sum() for hour in (14, 2, 5 * 24 + 14))
    assert night < noon / 3.0
    assert saturday == pytest.approx(0.8 * noon)


def test_failures_have_the_stated_rate_and_scatter(fleet: Fleet) -> None:
    attempts, failures = batch_of(fleet, 4_000)
    leaf = int(np.argmax(fleet.share))
    n, rate = attempts[:, leaf].astype(float), expit(fleet.failure_logit(600))[leaf]
    assert failures[:, leaf].sum() / n.sum() == pytest.approx(rate, rel=0.02)
    squared = (failures[:, leaf] - n * rate) ** 2 / (n * rate * (1.0 - rate))
    assert squared.mean() == pytest.approx(1.0 + (n.mean() - 1.0) * SMALL.rho, rel=0.1)


def test_a_shift_raises_the_odds_of_failure(fleet: Fleet) -> None:
    attempts, failures = batch_of(fleet, 200, shift=1.0).sum(axis=(1, 2))
    rate = expit(fleet.failure_logit(600) + 1.0)
    assert failures / attempts == pytest.approx(float(rate @ fleet.share), rel=0.03)


@pytest.mark.parametrize("column", ["failures_by_code", "payments", "latency"])
def test_each_signal_can_be_left_out(column: str, fleet: Fleet) -> None:
    without = FleetSettings(with_codes=False, with_payments=False, with_latency=False)
    bare = replace(fleet, settings=replace(without, leaves=SMALL.leaves, values=VALUES))
    rng = np.random.default_rng(1)
    batch = fleet.batch(600, 1, rng)
    assert getattr(bare.window(batch, 0, rng), column) is None
    filled = getattr(fleet.window(batch, 0, rng), column)
    assert filled is not None
    assert filled.sum() > 0


def test_watched_segments_are_the_leaves_and_their_roll_ups(fleet: Fleet) -> None:
    segments = set()
    for row in range(SMALL.leaves):
        values = list(fleet.cells.segment(row).root.items())
        pairs = [(one, other) for one in values for other in values]
        segments |= {Segment({}), Segment(dict(values))} | {Segment(dict(pair)) for pair in pairs}
    assert watched_segments(fleet) == len(segments)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_of_its_kind_and_hits_its_segment_only(kind: str, fleet: Fleet) -> None:
    fault = draw_fault(fleet, kind, 600, 12.0, np.random.default_rng(3))
    fixed = {"leaf": 4, "pair": 2, "psp": 1, "issuer": 1}
    assert len(fault.segment) == fixed[kind]
    assert np.array_equal(fault.affected, fleet.cells.mask(fault.segment))
    assert np.all((fault.shifts() > 0.0) == fault.affected)
    assert Rates.of(fleet, fault).excess > 0.0


@given(states=st.integers(1, 40), move=st.integers(1, 5))
def test_the_run_length_of_steady_moves_is_counted_exactly(states: int, move: int) -> None:
    chain = Chain.of(np.full(4, move * STEP), np.ones(4))
    assert chain.run_length(states) == pytest.approx(-(-states // move), rel=1e-6)


def test_a_chain_that_restarts_at_zero_waits_as_long_as_a_geometric_law() -> None:
    chain = Chain.of(np.array([STEP, -STEP]), np.array([0.01, 0.99]))
    assert chain.run_length(1) == pytest.approx(100.0, rel=1e-6)
    assert chain.states_for(99.0) == 1
    assert chain.states_for(101.0) == 2


@pytest.mark.parametrize(
    ("attempts", "after", "delay"),
    [(20.0, 0.15, 13.9), (20.0, 0.5, 1.14), (200.0, 0.15, 2.02), (200.0, 0.1, 14.9)],
)
def test_the_limit_of_one_leaf_is_that_of_the_binomial_cusum(
    attempts: float, after: float, delay: float
) -> None:
    rates = Rates(np.array([attempts]), np.array([0.08]), np.array([after]))
    settings = FleetSettings(rho=1e-7, volume_scatter=1e-3)
    (limit,) = exact_limit(rates, settings, (1e4,), np.random.default_rng(0))
    assert limit == pytest.approx(delay, rel=0.06)


def test_many_leaves_are_found_sooner_than_one() -> None:
    def limit(leaves: int, rho: float) -> float:
        rates = Rates(np.full(leaves, 50.0), np.full(leaves, 0.1), np.full(leaves, 0.15))
        return exact_limit(rates, FleetSettings(rho=rho), (1e6,), np.random.default_rng(0))[0]

    assert limit(8, 0.003) < limit(2, 0.003) < limit(1, 0.003) < limit(1, 0.03)


def test_a_copy_learns_apart_from_the_monitor(fleet: Fleet) -> None:
    monitor, rng = Monitor(MonitorSettings(tick_s=60.0)), np.random.default_rng(2)
    batch = fleet.batch(0, 3, rng)
    monitor.learn(fleet.window(batch, 0, rng))
    other = copy_of(monitor, fleet)
    other.learn(fleet.window(batch, 1, rng))
    learned = [one.observe(fleet.window(batch, 2, rng)).ticks_learned for one in (monitor, other)]
    assert learned == [2, 3]


def test_a_run_is_repeatable_and_its_strong_faults_are_found() -> None:
    runs = [watch_fleet(3, PLAN, SMALL, Monitor(MonitorSettings(tick_s=60.0))) for _ in range(2)]
    assert runs[0] == runs[1]
    assert [event.kind for event in runs[0].events] == ["leaf", "pair"]
    assert all(event.limit >= event.limit_alone >= 1.0 for event in runs[0].events)
    assert any(event.delay is not None for event in runs[0].events)


def event(limit: float, delay: int | None) -> Event:
    return Event(
        seed=0, tick=0, kind="leaf", segment="psp=a", leaves=1, attempts_per_tick=10.0, excess_per_tick=1.0,
        shift=1.0, rate_before=0.1, rate_after=0.2, limit=limit, limit_alone=limit / 2, delay=delay,
        signal=None, named=None,
    )  # fmt: skip


def test_a_missed_fault_counts_as_infinitely_late() -> None:
    found, missed = event(2.0, 3), event(2.0, None)
    some = summarise([Run(2.0, 9, (), (found, found, missed))], 5)
    assert (some["events"], some["detected"], some["delay_ratio_median"]) == (3, 2, 1.5)
    assert some["delay_ratio_p95"] is None
    assert some["delay_ratio_median_alone"] == 3.0


@given(st.lists(st.floats(0.1, 100.0), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_has_its_share_at_or_below(ratios: list[float], q: float) -> None:
    value = quantile(ratios, q)
    assert value in ratios
    assert sum(ratio <= value for ratio in ratios) >= q * len(ratios) - 1e-9


def test_a_fault_of_no_leaf_touches_nothing(fleet: Fleet) -> None:
    nowhere = Fault("psp", Segment.of(psp="none"), fleet.cells.mask(Segment.of(psp="none")), 1.0, 0)
    assert not nowhere.shifts().any()


ANY_RUN = Run(1.0, 9, (), (event(2.0, 3), event(2.0, None)))


def test_a_kept_run_is_taken_up_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "weeks.jsonl", PLAN, "code")
    kept.begin(resume=False)
    kept.add(7, ANY_RUN)
    kept.begin(resume=True)
    assert kept.runs() == {7: ANY_RUN}
    assert list(watched([7], kept, SMALL, resume=True)) == [ANY_RUN]


def test_runs_of_other_code_or_another_plan_are_not_taken(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "weeks.jsonl", PLAN, "code")
    kept.add(7, ANY_RUN)
    assert not replace(kept, code="changed").runs()
    assert not replace(kept, plan=replace(PLAN, events=3)).runs()


def test_without_resuming_nothing_kept_is_used(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "weeks.jsonl", PLAN, "code")
    kept.add(7, ANY_RUN)
    kept.begin(resume=False)
    assert not kept.runs()


@pytest.mark.parametrize("line", ["", "{", "[]", '{"seed": 1}', '{"seed": "x", "run": {}}'])
def test_a_damaged_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "weeks.jsonl"
    file.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 is no finished run"):
        Kept(file, PLAN, "code").runs()
