"""The last increment rolled up: sums that are right, beside what the baseline expects."""

import numpy as np

from agents.monitor import Monitor, MonitorSettings
from payments.pulse import ATTEMPTS, BAD, EXPECTED_BAD, LEAST_ATTEMPTS, MOST_ATTEMPTS, VARIANCE_BAD, Pulse
from payments.segment import Segment
from payments.window import Window
from tests.agents.monitor.traffic import Traffic

ALPHA = Segment.of(psp="alpha")


def pulse_of(monitor: Monitor, window: Window) -> Pulse:
    monitor.observe(window)
    pulse = monitor.pulse()
    assert pulse is not None
    return pulse


def test_every_segment_has_the_sums_of_its_cells(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    pulse = pulse_of(monitor, window)
    segments = (*pulse.wide, *pulse.pairs)
    counts = np.concatenate([pulse.wide_counts, pulse.pair_counts])
    assert len(segments) == 1 + 4 + 2 + 3 + 4 * 3
    for segment, row in zip(segments, counts, strict=True):
        inside = window.cells.mask(segment)
        assert row[ATTEMPTS] == window.attempts[inside].sum()
        assert row[BAD] == (window.failures + window.pending)[inside].sum()


def test_pairs_are_of_issuer_and_route(monitor: Monitor, traffic: Traffic) -> None:
    pulse = pulse_of(monitor, traffic.next())
    assert {tuple(segment.names()) for segment in pulse.pairs} == {("issuer", "psp")}


def test_latencies_are_those_of_the_window(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    pulse = pulse_of(monitor, window)
    assert window.latency is not None
    for segment, histogram in zip(pulse.wide, pulse.latency, strict=True):
        assert np.array_equal(histogram, window.latency[window.cells.mask(segment)].sum(axis=0))


def test_normal_traffic_stays_within_four_standard_deviations(monitor: Monitor, traffic: Traffic) -> None:
    beyond = total = 0
    for _ in range(60):
        counts = pulse_of(monitor, traffic.next()).wide_counts
        deviation = np.abs(counts[:, BAD] - counts[:, EXPECTED_BAD]) / np.sqrt(counts[:, VARIANCE_BAD])
        beyond, total = beyond + int((deviation > 4).sum()), total + len(deviation)
    assert beyond < 0.01 * total


def test_a_failing_route_is_far_beyond_what_is_expected(monitor: Monitor, traffic: Traffic) -> None:
    pulse = pulse_of(monitor, traffic.next(fault=(ALPHA, 0.6)))
    row = pulse.wide_counts[pulse.wide.index(ALPHA)]
    assert row[BAD] - row[EXPECTED_BAD] > 6 * np.sqrt(row[VARIANCE_BAD])


def test_a_reported_volume_is_normal_beside_the_one_before_it(monitor: Monitor, traffic: Traffic) -> None:
    pulse = [pulse_of(monitor, traffic.next(volume=(ALPHA, 3.0))) for _ in range(40)][-1]
    row = pulse.wide_counts[pulse.wide.index(ALPHA)]
    assert row[MOST_ATTEMPTS] > 2 * row[LEAST_ATTEMPTS]


def test_nothing_is_expected_before_anything_is_learned(traffic: Traffic) -> None:
    counts = pulse_of(Monitor(MonitorSettings()), traffic.next()).wide_counts
    assert np.isnan(counts[:, EXPECTED_BAD:]).all()
    assert not np.isnan(counts[:, :EXPECTED_BAD]).any()


def test_the_learned_latencies_are_told_at_first_and_now_and_then(monitor: Monitor, traffic: Traffic) -> None:
    told = [pulse_of(monitor, traffic.next()).usual_latency is not None for _ in range(121)]
    assert [number for number, one in enumerate(told) if one] == [0, 120]


def test_an_increment_that_is_skipped_has_no_pulse(monitor: Monitor, traffic: Traffic) -> None:
    window = traffic.next()
    monitor.observe(window)
    monitor.observe(window)
    assert monitor.pulse() is None


def test_a_feed_without_routes_has_no_pairs() -> None:
    traffic = Traffic()
    window = traffic.next()
    renamed = window.cells.model_copy(update={"attributes": ("issuer", "method", "shop")})
    pulse = pulse_of(Monitor(MonitorSettings()), window.model_copy(update={"cells": renamed}))
    assert (pulse.pairs, len(pulse.pair_counts)) == ((), 0)
