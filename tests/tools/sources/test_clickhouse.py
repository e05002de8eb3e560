"""Embedded ClickHouse: files go in once, and what comes out is what the files say."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from payments.errors import BadFile, BadMapping, InputError, SettingsError
from payments.window import latency_bin
from tools.sources.clickhouse import batches as reading
from tools.sources.clickhouse.embedded import Embedded
from tools.sources.clickhouse.loading import Loader
from tools.sources.clickhouse.reader import ClickHouseReader, cells, make_tables
from tools.sources.mapping import ColumnMap, parse_mapping
from tools.sources.replay import ReplaySource
from tools.sources.report import Report
from tools.sources.sql.dialect import ClickHouse
from tools.sources.sql.table import Given
from tools.sources.stream.pace import Pace, micros
from tools.sources.stream.reader import Stretch
from tools.sources.stream.source import StreamSource

pytestmark = pytest.mark.xdist_group("chdb")  # a process holds one folder at a time

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = "ts,psp,issuer,method,outcome,code,latency_ms,payment_id,attempt_no,amount,currency"
GOOD = """\
2026-03-02T09:00:01Z,northpay,elm_bank,card,success,,412,p1,1,100,INR
2026-03-02T09:00:02Z,unipay,fir_bank,upi,failed,Z9,530,p2,1,200,INR
2026-03-02 09:00:40.250,unipay,fir_bank,upi,success,,498,p2,2,200,INR
1772442041,zenpay,elm_bank,card,pending,,9000,p3,1,300,INR
1772442041500,zenpay,elm_bank,card,1.0,,,p4,,,
"""
OWN = parse_mapping(
    "time=ts,success=outcome,dims=psp,issuer,method,code=code,latency_ms=latency_ms,payment_id=payment_id,"
    "attempt_no=attempt_no"
)

OUR_TABLES = ["payments", "payments_5s", "payments_to_5s"]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Embedded]:
    engine = Embedded(tmp_path / "clickhouse")
    make_tables(engine)
    yield engine
    engine.close()


def written(folder: Path, text: str, name: str = "payments.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def loaded(engine: Embedded, file: Path, mapping: ColumnMap | None = None) -> Report:
    return Loader(engine, "of_the_test").load(file, mapping)


def number(engine: Embedded, query: str) -> int:
    return int(engine.table(query).column(0)[0].as_py())


def stored_tables(engine: Embedded) -> list[str]:
    return [str(name) for name in engine.table("SHOW TABLES").column(0).to_pylist()]


def replayed(engine: Embedded, given: Given | None = None, mapping: ColumnMap | None = None) -> StreamSource:
    reader = ClickHouseReader(engine, given, mapping, 5.0)
    return StreamSource(reader, Pace(), lambda: NINE, stretch=reader.span())


def test_a_file_loaded_twice_counts_once(engine: Embedded, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HEADER}\n{GOOD}")
    assert loaded(engine, file).sentence().endswith("5 rows, 5 taken.")
    assert loaded(engine, file).sentence().endswith("5 rows, 0 taken, 5 skipped (5 given before).")
    assert number(engine, "SELECT count() FROM payments") == 5
    assert number(engine, "SELECT sum(attempts) FROM payments_5s") == 5


def test_files_that_overlap_count_what_is_new(engine: Embedded, tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    loaded(engine, written(tmp_path, "\n".join([HEADER, *lines[:3]])))
    report = loaded(engine, written(tmp_path, "\n".join([HEADER, *lines[1:], lines[4]])))
    assert (report.valid, report.duplicates) == (2, 3)


def test_the_first_of_two_rows_of_one_attempt_counts(engine: Embedded, tmp_path: Path) -> None:
    first, second = (
        f"2026-03-02T09:00:0{at}Z,a,b,card,{how},,1,p1,1,1,INR" for at, how in ((1, "failed"), (9, "ok"))
    )
    loaded(engine, written(tmp_path, f"{HEADER}\n{first}\n{second}\n"))
    assert engine.table("SELECT outcome FROM payments").column(0).to_pylist() == ["failed"]


@pytest.mark.parametrize("rows_at_once", [1, 2])
def test_batches_that_are_read_ahead_are_taken_in_order(
    engine: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(reading, "BATCH_ROWS", rows_at_once)
    again = [{**one, "psp": "late"} for one in as_objects()]
    columns = tmp_path / "payments.parquet"
    parquet.write_table(pa.Table.from_pylist([*as_objects(), {**again[0], "ts": "x"}, *again]), columns)
    report = loaded(engine, columns)
    assert (report.valid, report.duplicates, report.bad.total()) == (5, 5, 1)
    assert str(report.problems[0]).split(":")[1:] == ["6", " time is no time."]
    assert number(engine, "SELECT countIf(psp = 'late') FROM payments") == 0
    assert stored_tables(engine) == OUR_TABLES


def test_a_load_that_is_broken_off_leaves_what_it_took_and_nothing_else(
    engine: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(rows: int) -> None:
        if rows == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(reading, "BATCH_ROWS", 1)
    columns = tmp_path / "payments.parquet"
    parquet.write_table(pa.Table.from_pylist(as_objects()), columns)
    with pytest.raises(KeyboardInterrupt):
        Loader(engine, "of_the_test").load(columns, None, on_rows=broken_off)
    assert stored_tables(engine) == OUR_TABLES
    assert loaded(engine, columns).duplicates == 2


BAD = {
    "x,a,b,card,success,,1,p,1,1,INR": "time is no time",
    ",a,b,card,success,,1,p,1,1,INR": "time is empty",
    "1900-01-01,a,b,card,success,,1,p,1,1,INR": "time is outside the years 1973 to 2103",
    "2026,a,b,card,success,,1,p,1,1,INR": "time is no time",
    "2026-03-02,a,b,card,hmm,,1,p,1,1,INR": "success is no known outcome",
    "2026-03-02,a,b,card,,,1,p,1,1,INR": "success is empty",
    "2026-03-02,a,b,card,success,,1,,1,1,INR": "payment_id is empty",
    "2026-03-02,a,b,card,success,,1,p,0,1,INR": "attempt_no is no whole number from 1",
    "2026-03-02,a,b,card,success,,1,p,x,1,INR": "attempt_no is no whole number from 1",
    "2026-03-02,a,b,card,success,,1,p,1,1.5,INR": "amount is no whole number of minor units",
    "2026-03-02,a,b,card,success,,1,p,1,-1,INR": "amount is no whole number of minor units",
    "2026-03-02,a,b,card,success,,-1,p,1,1,INR": "latency_ms is not milliseconds, 0 or more",
    "2026-03-02,a,b,card,success,,nan,p,1,1,INR": "latency_ms is not milliseconds, 0 or more",
    "2026-03-02,a,b,card,success": "wrong number of fields",
}


def test_bad_rows_are_counted_told_with_their_line_and_skipped(engine: Embedded, tmp_path: Path) -> None:
    text = "\n".join(
        f"{bad}\n{GOOD.splitlines()[0].replace('p1', f'q{place}')}" for place, bad in enumerate(BAD)
    )
    report = loaded(engine, written(tmp_path, f"{HEADER}\n{text}"))
    assert report.valid == len(BAD)
    assert report.bad.total() == len(BAD)
    told = {int(str(problem).split(":")[1]): str(problem) for problem in report.problems}
    for place, words in enumerate(BAD.values()):
        if words == "wrong number of fields":
            words = "5 fields, 11 are expected"  # noqa: PLW2901 - said in other words
        assert words in told[2 + 2 * place]


def test_a_file_without_one_valid_row_is_refused(engine: Embedded, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"no valid row among 1; the first: .*:2: time is no time"):
        loaded(engine, written(tmp_path, f"{HEADER}\n{next(iter(BAD))}\n"))
    assert stored_tables(engine) == OUR_TABLES


def as_objects() -> list[dict[str, str]]:
    names = HEADER.split(",")
    return [dict(zip(names, line.split(","), strict=True)) for line in GOOD.splitlines()]


def test_every_form_of_file_gives_the_same_payments(engine: Embedded, tmp_path: Path) -> None:
    loaded(engine, written(tmp_path, f"{HEADER}\n{GOOD}"))
    jsonl = "\n".join(json.dumps(one) for one in as_objects())
    semicolons = f"\ufeff{HEADER}\n{GOOD}".replace(",", ";").replace("\n", "\r\n")
    packed = tmp_path / "payments.csv.gz"
    packed.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}".encode()))
    columns = tmp_path / "payments.parquet"
    parquet.write_table(pa.Table.from_pylist(as_objects()), columns)
    for file in (
        written(tmp_path, jsonl, "a.jsonl"),
        written(tmp_path, semicolons, "b.csv"),
        packed,
        columns,
    ):
        report = loaded(engine, file)
        assert (report.valid, report.duplicates, report.bad) == (0, 5, {}), file


def test_a_cut_file_is_refused_in_one_sentence(engine: Embedded, tmp_path: Path) -> None:
    packed = tmp_path / "payments.csv.gz"
    packed.write_bytes(gzip.compress(f"{HEADER}\n{GOOD * 2000}".encode())[:-20])
    with pytest.raises(BadFile, match=r"cut short|damaged"):
        loaded(engine, packed)
    assert stored_tables(engine) == OUR_TABLES


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("time=ts,success=outcome,dims=psp", "payment_id is not mapped"),
        ("time=ts,attempts=amount,success=outcome,dims=psp", "only single payments are loaded"),
        ("time=tss,success=outcome,dims=psp,payment_id=payment_id", "did you mean 'ts'"),
    ],
)
def test_mappings_that_cannot_be_loaded_are_refused(
    engine: Embedded, tmp_path: Path, mapping: str, words: str
) -> None:
    with pytest.raises(BadMapping, match=words):
        loaded(engine, written(tmp_path, f"{HEADER}\n{GOOD}"), parse_mapping(mapping))


def test_dimensions_without_a_role_are_told(engine: Embedded, tmp_path: Path) -> None:
    mapping = parse_mapping("time=ts,success=outcome,dims=psp,method,currency,payment_id=payment_id")
    report = loaded(engine, written(tmp_path, f"{HEADER}\n{GOOD.splitlines()[0]}\n"), mapping)
    assert report.notes == ["The dimension 'currency' is not stored: plays no role."]


def drawn(rows: list[tuple[int, str, str, str, float]]) -> str:
    lines = [
        f"{NINE + timedelta(milliseconds=at)},{psp},elm,card,{outcome},{code},{latency},p{place},1,7,"
        for place, (at, psp, outcome, code, latency) in enumerate(rows)
    ]
    return "\n".join([HEADER, *lines])


payments = st.lists(
    st.tuples(
        st.integers(0, 30_000), st.sampled_from("ab"), st.sampled_from(["success", "failed", "pending"]),
        st.sampled_from(["", "51", "Z9"]), st.floats(0, 60_000, width=32),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payments)
def test_cells_raw_payments_and_the_replayed_file_are_the_same(
    engine: Embedded, tmp_path: Path, rows: list[tuple[int, str, str, str, float]]
) -> None:
    for table in ("payments", "payments_5s"):
        engine.run(f"TRUNCATE TABLE {table}")
    file = written(tmp_path, drawn(rows))
    loaded(engine, file)
    from_file = counted(ReplaySource(file, OWN, "file"))
    assert counted(replayed(engine, Given("payments"), OWN)) == from_file
    assert counted(replayed(engine, None, cells(("psp", "issuer", "method")))) == from_file


def counted(source: StreamSource | ReplaySource) -> list[object]:
    """Give all that is in the windows of a source, without what has no payments, in an order of its own."""
    found: list[object] = []
    while window := source.read():
        codes = window.failures_by_code if window.failures_by_code is not None else window.attempts[:, None]
        for row, key in enumerate(window.cells.keys):
            if window.attempts[row]:
                by_code = {
                    code: int(count) for code, count in zip(window.codes, codes[row], strict=False) if count
                }
                assert window.latency is not None
                assert window.payments is not None
                found.append((
                    window.start, key, int(window.attempts[row]), int(window.successes[row]),
                    int(window.pending[row]), int(window.payments[row]), by_code,
                    window.latency[row].tolist(),
                ))  # fmt: skip
    return sorted(found, key=repr)


def test_an_increment_alone_is_counted_as_it_is_among_others(engine: Embedded, tmp_path: Path) -> None:
    loaded(engine, written(tmp_path, f"{HEADER}\n{GOOD}"))
    tick_us, nine_us = 5 * 10**6, micros(NINE)
    for table, mapping in ((None, None), (Given("payments"), OWN)):
        reader = ClickHouseReader(engine, table, mapping, 5.0)
        for count in (reader.counts, reader.totals):
            together = count(Stretch(nine_us, nine_us + 60 * 10**6, tick_us)).to_pylist()
            alone = [
                row
                for since_us in range(nine_us, nine_us + 60 * 10**6, tick_us)
                for row in count(Stretch(since_us, since_us + tick_us, tick_us)).to_pylist()
            ]
            assert together
            assert sorted(alone, key=repr) == sorted(together, key=repr)


@given(st.lists(st.floats(0, 60_000, width=32), min_size=1, max_size=50))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_latencies_fall_into_the_bins_of_a_window(engine: Embedded, latencies: list[float]) -> None:
    bins = f"arrayMap(l -> {ClickHouse().bin('l')}, {latencies!r}::Array(Float32))"
    query = f"SELECT arrayJoin({bins})"
    assert engine.table(query).column(0).to_pylist() == latency_bin(latencies).tolist()


def test_a_table_of_ones_own_is_read_by_a_query(engine: Embedded) -> None:
    columns = 'at_ms Int64, "pg name" Nullable(String), ok Bool'
    engine.run(f"CREATE TABLE attempts ({columns}) ENGINE = MergeTree ORDER BY at_ms")
    engine.run("INSERT INTO attempts VALUES (1772442000000, 'a', true), (1772442001000, NULL, false)")
    mapping = ColumnMap(time="at_ms", success="ok", dims=("pg name",))
    window = replayed(engine, Given("attempts"), mapping).read()
    assert window is not None
    assert (window.start, window.cells.keys) == (NINE, (("",), ("a",)))
    assert (window.attempts.tolist(), window.successes.tolist()) == ([1, 1], [0, 1])
    query = "SELECT *, 1 AS n FROM attempts"
    counted = ColumnMap(time="at_ms", success="ok", attempts="n", dims=("pg name",))
    again = replayed(engine, Given("q.sql", query), counted).read()
    assert again is not None
    assert again.successes.tolist() == [0, 1]


def test_a_table_that_is_not_there_is_told_with_those_that_are(engine: Embedded) -> None:
    with pytest.raises(BadMapping, match=r"nope cannot be read: .*There are payments, payments_5s"):
        ClickHouseReader(engine, Given("nope"), None, 5.0)


def test_a_missing_column_is_named_with_those_that_exist(engine: Embedded) -> None:
    mapping = ColumnMap(time="ts", success="outcom", dims=("psp",))
    with pytest.raises(
        BadMapping, match=r"no column 'outcom'; did you mean 'outcome'\? The columns are 'ts'"
    ):
        ClickHouseReader(engine, Given("payments"), mapping, 5.0)


@pytest.mark.parametrize("kind", ["Decimal(18, 2)", "Nullable(Float64)"])
def test_amounts_with_fractions_are_refused_and_whole_ones_taken(engine: Embedded, kind: str) -> None:
    engine.run(
        f"CREATE TABLE sales (at_ms Int64, psp String, ok Bool, paid {kind}, currency String) "
        "ENGINE = MergeTree ORDER BY at_ms"
    )
    mapping = ColumnMap(time="at_ms", success="ok", amount="paid", currency="currency", dims=("psp",))
    engine.run("INSERT INTO sales VALUES (1772442000000, 'a', true, 1999, 'INR')")
    window = replayed(engine, Given("sales"), mapping).read()
    assert window is not None
    assert window.amount_minor is not None
    assert window.amount_minor.tolist() == [1999]
    engine.run("INSERT INTO sales VALUES (1772442001000, 'a', true, 19.99, 'INR')")
    with pytest.raises(
        BadMapping, match="amount=paid: it holds fractions, and amounts are whole minor units"
    ):
        ClickHouseReader(engine, Given("sales"), mapping, 5.0)


def test_without_payments_the_next_step_is_named(engine: Embedded) -> None:
    with pytest.raises(InputError, match=r"no payments .* yet: load some with run.py ingest"):
        ClickHouseReader(engine, None, None, 5.0).span()


def test_a_tick_that_does_not_fit_the_cells_is_refused(engine: Embedded) -> None:
    with pytest.raises(BadMapping, match="TICK_SEC is 3, the cells have 5 s"):
        ClickHouseReader(engine, None, None, 3.0)


def test_a_folder_that_is_in_use_is_told(engine: Embedded, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is in use by another watch or ingest"):
        Embedded(tmp_path / "clickhouse")


def test_names_that_no_table_has_are_refused() -> None:
    with pytest.raises(BadMapping, match="cannot be the name"):
        _ = Given('x"; DROP TABLE payments; --').sql
