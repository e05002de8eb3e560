"""A ClickHouse server through clickhouse-connect: the same statements, and what is told at the start."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from payments.errors import BadMapping
from tests.integration import clickhouse_http
from tests.integration.clickhouse_http import PASSWORD, USER
from tests.integration.postgres import free_port
from tests.tools.sources.feeding import NOON, Clock, Kept
from tools.sources.address import Address
from tools.sources.clickhouse.loading import Loader
from tools.sources.clickhouse.reader import ClickHouseReader, make_tables
from tools.sources.clickhouse.server import Server
from tools.sources.sql.table import Given
from tools.sources.stream.pace import Pace
from tools.sources.stream.reader import SourceDown
from tools.sources.stream.source import StreamSource

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("chdb")]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[Address]:
    with clickhouse_http.running(tmp_path / "served") as port:
        yield Address("clickhouse", "127.0.0.1", port, USER, "default")


@pytest.fixture
def server(address: Address) -> Iterator[Server]:
    with closing(Server(address, PASSWORD)) as server:
        make_tables(server)
        yield server


def written(folder: Path, seconds: int) -> Path:
    file = folder / "payments.csv"
    outcomes = ["ok", *["failed"] * 4]
    rows = "".join(
        f"{(NOON + timedelta(seconds=second)).isoformat()},p{second},a,card,{outcomes[second % 5]},51,90\n"
        for second in range(seconds)
    )
    file.write_text(f"ts,payment_id,psp,method,outcome,code,latency_ms\n{rows}", encoding="utf-8")
    return file


def test_a_server_is_loaded_once_and_followed(server: Server, tmp_path: Path) -> None:
    file = written(tmp_path, 60)
    assert Loader(server, "one").load(file, None).valid == 60
    assert Loader(server, "two").load(file, None).duplicates == 60
    clock = Clock(NOON + timedelta(seconds=5))
    reader = ClickHouseReader(server, None, None, 5.0)
    source = StreamSource(reader, Pace(history_s=0.0), clock, Kept(), sleep=clock.sleep)
    windows = [source.read() for _ in range(5)]
    assert [int(w.attempts.sum()) for w in windows if w] == [5] * 5
    assert [int(w.successes.sum()) for w in windows if w] == [1] * 5
    assert source.cells.keys == (("a", "card", "", "", ""),)
    assert windows[-1] is not None
    assert windows[-1].codes == ("51",)


def test_a_table_that_is_not_there_is_told_with_those_that_are(server: Server) -> None:
    with pytest.raises(
        BadMapping, match=r"nope cannot be read: .*does not exist.* There are payments, payments_5s"
    ):
        ClickHouseReader(server, Given("nope"), None, 5.0)


def test_whoever_is_not_let_in_is_told_what_to_fix(address: Address) -> None:
    for other, password, words in (
        (address, "wrong", "refuses the user or the password"),
        (replace(address, port=free_port()), PASSWORD, "cannot be reached: check host and port"),
        (replace(address, scheme="clickhouses"), PASSWORD, "fails in TLS"),
    ):
        with pytest.raises(SourceDown, match=words) as caught:
            Server(other, password)
        assert PASSWORD not in str(caught.value)
