"""Traces for OpenTelemetry: one for each cycle, sent by a thread of their own, so that no cycle waits."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode, Tracer, get_current_span

from payments.errors import PayOpsError, SettingsError
from tools.ports import Cycle, Event
from tools.telemetry.collector import check

SERVICE: Final = "payops-crew"
ENDS_WITHIN_S: Final = 3.0
"""How long the end of a process waits for a collector to take what is left."""


@dataclass(frozen=True)
class Traces:
    """Implements `Telemetry`: what one thread begins within another stage becomes a part of it."""

    tracer: Tracer

    @contextmanager
    def span(self, name: str, incident_id: str = "") -> Iterator[None]:
        """Trace a stage; it failed only when one of our errors ended it, for a question ends it too."""
        about = {"payops.incident_id": incident_id} if incident_id else None
        with self.tracer.start_as_current_span(
            name, attributes=about, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except PayOpsError as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def happened(self, event: Event) -> None:
        """Note it in the stage that this thread is in."""
        get_current_span().add_event(event.name, dict(event.kinds))

    def cycled(self, cycle: Cycle) -> None:
        """Tell nothing: a cycle is a trace already."""


@contextmanager
def traced(environment: Mapping[str, str], tell: Callable[[str], object]) -> Iterator[Traces]:
    """Send traces to where OpenTelemetry's own variables say; `tell` hears when that fails or works again.

    Raises:
        SettingsError: no collector can be reached that way.
    """
    check(environment)
    with _silent_vendor():
        exporter = _ToldOnce(OTLPSpanExporter(), tell)
        provider = _provider(environment, exporter)
        try:
            yield Traces(provider.get_tracer("payops"))
        finally:
            _end(provider, exporter)


@contextmanager
def _silent_vendor() -> Iterator[None]:
    """Let the vendor log nothing: it repeats itself with every batch, and may quote a header with a key."""
    vendor = logging.getLogger("opentelemetry")
    before = vendor.level
    vendor.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        vendor.setLevel(before)


def _provider(environment: Mapping[str, str], exporter: SpanExporter) -> TracerProvider:
    service = {} if environment.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
    provider = TracerProvider(resource=Resource.create(service), shutdown_on_exit=False)
    try:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    except ValueError as error:
        said = str(error).rstrip(".")
        raise SettingsError(f"A variable of OpenTelemetry (OTEL_...) does not fit: {said}.") from error
    return provider


def _end(provider: TracerProvider, exporter: SpanExporter) -> None:
    """Send what is left, then let go of a collector that does not take it."""
    ending = Thread(target=provider.shutdown, name="end of traces", daemon=True)
    ending.start()
    ending.join(ENDS_WITHIN_S)
    if ending.is_alive():
        exporter.shutdown()  # which ends its pause between two tries
        ending.join(ENDS_WITHIN_S)


@dataclass
class _ToldOnce(SpanExporter):
    """Sends; tells people that it fails when that begins, and when it ends."""

    exporter: SpanExporter
    tell: Callable[[str], object]
    _fails: bool = field(default=False, init=False)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        result = self.exporter.export(spans)
        fails = result is not SpanExportResult.SUCCESS
        if fails != self._fails:
            self._fails = fails
            self.tell(FAILS if fails else WORKS)
        return result

    def shutdown(self) -> None:
        """End it."""
        self.exporter.shutdown()


FAILS: Final = (
    "Traces do not reach the collector: check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS. "
    "The crew goes on; what cannot be sent is dropped."
)
WORKS: Final = "Traces reach the collector again."
