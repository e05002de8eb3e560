"""A real Prometheus scrapes a watch and a console while they work; their logs are JSON line by line."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.command import Command
from tests.integration.postgres import free_port
from tests.integration.test_prometheus_source import WITHIN_S, running, wait

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WATCHED = ("--scenario", "psp_outage", "--seed", "7", "--tick", "0.1")


@contextmanager
def started(run: Command, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Let a process work for as long as the block does, and interrupt it."""
    with run.start(*words) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)


def log_of(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Read all that it said on standard error."""
    _, err = process.communicate(timeout=WITHIN_S)
    return [json.loads(line) for line in err.splitlines()]


def test_a_real_prometheus_sees_what_a_watch_does_and_its_log_says_the_same(
    run: Command, tmp_path: Path
) -> None:
    port = free_port()
    watch = ("watch", *WATCHED, "--plain", "--metrics", str(port))
    with running(tmp_path, port) as prometheus, started(run.having(PAYOPS_LOG="json"), *watch) as process:
        acted = 'payops_actions_total{did="acted",action="reroute_traffic"}'
        wait(lambda: prometheus.value(acted) == 1)
        assert prometheus.value("payops_incidents_opened_total") == 1
        assert prometheus.value('payops_verdicts_total{ruling="act",mode="autopilot"}') == 1
        assert (prometheus.value("payops_cycles_total") or 0) > 12
        wait(lambda: prometheus.value('payops_incidents{status="acting"}') == 1)
        slowest = (
            'histogram_quantile(0.95, sum by (le) (rate(payops_stage_seconds_bucket{stage="cycle"}[1m])))'
        )
        wait(lambda: (prometheus.value(slowest) or 0) > 0)
        process.send_signal(signal.SIGINT)
        lines = log_of(process)
    assert [line["event"] for line in lines][:4] == ["opened", "proposed", "ruled", "acted"]
    assert len({line["incident_id"] for line in lines}) == 1


def test_a_console_and_the_watch_beside_it_are_scraped_side_by_side(run: Command) -> None:
    ports = [free_port(), free_port()]
    metrics = next(port for port in (free_port() for _ in range(100)) if is_free(port + 1))
    words = ("console", "--port", str(ports[0]), *WATCHED, "--metrics", str(metrics))
    with started(run.having(PAYOPS_LOG="json"), *words) as process:
        wait(lambda: "payops_incidents_opened_total 1.0" in said(metrics + 1))
        assert "payops_incidents_opened_total 0.0" in said(metrics)
        process.send_signal(signal.SIGINT)
        lines = log_of(process)
    assert any("The console is at" in line.get("message", "") for line in lines)
    assert "opened" in {line["event"] for line in lines}


def test_a_port_that_is_taken_ends_the_start_with_a_sentence(run: Command) -> None:
    port = free_port()
    with started(run, "watch", *WATCHED, "--plain", "--metrics", str(port)):
        wait(lambda: "payops" in said(port))
        done = run("watch", *WATCHED, "--plain", "--metrics", str(port))
    assert (
        f"run.py: Metrics cannot be served at 127.0.0.1, port {port}: Address already in use." in done.refusal
    )


def said(port: int) -> str:
    """Give what is at a port; empty while nothing is."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text
    except httpx.HTTPError:
        return ""


def is_free(port: int) -> bool:
    return not said(port)
