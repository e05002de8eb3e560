"""Counts and durations for Prometheus, in a registry of their own, served on the loopback address."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from payments.errors import SettingsError
from tools.ports import Cycle, Event
from tools.telemetry.counted import COUNTED

HOST: Final = "127.0.0.1"
STAGE_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STATUSES: Final = ("open", "waiting", "acting", "watched")
"""Of an incident that is not closed."""


class Metrics:
    """Implements `Telemetry`: adds up, and waits to be asked."""

    def __init__(
        self, clock: Callable[[], datetime], seconds: Callable[[], float] = time.perf_counter
    ) -> None:
        self.registry = registry = CollectorRegistry()
        self._seconds, self._lag = seconds, _Lag(clock)
        registry.register(self._lag)
        ProcessCollector(registry=registry)
        by_name = {one.name: one for one in COUNTED.values()}
        self._counters = {
            name: Counter(name, one.words, one.labels, registry=registry) for name, one in by_name.items()
        }
        self._cycles = Counter("payops_cycles", "Increments looked at.", registry=registry)
        self._notes = Counter("payops_input_notes", "Notes on what was wrong with input.", registry=registry)
        self._incidents = Gauge(
            "payops_incidents", "Incidents of the feed not closed.", ["status"], registry=registry
        )
        self._stages = Histogram(
            "payops_stage_seconds",
            "How long each stage of the work took.",
            ["stage"],
            registry=registry,
            buckets=STAGE_BOUNDS_S,
        )

    @contextmanager
    def span(self, name: str, incident_id: str = "") -> Iterator[None]:
        """Time a stage, whatever comes of it."""
        start = self._seconds()
        try:
            yield
        finally:
            self._stages.labels(name).observe(self._seconds() - start)

    def happened(self, event: Event) -> None:
        """Count it, if it is one to count."""
        counted = COUNTED.get(event.name)
        if counted is None:
            return
        counter, values = self._counters[counted.name], counted.values(event.kinds)
        (counter.labels(*values) if values else counter).inc()

    def cycled(self, cycle: Cycle) -> None:
        """Take in how far the watch has come."""
        self._cycles.inc()
        self._notes.inc(len(cycle.notes))
        for status in STATUSES:
            self._incidents.labels(status).set(cycle.incidents.get(status, 0))
        if cycle.is_live:
            self._lag.until = cycle.until


class _Lag(Collector):
    """Grows while nothing is looked at, whatever the reason; there is none before the first increment."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.until: datetime | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the lag as it is now."""
        if self.until is None:
            return
        lag_s = (self._clock() - self.until).total_seconds()
        yield GaugeMetricFamily(
            "payops_lag_seconds", "Age of the newest increment that was looked at.", value=lag_s
        )


@contextmanager
def served(metrics: Metrics, port: int) -> Iterator[None]:
    """Answer `/metrics` to whoever is on this machine.

    Raises:
        SettingsError: the port is taken.
    """
    try:
        server, thread = start_http_server(port, HOST, registry=metrics.registry)
    except OSError as error:
        msg = f"Metrics cannot be served at {HOST}, port {port}: {error.strerror}. Give another --metrics."
        raise SettingsError(msg) from error
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
