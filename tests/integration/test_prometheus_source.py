"""Counters in a real Prometheus as a source: what an exporter counted is what the windows hold."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, start_http_server

from payments.errors import BadMapping
from tests.integration.postgres import free_port
from tests.integration.required import missing
from tools.sources.address import Address
from tools.sources.prometheus.reader import PrometheusReader, open_prometheus
from tools.sources.stream.reader import SourceDown, Stretch
from tools.sources.stream.windows import Assembler

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WITHIN_S = 30.0
TICK_US = 1_000_000


@dataclass
class Exporter:
    """A small application that counts its payments."""

    port: int
    server: WSGIServer
    thread: Thread
    payments: Counter

    @classmethod
    def on(cls, port: int) -> "Exporter":
        registry = CollectorRegistry()
        payments = Counter("payments", "Payments", ["psp", "method", "outcome", "code"], registry=registry)
        return cls(port, *start_http_server(port, "127.0.0.1", registry=registry), payments)

    def pay(self, successes: int, failures: int = 0) -> None:
        self.payments.labels("a", "card", "success", "").inc(successes)
        self.payments.labels("b", "card", "declined", "51").inc(failures)

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@dataclass(frozen=True)
class Prometheus:
    """A server that scrapes the exporter every second."""

    port: int

    @property
    def address(self) -> Address:
        return Address("prometheus", "127.0.0.1", self.port)

    def value(self, query: str) -> float | None:
        """Give the value of a query now; None while the server still starts, which it says by a 503."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v1/query", params={"query": query})
            answer.raise_for_status()
        except httpx.HTTPError:
            return None
        found = answer.json().get("data", {}).get("result", [])
        return float(found[0]["value"][1]) if found else None


def wait(until: Callable[[], bool]) -> None:
    """Look until something holds; other processes have their own pace."""
    end = time.monotonic() + WITHIN_S
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def running(folder: Path, exporter_port: int) -> Iterator[Prometheus]:
    program = shutil.which("prometheus")
    if program is None:
        missing("Prometheus is not installed (apt-get install prometheus)")
    config, port = folder / "prometheus.yml", free_port()
    config.write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs: [{job_name: shop, static_configs: "
        f"[{{targets: ['127.0.0.1:{exporter_port}']}}]}}]\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [
            program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ]
    )  # fmt: skip
    try:
        yield Prometheus(port)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def exporter() -> Iterator[Exporter]:
    exporter = Exporter.on(free_port())
    exporter.pay(0)
    yield exporter
    exporter.stop()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, exporter: Exporter) -> Iterator[Prometheus]:
    with running(tmp_path_factory.mktemp("prometheus"), exporter.port) as prometheus:
        wait(lambda: prometheus.value("count_over_time(payments_total[1m])") is not None)
        wait(lambda: (prometheus.value("count_over_time(payments_total[1m])") or 0) >= 3)
        yield prometheus


def opened(prometheus: Prometheus, **given: str) -> PrometheusReader:
    return open_prometheus(
        prometheus.address, "", given.get("metric"), given.get("mapping"), float(given.get("tick_s", 1))
    )


def second_now() -> int:
    return int(time.time()) * TICK_US


def test_every_payment_that_was_counted_is_in_a_window_through_a_restart(
    prometheus: Prometheus, exporter: Exporter
) -> None:
    since = second_now() - TICK_US
    exporter.pay(100, 30)
    wait(lambda: prometheus.value('payments_total{outcome="success"}') == 100)
    exporter.payments.clear()  # as a restart does
    exporter.pay(7, 3)
    wait(lambda: prometheus.value('payments_total{outcome="success"}') == 7)
    exporter.pay(5, 2)
    wait(lambda: prometheus.value('payments_total{outcome="success"}') == 12)
    with closing(opened(prometheus)) as reader:
        stretch = Stretch(since, second_now() + TICK_US, TICK_US)
        windows = list(Assembler(reader.attributes).windows(reader.counts(stretch), stretch))
    assert windows[-1].cells.keys == (("card", "a"), ("card", "b"))
    assert sum(int(window.attempts.sum()) for window in windows) == 100 + 30 + 7 + 3 + 5 + 2
    assert sum(int(window.failures.sum()) for window in windows) == 35
    assert windows[-1].codes == ("51",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"metric": "payment"}, "no series 'payment' with labels; there are payments_total"),
        ({"mapping": "success=outcom,dims=psp"}, "no column 'outcom'; did you mean 'outcome'"),
        ({"tick_s": "0.1"}, "is scraped every 1 s and TICK_SEC is 0.1"),
    ],
)
def test_what_does_not_fit_is_told_at_the_start(
    prometheus: Prometheus, given: dict[str, str], words: str
) -> None:
    with pytest.raises(BadMapping, match=words):
        opened(prometheus, **given)


def test_a_server_that_is_none_is_told_what_to_fix(prometheus: Prometheus, exporter: Exporter) -> None:
    for address, words in {
        Address("prometheus", "127.0.0.1", free_port()): "cannot be reached: check host and port",
        Address("prometheuss", "127.0.0.1", prometheus.port): "fails in TLS",
        Address("prometheus", "127.0.0.1", exporter.port): "gives no usable answer: 200 OK, and no JSON",
    }.items():
        with pytest.raises(SourceDown, match=words):
            open_prometheus(address, "", None, None, 1.0)
