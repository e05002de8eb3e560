"""What Prometheus is told: counts by words of our own, durations, and a lag that grows by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from payments.errors import SettingsError
from tests.integration.postgres import free_port
from tools.ports import Cycle, Event, Happened
from tools.telemetry.counted import COUNTED, UNKNOWN, Counted
from tools.telemetry.metrics import Metrics, served

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is set."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


def ticking(step_s: float) -> Callable[[], float]:
    """Give seconds that go on by a step each time that they are asked for."""
    reached = 0.0

    def seconds() -> float:
        nonlocal reached
        reached += step_s
        return reached

    return seconds


def cycle(incidents: Mapping[str, int], *, is_live: bool = True, notes: tuple[str, ...] = ()) -> Cycle:
    return Cycle("push:payments", START, is_live, incidents, notes)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize(("name", "counted"), COUNTED.items())
def test_each_event_is_counted_by_its_kinds(name: Happened, counted: Counted) -> None:
    metrics, kinds = Metrics(Clock()), {label: f"some_{label}" for label in counted.labels}
    for _ in range(2):
        metrics.happened(Event(name, "an incident", kinds))
    assert value(metrics, f"{counted.name}_total", **kinds) == 2


def test_a_kind_that_an_event_does_not_tell_is_unknown() -> None:
    metrics = Metrics(Clock())
    metrics.happened(Event("outcome"))
    assert value(metrics, "payops_outcomes_total", effect=UNKNOWN) == 1


def test_what_is_not_to_be_counted_changes_nothing() -> None:
    metrics = Metrics(Clock())
    before = [family.samples for family in metrics.registry.collect() if family.name.startswith("payops")]
    metrics.happened(Event("reconciled", "an incident"))
    after = [family.samples for family in metrics.registry.collect() if family.name.startswith("payops")]
    assert before == after


@given(st.lists(st.tuples(st.sampled_from(sorted(COUNTED)), st.text(), st.text()), max_size=30))
def test_no_name_out_of_the_payments_becomes_a_series(told: list[tuple[Happened, str, str]]) -> None:
    metrics = Metrics(Clock())
    for name, incident_id, text in told:
        metrics.happened(Event(name, incident_id, {}, {"found": text, "because": text}))
        metrics.cycled(cycle({text: 1}, notes=(text,)))
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    ours = {"open", "waiting", "acting", "watched", UNKNOWN}
    assert {one for sample in samples for one in sample.labels.values()} <= ours


def test_the_lag_grows_while_nothing_is_looked_at() -> None:
    clock = Clock()
    metrics = Metrics(clock)
    assert value(metrics, "payops_lag_seconds") is None
    metrics.cycled(cycle({}))
    clock.at = START + timedelta(seconds=95)
    assert value(metrics, "payops_lag_seconds") == 95


def test_what_is_over_or_simulated_has_no_lag() -> None:
    metrics = Metrics(Clock())
    metrics.cycled(cycle({}, is_live=False))
    assert value(metrics, "payops_lag_seconds") is None
    assert value(metrics, "payops_cycles_total") == 1


def test_incidents_are_those_of_the_last_cycle() -> None:
    metrics = Metrics(Clock())
    metrics.cycled(cycle({"acting": 2, "waiting": 1}, notes=("half a row", "no time")))
    metrics.cycled(cycle({"acting": 1}))
    found = {
        status: value(metrics, "payops_incidents", status=status) for status in ("acting", "waiting", "open")
    }
    assert found == {"acting": 1, "waiting": 0, "open": 0}
    assert value(metrics, "payops_input_notes_total") == 2


def test_a_stage_is_timed_even_when_it_fails() -> None:
    metrics = Metrics(Clock(), ticking(0.25))
    with pytest.raises(SettingsError), metrics.span("planner"):
        raise SettingsError("No.")
    assert value(metrics, "payops_stage_seconds_count", stage="planner") == 1
    assert value(metrics, "payops_stage_seconds_sum", stage="planner") == 0.25


@pytest.mark.integration
def test_it_is_served_until_the_end_and_the_place_is_free_again() -> None:
    metrics, port = Metrics(Clock()), free_port()
    metrics.happened(Event("opened"))
    for _ in range(2):
        with served(metrics, port):
            said = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert "payops_incidents_opened_total 1.0" in said
    assert "payops_incidents_opened_total 1.0" in generate_latest(metrics.registry).decode()


@pytest.mark.integration
def test_a_place_that_is_taken_is_told() -> None:
    port = free_port()
    with (
        served(Metrics(Clock()), port),
        pytest.raises(SettingsError, match=f"127.0.0.1, port {port}: .*Give another --metrics"),
        served(Metrics(Clock()), port),
    ):
        pass
