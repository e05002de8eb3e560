"""The simulated source as its ports promise it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.codes import CodeGroup, look_up
from payments.errors import NotFoundError, SettingsError
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.declines import CODES, ORDINARY
from simulator.traffic.faults import scenarios
from simulator.traffic.source import TrafficSource
from tests.simulator.traffic.made import BRIEF, ONSET_TICKS, add, read, source
from tools.ports import Actuator, Calendar, RouteCatalog, Source


def same(ours: Window, theirs: Window) -> bool:
    return ours.start == theirs.start and all(
        np.array_equal(getattr(ours, name), getattr(theirs, name))
        for name in (
            "attempts",
            "successes",
            "pending",
            "payments",
            "failures_by_code",
            "latency",
            "amount_minor",
        )
    )


def test_it_keeps_its_ports(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    as_source: Source = live
    as_catalog: RouteCatalog = live
    as_calendar: Calendar = live
    as_actuator: Actuator = live.actuator
    assert as_source.feed == "test"
    assert as_source.tick_s == 5.0
    assert as_catalog.routes(Segment({}))
    assert as_calendar.planned(live.now) == ()
    assert as_actuator.changes_traffic


def test_the_same_seed_gives_the_same_windows(tmp_path: Path) -> None:
    one, other = source("retry_storm", tmp_path), source("retry_storm", tmp_path)
    assert all(map(same, one.history(), other.history()))
    assert all(map(same, read(one, 36), read(other, 36)))


def test_another_seed_gives_other_windows(tmp_path: Path) -> None:
    assert not same(source("quiet", tmp_path, 1).read(), source("quiet", tmp_path, 2).read())


def test_a_source_whose_history_nobody_reads_goes_live_all_the_same(tmp_path: Path) -> None:
    asked, not_asked = source("psp_outage", tmp_path), source("psp_outage", tmp_path)
    assert len(list(asked.history())) == BRIEF.history_ticks
    assert all(map(same, read(asked, 3), read(not_asked, 3)))
    assert list(asked.history()) == []


def test_increments_follow_each_other_without_a_gap_and_live_ones_start_at_the_start(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    past = list(live.history())
    windows = [*past, *read(live, 3)]
    assert past[-1].end == BRIEF.start == windows[len(past)].start
    assert all(old.end == new.start for old, new in pairwise(windows))
    assert live.now == windows[-1].end


def test_every_window_speaks_of_the_same_cells_object(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    cells = {id(window.cells) for window in [*live.history(), *read(live, 3)]}
    assert len(cells) == 1


@settings(max_examples=25)
@given(
    name=st.sampled_from(sorted(scenarios())),
    seed=st.integers(0, 2**63),
    payments_per_s=st.floats(1.0, 600.0),
    rho=st.floats(1e-4, 0.2),
)
def test_every_window_adds_up(
    tmp_path_factory: pytest.TempPathFactory, name: str, seed: int, payments_per_s: float, rho: float
) -> None:
    config = replace(BRIEF, payments_per_s=payments_per_s, rho=rho, history_ticks=1)
    live = TrafficSource(name, seed, tmp_path_factory.mktemp("w") / "s.db", feed="t", config=config)
    for window in [*live.history(), *read(live, ONSET_TICKS + 4)]:
        assert window.failures_by_code is not None
        assert window.latency is not None
        assert window.payments is not None
        np.testing.assert_array_equal(window.failures_by_code.sum(axis=1), window.failures)
        np.testing.assert_array_equal(window.latency.sum(axis=1), window.attempts)
        assert (window.payments <= window.attempts).all()
        assert (window.failures >= 0).all()


def test_the_usual_world_is_about_as_large_and_as_good_as_it_says(tmp_path: Path) -> None:
    total = add(list(source("quiet", tmp_path, config=WorldConfig()).history()))
    assert len(source("quiet", tmp_path).topology.cells) == 1_000
    assert total.success_rate == pytest.approx(0.92, abs=0.005)
    assert total.payments_per_s == pytest.approx(190.0, abs=5.0)
    assert total.attempts / total.payments == pytest.approx(1.02, abs=0.01)


def test_the_large_world_has_exactly_5000_cells(tmp_path: Path) -> None:
    config = replace(WorldConfig.of_5000_cells(), history_ticks=0)
    assert len(source("quiet", tmp_path, config=config).read().cells) == 5_000


def test_outcomes_vary_more_from_tick_to_tick_than_chance_alone(tmp_path: Path) -> None:
    """With n attempts in a cell, variance is n p (1 - p) (1 + (n - 1) rho); here rho is .05."""
    one_cell = replace(
        BRIEF, issuers=("only_bank",), combos=(("card", "visa", 1.0),), psps=(("onlypay", 1.0),),
        merchants=(("only_shop", 1.0),), rho=0.05, history_ticks=1_500, season_depth=0.0, retry_share=0.0,
    )  # fmt: skip
    windows = list(source("quiet", tmp_path, config=one_cell).history())
    attempts = np.array([window.attempts[0] for window in windows])
    failures = attempts - np.array([window.successes[0] for window in windows])
    q = failures.sum() / attempts.sum()
    excess = ((failures - attempts * q) ** 2).mean() / (attempts * q * (1 - q)).mean()
    assert excess == pytest.approx(1 + attempts.mean() * 0.05, rel=0.2)


def test_more_is_paid_at_the_busiest_hour_than_at_night(tmp_path: Path) -> None:
    night = replace(BRIEF, start=BRIEF.start.replace(hour=23))
    by_night, by_day = source("quiet", tmp_path, config=night), source("quiet", tmp_path)
    assert add(read(by_night, 12)).payments < 0.6 * add(read(by_day, 12)).payments


def test_routes_tell_their_load_and_success_of_the_last_minute(tmp_path: Path) -> None:
    live = source("psp_outage", tmp_path)
    read(live, ONSET_TICKS)
    before = {route.name: route for route in live.routes(Segment({}))}
    last = read(live, ONSET_TICKS)
    failed = live.truth.culprit.root["psp"]
    for route in live.routes(live.truth.culprit):
        seen = add(last, Segment.of(psp=route.name))
        assert route.success_rate == pytest.approx(seen.success_rate)
        assert route.load_per_s == pytest.approx(seen.attempts_per_s)
        assert route.capacity_per_s == before[route.name].capacity_per_s
        assert (seen.success_rate < 0.2) == (route.name == failed)
        assert before[route.name].success_rate == pytest.approx(0.92, abs=0.04)
        assert (route.currencies, set(route.countries)) == (("EUR",), {"IN", "AE", "SG", "FR"})


def test_capacity_is_between_1_2_and_2_5_times_the_load_of_the_busiest_hour(tmp_path: Path) -> None:
    for seed in range(8):
        world = source("quiet", tmp_path, seed).topology
        load = np.array([world.per_s(Segment.of(psp=name)) for name in world.routes])
        assert ((world.capacity_per_s >= 1.2 * load) & (world.capacity_per_s <= 2.5 * load)).all()


@pytest.mark.parametrize("name", ["settlement_cutover", "planned_maintenance"])
def test_the_calendar_knows_a_planned_downtime_while_it_lasts(name: str, tmp_path: Path) -> None:
    live = source(name, tmp_path)
    truth = live.truth
    assert live.planned(truth.starts_at - timedelta(seconds=1)) == ()
    assert [entry.segment for entry in live.planned(truth.starts_at)] == [truth.culprit]
    assert live.planned(truth.ends_at) == ()


def test_the_calendar_knows_nothing_of_an_outage(tmp_path: Path) -> None:
    live = source("psp_outage", tmp_path)
    assert live.planned(live.truth.starts_at) == ()


def test_a_source_of_an_unknown_scenario_leaves_no_switchboard_behind(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        TrafficSource("no_such", 1, tmp_path / "s.db", feed="t")
    assert not (tmp_path / "s.db").exists()


def test_every_code_of_the_world_is_in_the_table_of_codes() -> None:
    unknown = [code for code in CODES if look_up(code).group is CodeGroup.UNKNOWN]
    assert unknown == []
    assert all(set(weights) <= set(CODES) for weights in ORDINARY.values())


def test_a_world_of_more_issuers_than_there_are_names_is_refused() -> None:
    with pytest.raises(SettingsError, match="1 to 50 issuers, not 51"):
        WorldConfig.with_issuers(51)
