"""Two workers as processes on one feed: one stands by, and goes on where the other was killed."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from graph.report import CycleReport
from tests.end_to_end.command import Command
from tests.integration.postgres import PASSWORD, USER, PostgresServer

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgresql")]

PAYMENTS = """
CREATE TABLE payments AS SELECT now() - interval '60 s' + n * interval '0.1 s' AS ts, 'p' || n AS payment_id,
    1 AS attempt_no, 'alpha' AS psp, 'success' AS outcome, 100 AS amount, 'INR' AS currency
FROM generate_series(1, 3000) AS n
"""
"""Ten a second, from a minute ago until four minutes from now."""


def test_a_worker_that_is_killed_is_followed_by_the_one_that_stands_by(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(PAYMENTS)
    query = postgres_url.partition("?")[2]
    source = f"postgresql://{USER}@127.0.0.1:{postgres_server.port}/postgres?{query}"

    def start(name: str) -> Command:
        return Command(tmp_path / name).having(
            PAYOPS_DATABASE_URL=postgres_url, PAYOPS_SOURCE_PASSWORD=PASSWORD, PAYOPS_TICK_SEC="1"
        )

    watching = ("watch", "--source", source, "--json", "--worker")
    with start("one").start(*watching, "one") as one:
        assert one.stdout is not None
        seen = [CycleReport.model_validate_json(one.stdout.readline()) for _ in range(3)]
        with start("two").start(*watching, "two") as two:
            assert two.stderr is not None
            assert two.stdout is not None
            told = next(line for line in two.stderr if "stands by" in line)
            assert "is watched by worker 'one@" in told
            one.kill()
            first = CycleReport.model_validate_json(two.stdout.readline())
            two.kill()
        seen += [CycleReport.model_validate_json(line) for line in one.stdout]
    assert first.at >= seen[-1].at  # what was read last may not have been looked at
    assert first.at <= seen[-1].at + timedelta(seconds=2)
