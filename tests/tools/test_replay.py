"""Replays of files: what the increments hold, whatever the form of the file."""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from payments.errors import InputError
from payments.segment import Segment
from payments.window import Window
from tools.sources.mapping import parse_mapping
from tools.sources.replay import ReplaySource

Row = Mapping[str, object]

HOURLY = "time=hr,attempts=t,success=ok,dims=pg,bank"
EACH = "time=ts,success=outcome,dims=pg,code=code,latency_ms=ms,amount=amount,currency=cur,payment_id=id"


def write_csv(path: Path, rows: Sequence[Row]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_jsonl(path: Path, rows: Sequence[Row]) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def replay(path: Path, mapping: str | None = HOURLY) -> ReplaySource:
    return ReplaySource(path, parse_mapping(mapping) if mapping else None, feed="test")


def windows(source: ReplaySource) -> list[Window]:
    return list(iter(source.read, None))


def hourly(hour: int, attempts: int, ok: int, pg: str = "A", bank: str = "X") -> Row:
    return {"hr": f"2020-02-14 {hour:02d}", "t": attempts, "ok": ok, "pg": pg, "bank": bank}


def payment(second: float, outcome: str, number: int, **more: object) -> Row:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    given = {"ts": at.isoformat(), "id": f"p{number}", "pg": "A", "outcome": outcome, "code": "", "ms": 100.0}
    return {**given, "amount": 1000, "cur": "INR", **more}


def test_unsorted_hourly_rows_become_sorted_hourly_increments(tmp_path: Path) -> None:
    rows = [hourly(7, 5, 4), hourly(5, 3, 3, bank=""), hourly(7, 2, 0, pg="B"), hourly(6, 1, 1)]
    source = replay(write_csv(tmp_path / "a.csv", rows))
    found = windows(source)
    assert source.tick_s == 3600.0
    assert [window.start.hour for window in found] == [5, 6, 7]
    assert [int(window.attempts.sum()) for window in found] == [3, 1, 7]
    assert found[2].successes[found[2].cells.mask(Segment.of(pg="A"))].sum() == 4


def test_an_hour_without_rows_gives_no_window(tmp_path: Path) -> None:
    source = replay(write_csv(tmp_path / "a.csv", [hourly(1, 1, 1), hourly(2, 1, 1), hourly(9, 1, 1)]))
    assert [window.start.hour for window in windows(source)] == [1, 2, 9]
    assert source.tick_s == 3600.0


def test_one_odd_row_does_not_change_the_rhythm(tmp_path: Path) -> None:
    odd = {**hourly(3, 1, 1), "hr": "2020-02-14 03:00:07"}
    rows = [hourly(hour, 1, 1) for hour in range(24)]
    source = replay(write_csv(tmp_path / "a.csv", [*rows, odd]))
    assert source.tick_s == 3600.0
    assert max(int(window.attempts.sum()) for window in windows(source)) == 2


def test_all_windows_share_the_same_cells_and_an_empty_value_stays_empty(tmp_path: Path) -> None:
    source = replay(write_csv(tmp_path / "a.csv", [hourly(1, 1, 1), hourly(2, 1, 1, bank="")]))
    first, second = windows(source)
    assert first.cells is second.cells
    assert first.cells.keys == (("A", ""), ("A", "X"))


def test_payments_become_increments_of_five_seconds_with_all_columns(tmp_path: Path) -> None:
    rows = [
        payment(0, "success", 1),
        payment(4.9, "declined", 2, code="05", ms=2000.0, amount=500),
        payment(5, "declined", 2, code="91", amount=500),
        payment(7, "pending", 3, ms=""),
    ]
    source = replay(write_csv(tmp_path / "a.csv", rows), EACH)
    first, second = windows(source)
    assert source.tick_s == 5.0
    assert first.codes == ("05", "91")
    assert first.failures_by_code is not None
    assert first.failures_by_code.tolist() == [[1, 0]]
    assert (first.attempts[0], first.successes[0], first.pending[0]) == (2, 1, 0)
    assert (second.attempts[0], second.successes[0], second.pending[0]) == (2, 0, 1)
    assert first.payments is not None
    assert second.payments is not None
    assert (first.payments[0], second.payments[0]) == (2, 1)
    assert first.latency is not None
    assert second.latency is not None
    assert (first.latency.sum(), second.latency.sum()) == (2, 1)
    assert first.amount_minor is not None
    assert (first.amount_minor[0], first.currency) == (1500, "INR")


def test_amounts_of_several_currencies_are_left_out_and_noted(tmp_path: Path) -> None:
    rows = [payment(0, "success", 1), payment(1, "success", 2, cur="USD")]
    source = replay(write_csv(tmp_path / "a.csv", rows), EACH)
    assert windows(source)[0].amount_minor is None
    assert "INR, USD" in source.report.notes[0]


def test_the_common_schema_needs_no_mapping(tmp_path: Path) -> None:
    row = {
        "ts": "2026-01-01T00:00:00Z",
        "psp": "A",
        "method": "upi",
        "attempt_no": 2,
        "outcome": "error",
        "code": "U30",
    }
    source = replay(
        write_jsonl(tmp_path / "a.jsonl", [row, {**row, "attempt_no": 1, "outcome": "success"}]), None
    )
    (window,) = windows(source)
    assert window.cells.attributes == ("psp", "method")
    assert window.payments is not None
    assert (window.attempts.sum(), window.payments.sum()) == (2, 1)


def test_a_payment_that_is_given_twice_counts_once_but_its_second_attempt_counts(tmp_path: Path) -> None:
    mapping = f"{EACH},attempt_no=no"
    rows = [payment(0, "error", 1, no=1), payment(0, "error", 1, no=1), payment(0, "error", 1, no=2)]
    source = replay(write_csv(tmp_path / "a.csv", rows), mapping)
    assert int(windows(source)[0].attempts.sum()) == 2
    assert source.report.duplicates == 1


def test_a_repeated_aggregated_row_counts_once(tmp_path: Path) -> None:
    source = replay(write_csv(tmp_path / "a.csv", [hourly(1, 5, 4), hourly(2, 1, 1), hourly(1, 5, 4)]))
    assert [int(window.attempts.sum()) for window in windows(source)] == [5, 1]
    assert source.report.sentence().endswith("3 rows, 2 taken, 1 skipped (1 given before).")
    assert "a.csv:4: repeats an earlier row" in str(source.report.problems[0])


def test_rows_that_differ_only_in_columns_that_are_not_mapped_add_up(tmp_path: Path) -> None:
    rows = [hourly(1, 5, 4, bank="X"), hourly(1, 5, 4, bank="Y")]
    source = replay(write_csv(tmp_path / "a.csv", rows), "time=hr,attempts=t,success=ok,dims=pg")
    assert int(windows(source)[0].attempts.sum()) == 10


ROWS = st.lists(
    st.builds(
        lambda hour, ok, more, pg, bank: hourly(hour, ok + more, ok, pg, bank),
        st.integers(0, 23),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.sampled_from(["A", "B", "ü\u2028\x1b[2J", 'a,"b'])
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), max_size=5),
        st.sampled_from(["", "X"]),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: (row["hr"], row["pg"], row["bank"]),
)


@given(rows=ROWS)
def test_counts_are_conserved_and_every_form_gives_the_same_windows(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("forms")
    writers: Mapping[str, Callable[[Path, Sequence[Row]], Path]] = {
        "a.csv": write_csv, "a.csv.gz": write_csv, "a.jsonl": write_jsonl, "a.ndjson.gz": write_jsonl,
        "a.parquet": write_parquet,
    }  # fmt: skip
    found = [
        [w.model_dump() for w in windows(replay(write(folder / name, rows)))]
        for name, write in writers.items()
    ]
    attempts = sum(int(np.sum(window["attempts"])) for window in found[0])
    assert attempts == sum(int(str(row["t"])) for row in rows)
    assert all(str(other) == str(found[0]) for other in found[1:])


@given(rows=ROWS)
def test_the_order_of_the_rows_does_not_matter(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("order")
    forth = windows(replay(write_csv(folder / "a.csv", rows)))
    back = windows(replay(write_csv(folder / "b.csv", rows[::-1])))
    assert [str(window) for window in forth] == [str(window) for window in back]


@given(
    content=st.binary(max_size=400),
    name=st.sampled_from(["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.parquet"]),
)
def test_no_bytes_raise_anything_but_an_input_error(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(content)
    with pytest.raises(InputError):
        windows(replay(path))


FIELD = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["5", "-1", "2020-02-14 06", "nan", '"', "1e999", "3", "A", "\n", ","]
)


@given(lines=st.lists(st.lists(FIELD, max_size=6), max_size=12), valid=st.integers(0, 12))
def test_whatever_the_rows_the_valid_ones_are_counted_or_the_file_is_refused(
    lines: list[list[str]], valid: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    good = [f"2020-02-14 {hour:02d},3,2,A,{hour}\n" for hour in range(valid)]
    bad = [",".join(fields) + "\n" for fields in lines]
    path.write_text("hr,t,ok,pg,bank\n" + "".join(good + bad), encoding="utf-8", newline="")
    try:
        source = replay(path)
    except InputError:
        return
    attempts = sum(int(window.attempts.sum()) for window in windows(source))
    assert source.report.rows == source.report.valid + source.report.bad.total() + source.report.duplicates
    assert attempts >= 3 * valid


def test_the_report_counts_each_reason(tmp_path: Path) -> None:
    rows = [*[hourly(hour, 3, 2) for hour in range(9)], hourly(1, 2, 3), hourly(1, -1, 0), hourly(1, -7, 0)]
    report = replay(write_csv(tmp_path / "a.csv", rows)).report
    assert report.bad == Counter({"attempts is negative": 2, "successes and pending exceed attempts": 1})
    assert report.valid == 9


def test_progress_is_told_while_reading(tmp_path: Path) -> None:
    heard: list[int] = []
    path = write_csv(tmp_path / "a.csv", [hourly(1, 1, 1), hourly(2, 1, 1)])
    ReplaySource(path, parse_mapping(HOURLY), "test", on_rows=heard.append)
    assert heard == [2]
