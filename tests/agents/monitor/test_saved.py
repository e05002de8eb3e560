"""A restart goes on where the last run ended, or begins anew with a word why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.monitor import Monitor, MonitorSettings
from payments.errors import InputError
from payments.segment import Segment
from tests.agents.monitor.traffic import Traffic

EVERYTHING = Segment({})


def taught(traffic: Traffic, ticks: int = 60) -> Monitor:
    monitor = Monitor(MonitorSettings())
    for _ in range(ticks):
        monitor.learn(traffic.next())
    return monitor


def restarted(monitor: Monitor) -> Monitor:
    again = Monitor(MonitorSettings())
    again.restore(monitor.dump())
    return again


def test_a_restarted_monitor_expects_what_the_one_before_did(traffic: Traffic) -> None:
    before = taught(traffic)
    after, window = restarted(before), traffic.next()
    told = [monitor.observe(window).summary for monitor in (before, after)]
    assert told[1].expected_success_rate == pytest.approx(told[0].expected_success_rate, abs=2e-3)
    tallies = [monitor.tally(Segment.of(psp="alpha"), window.start) for monitor in (before, after)]
    assert tallies[1].expected_failures == pytest.approx(tallies[0].expected_failures, rel=0.02)
    assert tallies[1].expected_attempts == pytest.approx(tallies[0].expected_attempts, rel=0.02)


def test_a_restarted_monitor_watches_at_once(traffic: Traffic) -> None:
    again = restarted(taught(traffic))
    seen = [again.observe(traffic.next(fault=(EVERYTHING, 0.5))) for _ in range(4)]
    assert any(observation.finding for observation in seen)
    assert not [note for observation in seen for note in observation.notes if "learning" in note]


def test_cells_that_came_one_after_the_other_keep_what_was_learned_of_them(traffic: Traffic) -> None:
    cells, rows = traffic.cells, np.arange(len(traffic.cells))
    monitor, window = Monitor(MonitorSettings()), traffic.next()
    for part in (rows[::3], rows[1::3], rows):
        keys = tuple(cells.keys[row] for row in part.tolist())
        columns = {name: column[part] for name, column in window if isinstance(column, np.ndarray)}
        some = cells.model_copy(update={"keys": keys})
        monitor.learn(window.model_copy(update={"cells": some, **columns}))
        window = traffic.next()
    for _ in range(60):
        monitor.learn(traffic.next())
    again = restarted(monitor)
    window = traffic.next()
    for one in (monitor, again):
        one.observe(window)
    for row in (0, 5, len(cells) - 1):
        tallies = [one.tally(cells.segment(row), window.start) for one in (monitor, again)]
        assert tallies[1].expected_failures == pytest.approx(tallies[0].expected_failures, rel=0.1)


def test_a_feed_that_begins_before_the_kept_baselines_is_learned_anew(traffic: Traffic) -> None:
    monitor = taught(traffic)
    again = restarted(monitor)
    observation = again.observe(Traffic().next())
    assert observation.ticks_learned == 1
    assert "learning" in observation.notes[0]


def test_a_feed_of_other_attributes_is_learned_anew_with_a_note(traffic: Traffic) -> None:
    again = restarted(taught(traffic))
    window = traffic.next()
    renamed = window.cells.model_copy(update={"attributes": ("a", "b", "c")})
    observation = again.observe(window.model_copy(update={"cells": renamed}))
    assert "not of this feed" in observation.notes[0]
    assert observation.ticks_learned == 1


def test_silence_makes_the_monitor_less_sure_and_raises_nothing(traffic: Traffic) -> None:
    again = restarted(taught(traffic))
    traffic.ticks += 5000
    seen = [again.observe(traffic.next()) for _ in range(60)]
    assert not [observation.finding for observation in seen if observation.finding]


def test_nothing_is_dumped_before_the_first_increment() -> None:
    assert Monitor(MonitorSettings()).dump() == {}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("about", lambda array: array[:-3]),
        ("about", lambda array: array * 0),
        ("baseline.hits", lambda array: array[:-1]),
        ("baseline.hits", lambda array: array * np.nan),
        ("baseline.trials", lambda array: array - 1e9),
        ("latency.edges", lambda array: array.astype(np.float64)),
    ],
    ids=["cut", "emptied", "short", "not a number", "negative", "other type"],
)
def test_arrays_that_do_not_fit_are_refused(traffic: Traffic, name: str, change: object) -> None:
    saved = taught(traffic, 20).dump()
    assert callable(change)
    saved[name] = change(saved[name])
    with pytest.raises(InputError, match="saved baselines"):
        Monitor(MonitorSettings()).restore(saved)


def test_baselines_of_other_increments_are_refused(traffic: Traffic) -> None:
    with pytest.raises(InputError, match="tick_s"):
        Monitor(MonitorSettings(tick_s=10.0)).restore(taught(traffic, 20).dump())


SAVED = taught(Traffic(), 20).dump()


@given(name=st.sampled_from(sorted(SAVED)), seed=st.integers(0, 1000), missing=st.booleans())
@settings(max_examples=40)
def test_no_wrong_array_crashes_the_restart(name: str, seed: int, *, missing: bool) -> None:
    wrong = dict(SAVED)
    noise = np.random.default_rng(seed).integers(0, 255, SAVED[name].nbytes, dtype=np.uint8)
    wrong[name] = noise.view(SAVED[name].dtype)[: SAVED[name].size].reshape(SAVED[name].shape)
    if missing:
        del wrong[name]
    monitor = Monitor(MonitorSettings())
    try:
        monitor.restore(wrong)
    except InputError:
        return
    traffic = Traffic()
    traffic.ticks = 30
    assert np.isfinite(monitor.observe(traffic.next()).log_evidence)
