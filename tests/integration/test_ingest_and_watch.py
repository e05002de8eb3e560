"""From a file, or from what a shop sends, to the first window: the commands as people start them."""

import json
import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.command import Command
from tests.integration.postgres import free_port

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.xdist_group("chdb")]

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
WITHIN_S = 60.0
TOKEN = "a token that is long enough"


@pytest.fixture
def command(state_dir: Path) -> Command:
    return Command(state_dir)


def shop(folder: Path, seconds: int = 120) -> Path:
    """Write a file of a shop's payments, two a second, one of them bad."""
    file = folder / "payments.jsonl"
    rows = [
        {
            "created_at": (NINE + timedelta(seconds=second / 2)).isoformat(), "id": f"p{second}",
            "status": "declined" if second % 10 == 0 else "success", "gateway": "a" if second % 3 else "b",
            "bank": "elm", "error": "51", "took": 250,
        }
        for second in range(2 * seconds)
    ]  # fmt: skip
    file.write_text("\n".join([*map(json.dumps, rows), "nonsense"]), encoding="utf-8")
    return file


MAP = "time=created_at,success=status,dims=gateway,bank,code=error,latency_ms=took,payment_id=id"


def test_a_file_is_ingested_once_and_watched(command: Command, tmp_path: Path) -> None:
    file = shop(tmp_path)
    first = command("ingest", str(file), "--map", MAP)
    assert (first.code, first.err.splitlines()[0]) == (
        0, f"{file}: 241 rows, 240 taken, 1 skipped (1 no JSON)."
    )  # fmt: skip
    assert "240 given before" in command("ingest", str(file), "--map", MAP).err
    watched = command("watch", "--source", "chdb", "--json")
    assert watched.code == 0
    assert len(watched.reports) == 24
    assert {report.window.attempts for report in watched.reports[12:]} == {120}
    assert watched.reports[-1].window.payments == 120


def test_what_is_sent_over_http_is_watched(command: Command) -> None:
    port = free_port()
    fast = command.having(
        PAYOPS_PUSH_TOKEN=TOKEN,
        PAYOPS_TICK_SEC="1",
        PAYOPS_AGGREGATION_WINDOW_SEC="60",
        PAYOPS_SOURCE_DELAY_SEC="0.5",
    )
    words = ("watch", "--source", f"push://127.0.0.1:{port}", "--json", "--cycles", "2")
    with fast.start(*words) as process:
        wait_for(port)
        with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            for place in range(100):
                line = {
                    "ts": datetime.now(UTC).isoformat(), "payment_id": f"p{place}", "psp": "a",
                    "outcome": "success",
                }  # fmt: skip
                try:
                    answer = client.post(f"http://127.0.0.1:{port}/v1/payments", content=json.dumps(line))
                except httpx.HTTPError:
                    break  # it has seen enough
                assert answer.json() == {"taken": 1, "given_before": 0, "bad": {}, "problems": []}
                time.sleep(0.2)
        out, err = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, err
    attempts = [json.loads(line)["window"]["attempts"] for line in out.splitlines()]
    assert len(attempts) == 2
    assert 0 < attempts[0] < attempts[1]


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    end = time.monotonic() + WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "nobody listens"
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("watch", "--source", "chdb"), "There are no payments in chdb:clickhouse/default.payments_5s yet"),
        (("watch", "--source", "push"), "PAYOPS_PUSH_TOKEN has fewer than 16 characters"),
        (
            ("watch", "--source", "kafka://broker/topic"),
            "has the unknown scheme 'kafka'; there are clickhouse",
        ),
        (("watch", "--source", "postgresql://a:b@host/db"), "holds a password, which others on this machine"),
        (("watch", "--source", "postgresql://a@127.0.0.1:1/db"), "cannot be reached: check host and port"),
        (("watch", "--source", "clickhouse://a@127.0.0.1:1/db"), "cannot be reached: check host and port"),
        (("watch", "--source", "prometheus://127.0.0.1:1"), "cannot be reached: check host and port"),
        (("watch", "--source", "payments.csv", "--table", "payments"), "--table speaks of a database"),
        (("ingest", "nowhere.csv"), "The file 'nowhere.csv' does not exist"),
        (
            ("ingest", "nowhere.csv", "--into", "postgresql://a@h/db"),
            "Payments are loaded into chdb or clickhouse",
        ),
    ],
)
def test_what_cannot_be_watched_is_refused_in_one_sentence(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    assert said in command.inside(*words).refusal


def test_an_interrupt_ends_the_embedded_engine_in_order(command: Command, tmp_path: Path) -> None:
    command("ingest", str(shop(tmp_path)), "--map", MAP)
    with command.start("watch", "--source", "chdb", "--json", "--tick", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=WITHIN_S)
    assert process.returncode == 130
    assert command("watch", "--source", "chdb", "--json", "--cycles", "1").code == 0
