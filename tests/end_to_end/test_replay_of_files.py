"""`run.py watch --source FILE`: good files, bad rows, bad files, and any bytes at all."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from graph.report import CycleReport
from tests.end_to_end.command import Command, briefs

MAP = "attempts=attempts,success=ok,time=at,dims=psp,bank"
COLUMNS = ["at", "psp", "bank", "attempts", "ok"]
MINUTES, FAILS_FROM = 60, 45

Row = dict[str, str | int]


def row(minute: int, psp: str, bank: str) -> Row:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minute)
    failed = 150 if psp == "beta" and minute >= FAILS_FROM else 14 + (7 * minute + len(bank)) % 5
    return {"at": at.isoformat(), "psp": psp, "bank": bank, "attempts": 200, "ok": 200 - failed}


ROWS = [
    row(minute, psp, bank)
    for minute in range(MINUTES)
    for psp in ("alpha", "beta", "gamma")
    for bank in ("north", "south bank", "zürich")
]


def as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write(folder: Path, form: str) -> Path:
    path = folder / f"made_up.{form}"
    if form == "parquet":
        parquet.write_table(pa.Table.from_pylist(list(ROWS)), path)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(one) + "\n" for one in ROWS), encoding="utf-8")
    else:
        path.write_bytes(as_csv(ROWS))
    return path


def told(report: CycleReport) -> Iterator[object]:
    """Give what a report says of its incidents, without their identities."""
    for brief in briefs(report):
        yield brief.model_dump(exclude={"id"})


@pytest.mark.integration
def test_csv_json_lines_and_parquet_tell_the_same_story(tmp_path: Path) -> None:
    stories = []
    for form in ("csv", "jsonl", "parquet"):
        done = Command(tmp_path / form)(
            "watch", "--source", str(write(tmp_path, form)), "--map", MAP, "--json"
        )
        assert done.code == 0, done.err
        assert "540 rows, 540 taken" in done.err
        stories.append(
            [
                (report.model_dump(exclude={"incident", "other_incidents", "events"}), *told(report))
                for report in done.reports
            ]
        )
        last = done.reports[-1]
        assert last.incident is not None
        assert last.incident.culprit.root == {"psp": "beta"}
        assert not any(list(briefs(report)) for report in done.reports[:FAILS_FROM])
    assert len(stories[0]) == MINUTES
    assert stories[0] == stories[1] == stories[2]


@pytest.mark.integration
def test_bad_rows_are_told_with_their_line_and_the_rest_is_replayed(run: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "csv")
    with path.open("a", encoding="utf-8") as file:
        file.write("2026-03-02T10:00:00+00:00,beta,north,5,6\n")
        file.write("2026-03-02T10:00:00+00:00,beta,north,-5,0\n")
        file.write("2026-03-02T10:00:0")
    done = run("watch", "--source", str(path), "--map", MAP, "--json")
    assert done.code == 0
    assert len(done.reports) == MINUTES
    for line in (542, 543, 544):
        assert f"{path}:{line}: " in done.err
    assert "543 rows, 540 taken, 3 skipped" in done.err


@pytest.mark.parametrize(
    ("name", "content", "mapping", "words"),
    [
        ("none.csv", None, MAP, "does not exist"),
        ("a.csv", b"", MAP, "is empty"),
        ("a.csv", b"at,psp,bank,attempts,ok\n", MAP, "no row"),
        ("a.csv", b"\x00\xff\xfe\x80", MAP, "a.csv"),
        ("a.xlsx", b"PK", MAP, "unknown ending"),
        ("a.parquet", b"PAR1 and then nothing", MAP, "a.parquet"),
        ("a.csv.gz", b"\x1f\x8b cut short", MAP, "a.csv.gz"),
        ("a.csv", as_csv(ROWS[:9]), "attempts=tries,success=ok,time=at,dims=psp", "tries"),
        ("a.csv", as_csv(ROWS[:9]), "attempt=attempts,success=ok,time=at,dims=psp", "did you mean"),
        ("a.csv", as_csv(ROWS[:9]), "success=ok,time=at", "lacks dims"),
        ("a.csv", as_csv(ROWS[:9]), "no_such_map.toml", "no_such_map.toml"),
        ("a.csv", b"at,psp,bank,attempts,ok\nx,a,b,1,1\n", MAP, "no valid row"),
        ("a.jsonl", b"not json\n", MAP, "a.jsonl"),
    ],
)
def test_a_file_that_cannot_be_replayed_is_refused_in_one_sentence(
    run: Command, tmp_path: Path, name: str, content: bytes | None, mapping: str, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    refusal = run.inside("watch", "--source", str(path), "--map", mapping, "--plain").refusal
    assert refusal.startswith("run.py: ")
    assert words in refusal


FIELDS = st.one_of(
    st.sampled_from(["2026-03-02T09:00:00Z", "2026-03-02 10", "1772442000", "0", "5", "200", "-1", "1e9"]),
    st.sampled_from(["", "nan", "inf", "9" * 400, '"', "\x1b[2J", "alpha", "'; DROP TABLE", "[red]"]),
    st.text(max_size=12),
)
LINES = st.lists(FIELDS, min_size=3, max_size=6).map(",".join)
TABLES = st.lists(LINES, max_size=12).map(
    lambda lines: "\n".join([",".join(COLUMNS), "2026-03-02T09:00:00Z,alpha,north,9,8", *lines]).encode(
        "utf-8", "replace"
    )
)


@settings(max_examples=60)
@given(name=st.sampled_from(["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"]), content=st.binary(max_size=400))
def test_any_bytes_are_replayed_or_refused(name: str, content: bytes) -> None:
    assert_replayed_or_refused(name, content)


@settings(max_examples=40)
@given(content=TABLES)
def test_any_table_is_replayed_or_refused(content: bytes) -> None:
    assert_replayed_or_refused("a.csv", content)


def assert_replayed_or_refused(name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        run = Command(Path(folder) / "state")
        code, out, err = run.inside("watch", "--source", str(path), "--map", MAP, "--json")
    if code == 0:
        assert out, "a file that is taken has at least one increment"
        assert f"{name}: " in err
    else:
        assert (code, out) == (2, "")
        assert err.startswith("run.py: ")
