"""Increments of every order and shape: none crashes the monitor, none alarms by its order alone."""

from datetime import timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.monitor import Monitor, MonitorSettings
from payments.segment import Segment
from payments.window import LATENCY_BINS, Cells, Window
from tests.agents.monitor.traffic import START, Traffic

TICK = timedelta(seconds=5)


def moved(window: Window, ticks: float) -> Window:
    return window.model_copy(update={"start": window.start + ticks * TICK})


def test_an_increment_that_comes_twice_is_skipped_with_a_note(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    before = monitor.observe(window).summary
    again = monitor.observe(window)
    assert again.summary == before
    assert "overlaps one already counted" in again.notes[0]
    assert monitor.tally(Segment({}), since=window.start).ticks == 1


def test_a_failing_increment_sent_twelve_times_counts_once(monitor: Monitor, traffic: Traffic) -> None:
    weak = traffic.next(fault=(Segment.of(issuer="sbi"), 0.12))
    seen = [monitor.observe(weak) for _ in range(12)]
    assert not [o.finding for o in seen if o.finding]
    assert len({o.log_evidence for o in seen}) == 1


def test_a_late_increment_is_counted_but_not_judged(monitor: Monitor, traffic: Traffic) -> None:
    first, late, last = traffic.next(), traffic.next(fault=(Segment({}), 0.9)), traffic.next()
    monitor.observe(first)
    monitor.observe(last)
    observation = monitor.observe(late)
    assert observation.finding is None
    assert "came late" in observation.notes[0]
    assert monitor.tally(Segment({}), since=first.start).ticks == 3


def test_an_increment_older_than_all_kept_is_skipped_with_a_note(monitor: Monitor, traffic: Traffic) -> None:
    observation = monitor.observe(moved(traffic.next(), -100_000))
    assert "older than what is kept" in observation.notes[0]
    assert observation.finding is None


def test_a_clock_set_back_for_good_is_believed_after_a_while(monitor: Monitor, traffic: Traffic) -> None:
    notes = [note for _ in range(14) for note in monitor.observe(moved(traffic.next(), -100_000)).notes]
    assert sum("older than what is kept" in note for note in notes) == 11
    assert sum("clock was set back" in note for note in notes) == 1


def test_a_gap_is_noted_and_is_no_alarm(monitor: Monitor, traffic: Traffic) -> None:
    observation = monitor.observe(moved(traffic.next(), 500))
    assert observation.notes == (f"500 increments missing before {observation.summary.start.isoformat()}",)
    assert observation.finding is None


def test_an_increment_of_another_length_is_skipped_with_a_note(monitor: Monitor, traffic: Traffic) -> None:
    observation = monitor.observe(traffic.next().model_copy(update={"duration_s": 60.0}))
    assert "lasts 60 s" in observation.notes[0]


def test_an_increment_of_other_attributes_is_skipped_with_a_note(monitor: Monitor, traffic: Traffic) -> None:
    other = Traffic(cells=Cells(attributes=("colour",), keys=(("red",),)))
    observation = monitor.observe(moved(other.next(), traffic.ticks))
    assert "its attributes are ('colour',)" in observation.notes[0]


def test_attributes_in_another_order_are_the_same_cells(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    names, keys = window.cells.attributes[::-1], tuple(key[::-1] for key in window.cells.keys)
    turned = window.model_copy(update={"cells": Cells(attributes=names, keys=keys)})
    observation = monitor.observe(turned)
    alpha = Segment.of(psp="alpha")
    assert (
        monitor.tally(alpha, since=window.start).attempts == window.attempts[window.cells.mask(alpha)].sum()
    )
    assert observation.notes == ()


def test_notes_on_history_come_with_the_next_observation(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    monitor.learn(window)
    monitor.learn(window)
    assert "overlaps" in monitor.observe(traffic.next()).notes[0]


def test_new_cells_and_codes_may_appear_at_any_time(monitor: Monitor, traffic: Traffic) -> None:
    values = {"issuer": ("new", "sbi"), "method": ("upi",), "psp": ("alpha", "delta")}
    keys = tuple((i, m, p) for i in values["issuer"] for m in values["method"] for p in values["psp"])
    newer = Traffic(cells=Cells(attributes=tuple(values), keys=keys))
    newer.ticks, newer.latency = traffic.ticks, traffic.latency
    seen = [
        monitor.observe(newer.next().model_copy(update={"codes": ("91", "05", "new")})) for _ in range(30)
    ]
    kinds = {signal.kind for o in seen if o.finding for signal in o.finding.signals}
    assert kinds <= {"volume_down"}  # the old cells fell silent, which is news
    assert monitor.tally(Segment.of(issuer="new")).ticks == 120


VALUE = st.text(max_size=6) | st.sampled_from(
    ("alpha", "{{7*7}}", "'; drop table--", "\N{RIGHT-TO-LEFT OVERRIDE}x")
)


@st.composite
def windows(draw: st.DrawFn) -> list[Window]:
    width = draw(st.integers(0, 4))
    attributes = tuple(f"a{place}" for place in range(width))
    key = st.tuples(*[VALUE] * width)
    count = st.integers(0, 2**40) | st.integers(0, 30)
    made = []
    for _ in range(draw(st.integers(1, 6))):
        keys = draw(st.lists(key, max_size=5, unique=True))
        rows = len(keys)
        attempts = np.array(draw(st.lists(count, min_size=rows, max_size=rows)), dtype=np.int64)
        bad = np.array([draw(st.integers(0, int(n))) for n in attempts], dtype=np.int64)
        pending = np.array([draw(st.integers(0, int(n))) for n in bad], dtype=np.int64)
        failures = bad - pending
        rich = draw(st.booleans())
        latency = np.zeros((rows, LATENCY_BINS), dtype=np.int64)
        latency[:, draw(st.integers(0, LATENCY_BINS - 1))] = attempts
        made.append(
            Window(
                start=START + draw(st.integers(-200, 200)) * TICK / 2,
                duration_s=draw(st.sampled_from((5.0, 5.0, 5.0, 60.0))),
                cells=Cells(attributes=attributes, keys=tuple(keys)),
                attempts=attempts,
                successes=attempts - bad,
                pending=pending,
                payments=attempts // 2 if rich else None,
                codes=("91", draw(VALUE.filter(lambda code: code != "91"))) if rich else (),
                failures_by_code=np.stack([failures // 2, failures - failures // 2], axis=1)
                if rich
                else None,
                latency=latency if rich else None,
            )
        )
    return made


@given(sequence=windows(), learned=st.integers(0, 4))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_valid_windows_crashes_the_monitor(sequence: list[Window], learned: int) -> None:
    monitor = Monitor(MonitorSettings(ticks_to_learn=2, attempts_to_learn=1, memory_ticks=24))
    for window in sequence[:learned]:
        monitor.learn(window)
    known = tuple(window.cells.segment(0) for window in sequence if len(window.cells))[:1]
    for window in sequence:
        observation = monitor.observe(window, known)
        again = monitor.observe(window, known)
        assert again.finding is None
        assert np.isfinite(observation.log_evidence)
        assert observation.model_dump_json()
        tally = monitor.tally(known[0] if known else Segment({}))
        assert tally.attempts >= tally.failures


@given(order=st.permutations(range(6)))
@settings(max_examples=25)
def test_every_order_of_arrival_gives_the_same_count(order: list[int]) -> None:
    made = Traffic(per_tick=100.0)
    increments = [made.next() for _ in range(6)]
    monitor = Monitor(MonitorSettings())
    for place in order:
        monitor.observe(increments[place])
    assert monitor.tally(Segment({})).attempts == sum(int(w.attempts.sum()) for w in increments)
