"""Payments in a real PostgreSQL as a source: counted there, read only, through an outage."""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from datetime import timedelta
from itertools import pairwise

import psycopg
import pytest

from payments.errors import BadMapping, PayOpsError
from tests.integration.postgres import PASSWORD, USER, PostgresServer
from tests.tools.sources.feeding import NOON, Clock, Kept
from tools.sources.address import Address
from tools.sources.mapping import ColumnMap
from tools.sources.postgres.reader import PostgresReader
from tools.sources.sql.table import Given
from tools.sources.stream.pace import Pace, micros
from tools.sources.stream.reader import SourceDown, Stretch
from tools.sources.stream.source import StreamSource
from tools.sources.stream.windows import Assembler

pytestmark = pytest.mark.integration

TABLE = """
CREATE TABLE payments (ts timestamptz, payment_id text, attempt_no int, psp text, issuer text, outcome text,
    code text, latency_ms double precision, amount bigint, currency text)
"""
PACE = Pace(history_s=0.0)


@pytest.fixture
def database(postgres_server: PostgresServer, postgres_url: str) -> Iterator["psycopg.Connection[object]"]:
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(TABLE)
        yield connection


@pytest.fixture
def address(postgres_server: PostgresServer, database: "psycopg.Connection[object]") -> Address:
    schema = database.execute("SELECT current_schema()").fetchone()
    assert schema is not None
    options = {"options": f"-c search_path={schema[0]}"}  # type: ignore[index] # rows are tuples
    return Address("postgresql", "127.0.0.1", postgres_server.port, USER, "postgres", options)


def pay(
    database: "psycopg.Connection[object]", second: float, outcome: str = "success", **more: object
) -> None:
    row: dict[str, object] = {
        "ts": NOON + timedelta(seconds=second), "payment_id": f"p{second}", "attempt_no": 1, "psp": "a",
        "issuer": "elm", "outcome": outcome, "code": "" if outcome == "success" else "51", "latency_ms": 120,
        "amount": 100, "currency": "INR", **more,
    }  # fmt: skip
    database.execute(
        f"INSERT INTO payments VALUES ({', '.join(['%s'] * len(row))})".encode(),  # noqa: S608 - only %s
        list(row.values()),
    )


def test_payments_are_counted_by_increment_and_cell(
    database: "psycopg.Connection[object]", address: Address
) -> None:
    for second in range(10):
        pay(database, second, "success" if second % 3 else "declined", psp=None if second == 4 else "a")
    pay(database, 1)  # the same attempt again
    pay(database, 2, "hmm", payment_id="odd")
    with closing(PostgresReader(address, PASSWORD, None, None)) as reader:
        stretch = Stretch(micros(NOON), micros(NOON) + 10_000_000, 5_000_000)
        assembler = Assembler(reader.attributes)
        first, second_window = assembler.windows(reader.counts(stretch), stretch)
    assert first.cells.attributes == ("psp", "issuer")
    assert first.cells.keys == (("", "elm"), ("a", "elm"))
    assert (first.attempts.tolist(), first.successes.tolist()) == ([1, 4], [1, 2])
    assert (second_window.attempts.sum(), second_window.failures.sum()) == (5, 2)
    assert first.codes == ("51",)
    assert first.payments is not None
    assert first.payments.sum() == 5
    assert first.latency is not None
    assert first.latency.sum() == 5
    assert first.currency == "INR"
    assert "1 rows have an outcome" in assembler.collect_notes()[0]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timestamp", "2026-03-02 12:00:01"),
        ("timestamptz", "2026-03-02 13:00:01+01"),
        ("bigint", "1772452801"),
        ("bigint", "1772452801000"),
        ("numeric", "1772452801.5"),
    ],
)
def test_every_way_to_write_a_time_is_read(
    database: "psycopg.Connection[object]", address: Address, kind: str, value: str
) -> None:
    database.execute(f"CREATE TABLE attempts (at {kind}, gateway text, ok boolean)".encode())
    database.execute(b"INSERT INTO attempts VALUES (%s, 'a', true)", [value])
    mapping = ColumnMap(time="at", success="ok", dims=("gateway",))
    with closing(PostgresReader(address, PASSWORD, Given("attempts"), mapping)) as reader:
        stretch = Stretch(micros(NOON), micros(NOON) + 5_000_000, 5_000_000)
        assert reader.counts(stretch).column("successes").to_pylist() == [1]


def test_a_query_of_ones_own_may_count_already(
    database: "psycopg.Connection[object]", address: Address
) -> None:
    for second in range(10):
        pay(database, second, "success" if second % 2 else "declined")
    query = (
        "SELECT date_trunc('second', ts) AS at, psp, count(*) AS n, "
        "count(*) FILTER (WHERE outcome = 'success') AS ok FROM payments GROUP BY 1, 2"
    )
    mapping = ColumnMap(time="at", attempts="n", success="ok", dims=("psp",))
    with closing(PostgresReader(address, PASSWORD, Given("q.sql", query), mapping)) as reader:
        stretch = Stretch(micros(NOON), micros(NOON) + 10_000_000, 10_000_000)
        table = reader.counts(stretch)
    assert (table.column("attempts").to_pylist(), table.column("successes").to_pylist()) == ([10], [5])


@pytest.mark.parametrize(
    ("kind", "is_refused"), [("numeric(12, 2)", True), ("real", True), ("bigint", False)]
)
def test_amounts_with_fractions_are_refused(
    database: "psycopg.Connection[object]", address: Address, kind: str, is_refused: bool
) -> None:
    database.execute(
        f"CREATE TABLE sales (at timestamptz, psp text, ok boolean, paid {kind}, currency text)".encode()
    )
    database.execute(
        b"INSERT INTO sales VALUES (now(), 'a', true, 20.25, 'EUR')"
    )  # a bigint makes it whole itself
    mapping = ColumnMap(time="at", success="ok", amount="paid", currency="currency", dims=("psp",))
    refused = (
        pytest.raises(BadMapping, match="amount=paid: it holds fractions") if is_refused else nullcontext()
    )
    with refused, closing(PostgresReader(address, PASSWORD, Given("sales"), mapping)):
        pass


def test_nothing_is_written_whatever_the_query_tries(
    database: "psycopg.Connection[object]", address: Address
) -> None:
    database.execute(b"CREATE FUNCTION sly() RETURNS int AS 'DELETE FROM payments; SELECT 1' LANGUAGE sql")
    pay(database, 1)
    query = Given("q.sql", "SELECT ts, psp, outcome, sly() AS x FROM payments")
    mapping = ColumnMap(time="ts", success="outcome", dims=("psp", "x"))
    with pytest.raises(PayOpsError, match="read-only transaction"):
        PostgresReader(address, PASSWORD, query, mapping).counts(
            Stretch(micros(NOON), micros(NOON) + 5_000_000, 5_000_000)
        )
    assert database.execute("SELECT count(*) FROM payments").fetchone() == (1,)


@pytest.mark.parametrize(
    ("change", "password", "words"),
    [
        (
            {},
            "wrong",
            "refuses the user or the password: check the user in the address and PAYOPS_SOURCE_PASSWORD",
        ),
        ({"port": 1}, PASSWORD, "cannot be reached: check host and port"),
        ({"options": {"sslmode": "require"}}, PASSWORD, "fails in TLS"),
    ],
)
def test_whoever_is_not_let_in_is_told_what_to_fix(
    address: Address, change: dict[str, object], password: str, words: str
) -> None:
    with pytest.raises(SourceDown, match=words) as caught:
        PostgresReader(Address(**{**vars(address), **change}), password, None, None)
    assert PASSWORD not in str(caught.value)


def test_a_table_that_is_not_there_is_told_with_those_that_are(address: Address) -> None:
    with pytest.raises(BadMapping, match=r"paymentz cannot be read: .*does not exist.* There are payments"):
        PostgresReader(address, PASSWORD, Given("paymentz"), None)


def test_a_missing_column_is_named_with_those_that_exist(address: Address) -> None:
    with pytest.raises(
        BadMapping, match=r"no column 'outcom'; did you mean 'outcome'\? The columns are 'ts'"
    ):
        PostgresReader(address, PASSWORD, None, ColumnMap(time="ts", success="outcom", dims=("psp",)))


def test_a_server_that_goes_away_and_comes_back_loses_nothing(
    postgres_server: PostgresServer, database: "psycopg.Connection[object]", address: Address
) -> None:
    for second in range(600):
        pay(database, second)
    clock = Clock(NOON)
    with closing(PostgresReader(address, PASSWORD, None, None)) as reader:
        source = StreamSource(reader, PACE, clock, Kept(), sleep=clock.sleep)
        before = [source.read() for _ in range(3)]
        postgres_server.stop()
        try:
            for _ in range(5):
                clock.sleep(max(1.0, source.wait_s()))
            assert source.outage.since is not None
            assert "PostgreSQL at 127.0.0.1" in source.outage.because
        finally:
            postgres_server.start()
        clock.sleep(60)
        after = [source.read() for _ in range(50)]
    windows = [window for window in (*before, *after) if window is not None]
    assert [int(window.attempts.sum()) for window in windows] == [5] * 53
    assert all(one.end == other.start for one, other in pairwise(windows))
