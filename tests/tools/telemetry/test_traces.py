"""What a collector receives: one trace a cycle, one span a stage, and no word of an error's text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from os import environ
from queue import Queue

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from payments.errors import InputError, SettingsError
from tests.tools.loopback import served
from tools.ports import Cycle, Event
from tools.telemetry.collector import check, is_named
from tools.telemetry.traces import FAILS, WORKS, Traces, traced

pytestmark = pytest.mark.integration

WITHIN_S = 60.0
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOSTILE = "\u202enamaste\x1b[2J\n"


class Collector:
    """Takes what is sent; answers with these statuses first, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests = Queue[ExportTraceServiceRequest]()
        self.keys = list[str]()

    def spans(self) -> list[Span]:
        """Give the spans of the next request."""
        (resource,) = self.requests.get(timeout=WITHIN_S).resource_spans
        return [span for scope in resource.scope_spans for span in scope.spans]


@contextmanager
def collecting(collector: Collector) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = collector.statuses.pop(0) if collector.statuses else 200
            collector.keys.append(self.headers.get("x-key", ""))
            self.send_response(status if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()
            collector.requests.put(ExportTraceServiceRequest.FromString(body))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            pass

    with served(Handler) as url:
        yield url


@contextmanager
def tracing(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, told: "Queue[str] | None" = None
) -> Iterator[Traces]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=hunter2")
    with collecting(collector) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        with traced(environ, (told or Queue[str]()).put) as traces:
            yield traces


def test_stages_within_a_stage_are_parts_of_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = Collector()
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "60000")
    with collecting(collector) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        with traced(environ, print) as traces, traces.span("cycle"):
            with traces.span("monitor"):
                pass
            with traces.span("analyst", HOSTILE):
                traces.happened(Event("proposed", "3f2a", {"action": "reroute_traffic"}, {"words": HOSTILE}))
    request = collector.requests.get(timeout=WITHIN_S)
    (resource,) = request.resource_spans
    about = {one.key: one.value.string_value for one in resource.resource.attributes}
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    whole = spans["cycle"]
    assert about["service.name"] == "payops-crew"
    assert {span.trace_id for span in spans.values()} == {whole.trace_id}
    assert [spans[name].parent_span_id for name in ("monitor", "analyst")] == [whole.span_id] * 2
    assert {one.key: one.value.string_value for one in spans["analyst"].attributes} == {
        "payops.incident_id": HOSTILE
    }
    (event,) = spans["analyst"].events
    assert (event.name, event.attributes[0].value.string_value) == ("proposed", "reroute_traffic")
    assert len(event.attributes) == 1


def test_each_cycle_is_a_trace_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = Collector()
    with tracing(collector, monkeypatch) as traces:
        for _ in range(2):
            with traces.span("cycle"):
                traces.cycled(Cycle("file:a.csv", AT, is_live=False, incidents={}, notes=()))
        found = collector.spans()
        while len(found) < 2:
            found += collector.spans()
    assert len({span.trace_id for span in found}) == 2
    assert collector.keys[0] == "hunter2"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InputError(HOSTILE), Status.STATUS_CODE_ERROR, "InputError"),
        (KeyError("x"), Status.STATUS_CODE_UNSET, ""),
    ],
)
def test_our_own_errors_fail_a_stage_and_their_text_is_not_sent(
    error: Exception, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = Collector()
    with tracing(collector, monkeypatch) as traces:
        with pytest.raises(type(error)), traces.span("act"):
            raise error
        (span,) = collector.spans()
    assert (span.status.code, span.status.message) == (status, words)
    assert not span.events


def test_a_collector_that_fails_is_told_of_once_and_so_is_its_return(monkeypatch: pytest.MonkeyPatch) -> None:
    collector, told = Collector(400, 403, 200, 200), Queue[str]()
    with tracing(collector, monkeypatch, told) as traces:
        for _ in range(4):
            with traces.span("cycle"):
                pass
            collector.spans()
    assert [told.get(timeout=WITHIN_S), told.get(timeout=WITHIN_S)] == [FAILS, WORKS]
    assert told.empty()


def test_a_collector_that_is_not_there_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    with traced(environ, print) as traces, traces.span("cycle"):
        pass


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2:4318", "_ENDPOINT is no address that begins with https://"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[hunter2", "TRACES_ENDPOINT is no address"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "HEADERS is no list such as name=value,name=value"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "PROTOCOL is 'grpc'; traces are sent by http/protobuf alone"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start_without_its_secrets(
    name: str, given: str, words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        check({name: given})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"])
def test_what_opentelemetry_itself_refuses_is_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "0")
    words = r"does not fit: .* must be a positive integer"
    with pytest.raises(SettingsError, match=words), traced({}, print):
        pass


def test_a_collector_is_named_by_either_variable() -> None:
    assert is_named({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"})
    assert is_named({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"})
    assert not is_named({"OTEL_EXPORTER_OTLP_ENDPOINT": " "})
    check({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"})
