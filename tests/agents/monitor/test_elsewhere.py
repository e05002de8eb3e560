"""How a segment's payments usually fare elsewhere, and what a second look at the kept increments gathers."""

import pytest

from agents.monitor import Monitor, MonitorSettings
from payments.segment import Segment
from tests.agents.monitor.traffic import START, Traffic

ALPHA, BETA = Segment.of(psp="alpha"), Segment.of(psp="beta")
CARDS_ON_BETA = Segment.of(method="card", psp="beta")


def test_each_value_has_the_learned_success_of_the_same_payments() -> None:
    monitor, traffic = Monitor(MonitorSettings()), Traffic(per_tick=2_000.0)
    for _ in range(240):
        monitor.learn(traffic.next(fault=(CARDS_ON_BETA, 0.4)))
    cards = monitor.usual_success(Segment.of(method="card", psp="alpha"), "psp")
    upi = monitor.usual_success(Segment.of(method="upi", psp="alpha"), "psp")
    assert set(cards) == {"alpha", "beta", "gamma"}
    assert cards["beta"] == pytest.approx(0.6, abs=0.02)
    assert upi["beta"] == pytest.approx(0.92, abs=0.02)


def test_an_attribute_that_there_is_not_says_nothing(monitor: Monitor) -> None:
    assert monitor.usual_success(ALPHA, "acquirer") == {}
    assert Monitor(MonitorSettings()).usual_success(ALPHA, "psp") == {}


def test_a_second_look_gathers_all_increments_since_the_first(monitor: Monitor, traffic: Traffic) -> None:
    seen = [monitor.observe(traffic.next(fault=(ALPHA, 0.5))) for _ in range(8)]
    found = next(observation.evidence for observation in seen if observation.evidence is not None)
    for _ in range(12):
        monitor.observe(traffic.next(fault=(ALPHA, 0.5)), (ALPHA,))
    again = monitor.look_again(found.since)
    assert again is not None
    assert again.since == found.since
    assert again.duration_s >= found.duration_s + 60.0
    inside = again.cells.mask(ALPHA)
    assert again.failures[inside].sum() > 3 * again.expected_failures[inside].sum()


def test_a_second_look_leaves_out_what_is_known(monitor: Monitor, traffic: Traffic) -> None:
    monitor.observe(traffic.next())
    again = monitor.look_again(START, (ALPHA,))
    assert again is not None
    assert not again.cells.mask(ALPHA).any()
    assert again.cells.mask(BETA).any()


def test_a_second_look_at_nothing_is_none(monitor: Monitor, traffic: Traffic) -> None:
    end = monitor.observe(traffic.next()).summary.end
    assert monitor.look_again(end) is None
