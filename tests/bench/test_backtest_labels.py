"""Known incidents as a team writes them down."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.backtest.labels import COLUMNS, read_labels
from payments.errors import BadFile
from payments.segment import Segment
from payments.window import Cells

CELLS = Cells(attributes=("psp", "method"), keys=(("alpha", "upi"), ("beta", "card")))
HEADER = ",".join(COLUMNS)
GOOD = "one,2026-03-02 18:00,2026-03-03 08:00,psp=alpha"


def write(folder: Path, *lines: str) -> Path:
    file = folder / "labels.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_labels_come_in_the_order_of_time(tmp_path: Path) -> None:
    file = write(tmp_path, HEADER, "late,2026-03-04 00,2026-03-04 01,", GOOD)
    early, late = read_labels(file, CELLS)
    assert (early.id, late.id) == ("one", "late")
    assert early.start == datetime(2026, 3, 2, 18, tzinfo=UTC)
    assert early.end == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert early.segment == Segment.of(psp="alpha")
    assert late.segment == Segment({})


@pytest.mark.parametrize(
    "text",
    ["psp=alpha & method=upi", '"psp=alpha,method=upi"', "method=upi;psp=alpha", " psp = alpha &method=upi"],
)
def test_a_segment_may_be_joined_as_the_crew_prints_it_or_by_commas(text: str, tmp_path: Path) -> None:
    (label,) = read_labels(write(tmp_path, HEADER, f"1,2026-03-02 18:00,2026-03-03 08:00,{text}"), CELLS)
    assert label.segment == Segment.of(psp="alpha", method="upi")


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    (label,) = read_labels(write(tmp_path, "segment,end,start,id", "psp=beta,2026-03-03,2026-03-02,x"), CELLS)
    assert (label.id, label.start.day, label.end.day) == ("x", 2, 3)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((f"{HEADER},cause", f"{GOOD},bank"), "column 'cause' is unknown"),
        (("id,start,segment", "one,2026-03-02,psp=alpha"), "there is no column 'end'"),
        (("",), "there is no column 'id'"),
        ((HEADER, "one,2026-03-02 18:00"), "4 fields are expected"),
        ((HEADER, f"{GOOD},method=upi"), "in double quotes"),
        ((HEADER, " ,2026-03-02,2026-03-03,"), "id is empty"),
        ((HEADER, "one,yesterday,2026-03-03,"), ":2: start 'yesterday' is no time; expected ISO 8601"),
        ((HEADER, GOOD, "two,2026-03-02,,"), ":3: end '' is empty"),
        ((HEADER, "one,2026-03-03,2026-03-03,"), "end '2026-03-03' is not after start '2026-03-03'"),
        (
            (HEADER, "one,2026-03-02,2026-03-03,bank=alpha"),
            "no attribute 'bank'; the attributes are psp, method",
        ),
        ((HEADER, "one,2026-03-02,2026-03-03,psp=alpa"), "psp='alpa'; did you mean 'alpha'?"),
        ((HEADER, "one,2026-03-02,2026-03-03,alpha"), "see 'alpha'"),
        ((HEADER, '"one,2026-03-02,2026-03-03,'), "unexpected end of data"),
        ((HEADER, GOOD, GOOD), "incident 'one' is there twice"),
    ],
)
def test_a_wrong_label_file_is_refused_with_the_reason(
    lines: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(BadFile) as refused:
        read_labels(write(tmp_path, *lines), CELLS)
    assert words in str(refused.value)
    assert "labels.csv" in str(refused.value)


def test_a_missing_file_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_labels(tmp_path / "none.csv", CELLS)
    (tmp_path / "noise.csv").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(BadFile, match="cannot be read"):
        read_labels(tmp_path / "noise.csv", CELLS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.text(max_size=60), ident=st.text(max_size=20), segment=st.text(max_size=30))
def test_any_text_is_read_or_refused(start: str, ident: str, segment: str, tmp_path: Path) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(f"{HEADER}\n{ident},{start},2026-03-03,{segment}\n".encode(errors="replace"))
    try:
        labels = read_labels(file, CELLS)
    except BadFile:
        return
    assert all(label.start < label.end for label in labels)
