"""What the monitor notices, what it leaves alone, and what it says."""

import numpy as np
import pytest

from agents.monitor import Monitor, MonitorSettings
from payments.observation import Observation
from payments.segment import Segment
from payments.window import Cells, Window
from tests.agents.monitor.traffic import START, Traffic

ALPHA = Segment.of(psp="alpha")
BETA = Segment.of(psp="beta")
SBI = Segment.of(issuer="sbi")
EVERYTHING = Segment({})


def first_finding(monitor: Monitor, windows: list[Window], known: tuple[Segment, ...] = ()) -> Observation:
    seen = (monitor.observe(window, known) for window in windows)
    return next(observation for observation in seen if observation.finding is not None)


def quiet(
    monitor: Monitor, traffic: Traffic, ticks: int, known: tuple[Segment, ...] = ()
) -> list[Observation]:
    return [monitor.observe(traffic.next(), known) for _ in range(ticks)]


def test_six_hundred_quiet_increments_raise_nothing(monitor: Monitor, traffic: Traffic) -> None:
    assert not [o.finding for o in quiet(monitor, traffic, 600) if o.finding]


def test_a_failing_route_is_the_strongest_signal(monitor: Monitor, traffic: Traffic) -> None:
    quiet(monitor, traffic, 10)
    began = START.timestamp() + traffic.ticks * traffic.tick_s
    found = first_finding(monitor, [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)])
    assert found.finding is not None
    assert ALPHA.contains(found.finding.signals[0].segment)
    strongest = next(signal for signal in found.finding.signals if signal.segment == ALPHA)
    assert strongest.kind in {"failures", "technical", "codes"}
    assert strongest.onset.timestamp() == began
    assert strongest.observed > 3 * strongest.expected
    assert strongest.log_evidence >= found.threshold == found.finding.threshold


def test_a_signal_says_what_was_lost_in_payments_and_money(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)]
    paid = [w.model_copy(update={"amount_minor": w.attempts * 250, "currency": "INR"}) for w in windows]
    found = first_finding(monitor, paid).finding
    assert found is not None
    strongest = found.signals[0]
    excess = strongest.observed - strongest.expected
    assert 0.9 * excess < strongest.payments_lost < excess
    assert strongest.money_lost_minor == pytest.approx(250 * strongest.payments_lost)
    assert strongest.average_amount_minor == pytest.approx(250)
    assert strongest.currency == "INR"


def test_without_amounts_no_money_is_told(monitor: Monitor, traffic: Traffic) -> None:
    found = first_finding(monitor, [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)]).finding
    assert found is not None
    assert {signal.money_lost_minor for signal in found.signals} == {None}
    assert {(signal.average_amount_minor, signal.currency) for signal in found.signals} == {(None, None)}


def test_signals_come_strongest_first_and_are_twenty_at_most(monitor: Monitor, traffic: Traffic) -> None:
    found = first_finding(monitor, [traffic.next(fault=(EVERYTHING, 0.5)) for _ in range(8)])
    assert found.finding is not None
    strengths = [signal.log_evidence for signal in found.finding.signals]
    assert strengths == sorted(strengths, reverse=True)
    assert len(strengths) <= 20


def test_a_small_shift_is_found_in_the_roll_up(monitor: Monitor, traffic: Traffic) -> None:
    found = first_finding(monitor, [traffic.next(fault=(SBI, 0.14)) for _ in range(60)])
    assert found.finding is not None
    assert SBI.contains(found.finding.signals[0].segment)


def test_a_weak_alarm_waits_six_increments_at_most(monitor: Monitor, traffic: Traffic) -> None:
    waited = 0
    for _ in range(60):
        observation = monitor.observe(traffic.next(fault=(SBI, 0.14)))
        if observation.finding:
            break
        waited += observation.log_evidence >= observation.threshold
    assert waited <= 6


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("technical", {"fault": (ALPHA, 0.2)}),
        ("pending", {"pending": (ALPHA, 0.3)}),
        ("repeats", {"repeats": (ALPHA, 0.5)}),
        ("slow", {"slow": ALPHA}),
        ("volume_up", {"volume": (ALPHA, 2.5)}),
        ("volume_down", {"volume": (ALPHA, 0.2)}),
    ],
)
def test_every_kind_of_change_is_noticed(
    monitor: Monitor, traffic: Traffic, kind: str, fault: dict[str, object]
) -> None:
    found = first_finding(monitor, [traffic.next(**fault) for _ in range(30)])  # type: ignore[arg-type]
    assert found.finding is not None
    assert kind in {signal.kind for signal in found.finding.signals if signal.segment == ALPHA}


def test_a_change_of_mix_alone_is_no_alarm() -> None:
    cells = Cells(attributes=("psp", "method"), keys=(("alpha", "card"), ("alpha", "upi")))
    rng = np.random.default_rng(5)
    monitor = Monitor(MonitorSettings())

    def window(tick: int, attempts: tuple[int, int]) -> Window:
        source = Traffic(cells=cells, tick_s=5.0)
        source.ticks = tick
        failures = rng.binomial(attempts, (0.05, 0.30))
        made = source.next()
        plain = {"failures_by_code": None, "codes": (), "payments": None, "latency": None, "pending": [0, 0]}
        return Window.model_validate(
            {**dict(made), "attempts": attempts, "successes": np.array(attempts) - failures, **plain}
        )

    for tick in range(120):
        monitor.learn(window(tick, (300, 100)))
    seen = [monitor.observe(window(tick, (200, 200))) for tick in range(120, 240)]
    kinds = {signal.kind for o in seen if o.finding for signal in o.finding.signals}
    assert "failures" not in kinds


def test_a_known_fault_does_not_alarm_again(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next(fault=(ALPHA, 0.5)) for _ in range(120)]
    assert monitor.observe(windows[0]).finding is not None
    later = [monitor.observe(window, (ALPHA,)) for window in windows[1:]]
    assert not [o.finding for o in later if o.finding]


def test_a_fault_that_comes_again_is_dated_from_its_return(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next(fault=(ALPHA, 0.5)) for _ in range(20)]
    assert monitor.observe(windows[0]).finding
    for window in windows[1:]:
        monitor.observe(window, (ALPHA,))
    quiet(monitor, traffic, 10)
    again = [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)]
    found = first_finding(monitor, again)
    assert found.finding is not None
    assert found.finding.since == again[0].start


def test_a_second_fault_is_found_beside_a_known_one(monitor: Monitor, traffic: Traffic) -> None:
    first_finding(monitor, [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)])
    both = Segment({})
    found = first_finding(monitor, [traffic.next(fault=(both, 0.5)) for _ in range(8)], (ALPHA,))
    assert found.evidence is not None
    assert not found.evidence.cells.mask(ALPHA).any()


def test_the_baseline_does_not_learn_a_known_fault(monitor: Monitor, traffic: Traffic) -> None:
    before = monitor.tally(ALPHA)
    for _ in range(200):
        monitor.observe(traffic.next(fault=(ALPHA, 0.5)), (ALPHA,))
    after = monitor.tally(ALPHA)
    rates = [tally.expected_failures / tally.attempts for tally in (before, after)]
    assert rates[1] == pytest.approx(rates[0], rel=0.05)


def test_the_baseline_does_not_learn_what_is_not_yet_an_alarm(monitor: Monitor, traffic: Traffic) -> None:
    expected = monitor.tally(SBI).expected_failures / monitor.tally(SBI).attempts
    for _ in range(30):
        observation = monitor.observe(traffic.next(fault=(SBI, 0.2)))
        if observation.finding:
            break
    after = monitor.tally(SBI)
    assert after.expected_failures / after.attempts == pytest.approx(expected, rel=0.1)


def test_evidence_has_the_counts_of_every_cell_since_the_onset(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)]
    found = first_finding(monitor, windows)
    evidence = found.evidence
    assert evidence is not None
    since = [window for window in windows if evidence.since <= window.start < evidence.until]
    assert evidence.attempts.sum() == sum(window.attempts.sum() for window in since)
    assert evidence.failures.sum() == sum(window.failures.sum() for window in since)
    assert evidence.failures_by_code is not None
    assert evidence.failures_by_code.sum() == evidence.failures.sum()
    assert evidence.repeats is not None
    assert evidence.slow is not None
    assert evidence.fast is not None


def test_evidence_expects_the_usual_outside_the_fault(monitor: Monitor, traffic: Traffic) -> None:
    evidence = first_finding(monitor, [traffic.next(fault=(ALPHA, 0.5)) for _ in range(8)]).evidence
    assert evidence is not None
    assert evidence.expected_by_code is not None
    outside = ~evidence.cells.mask(ALPHA)
    expected = evidence.expected_failures[outside].sum()
    assert evidence.failures[outside].sum() == pytest.approx(expected, abs=4 * expected**0.5)
    assert evidence.expected_by_code.sum() == pytest.approx(evidence.expected_failures.sum())
    assert evidence.attempts.sum() == pytest.approx(evidence.expected_attempts.sum(), rel=0.2)


def test_a_step_is_told_from_a_ramp(traffic: Traffic) -> None:
    def sharpness(rates: list[float]) -> float | None:
        source = Traffic(per_tick=3000.0)
        monitor = Monitor(MonitorSettings(false_alarms_per_week=1e-9))
        for _ in range(60):
            monitor.learn(source.next())
        evidence = first_finding(
            monitor, [source.next(fault=(SBI, rate), code="05") for rate in rates]
        ).evidence
        assert evidence is not None
        return evidence.onset_sharpness

    step = sharpness([0.16] * 20)
    ramp = sharpness([0.1 + 0.012 * tick for tick in range(20)])
    assert step is not None
    assert step > 0.6
    assert ramp is None or ramp < step


def test_a_cold_monitor_says_that_it_is_learning_and_raises_nothing(traffic: Traffic) -> None:
    monitor = Monitor(MonitorSettings())
    seen = [monitor.observe(traffic.next()) for _ in range(6)]
    seen += [monitor.observe(traffic.next(fault=(ALPHA, 0.6))) for _ in range(5)]
    assert not [o.finding for o in seen if o.finding]
    assert all("learning" in " ".join(o.notes) for o in seen)
    assert seen[-1].ticks_learned == 11


def test_a_cold_monitor_watches_once_it_has_learned(traffic: Traffic) -> None:
    monitor = Monitor(MonitorSettings())
    quiet(monitor, traffic, 20)
    assert first_finding(monitor, [traffic.next(fault=(ALPHA, 0.6)) for _ in range(4)]).finding


def test_an_accepted_level_of_traffic_is_reported_once(monitor: Monitor, traffic: Traffic) -> None:
    seen = [monitor.observe(traffic.next(volume=(EVERYTHING, 3.0))) for _ in range(60)]
    seen += [monitor.observe(traffic.next()) for _ in range(60)]
    assert len([o.finding for o in seen if o.finding]) == 1


def test_the_summary_speaks_of_the_last_minute(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next() for _ in range(30)]
    summary = [monitor.observe(window).summary for window in windows][-1]
    last = windows[-12:]
    assert (summary.start, summary.end) == (last[0].start, last[-1].end)
    assert summary.attempts == sum(window.attempts.sum() for window in last)
    assert summary.failures == sum(window.failures.sum() for window in last)
    assert summary.payments == sum(int(w.payments.sum()) for w in last if w.payments is not None)
    assert summary.success_rate == pytest.approx(summary.expected_success_rate, abs=0.02)
    assert summary.top_codes[0][0] == "05"
    assert summary.latency_p50_ms is not None
    assert summary.latency_p95_ms is not None
    assert summary.latency_p50_ms <= summary.latency_p95_ms


def test_a_segment_is_tallied_over_the_increments_since(monitor: Monitor, traffic: Traffic) -> None:
    windows = [traffic.next() for _ in range(5)]
    for window in windows:
        monitor.observe(window)
    tally = monitor.tally(BETA, since=windows[2].start)
    inside = traffic.cells.mask(BETA)
    assert tally.ticks == 3
    assert tally.attempts == sum(int(window.attempts[inside].sum()) for window in windows[2:])
    assert tally.failures == sum(int(window.failures[inside].sum()) for window in windows[2:])
    assert tally.expected_attempts == pytest.approx(tally.attempts, rel=0.3)


def test_a_segment_nobody_has_seen_is_tallied_as_nothing(monitor: Monitor) -> None:
    assert monitor.tally(Segment.of(psp="nobody")).attempts == 0
    assert monitor.tally(Segment.of(colour="red")).attempts == 0


def test_hourly_increments_alarm_at_once_and_not_on_the_season() -> None:
    source = Traffic(tick_s=3600.0, per_tick=4000.0)
    monitor = Monitor(MonitorSettings(tick_s=3600.0))
    assert not [o.finding for o in quiet(monitor, source, 60) if o.finding]
    evidence = monitor.observe(source.next(fault=(ALPHA, 0.5))).evidence
    assert evidence is not None
    assert evidence.expected_attempts.tolist() == evidence.attempts.tolist()  # the day's season is not known
