"""Root-cause sets are read whole, plain or gzipped, or refused with a sentence that says why."""

import contextlib
import gzip
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.localization.folders import Format, read_sets
from bench.localization.method import Instance
from bench.localization.score import Labelled
from payments.errors import BadFile
from payments.segment import Segment

# What no set can hold: separators of the formats, and half characters that no file encodes.
VALUES = st.text(
    st.characters(exclude_characters='\r\n",;&=\0', exclude_categories=["Cs"]), min_size=1, max_size=5
)
TWO_LEAVES = "a,b,real,predict\nx,1,5.0,6.0\ny,1,7.5,7.0\n"
CASE = "- data: one\n  timestamp: 120\n  cause:\n    a: x\n"
MINUTES = "min,a,value,cnt\n60,x,1,10\n60,y,2,20\n120,x,9,10\n120,y,3,30\n"


def write_squeeze(folder: Path, table: str, causes: str = "a=x", *, packed: bool = False) -> None:
    (folder / "injection_info.csv").write_text(f"timestamp,set\none,{causes}\n", encoding="utf-8", newline="")
    write(folder / "one.csv", table.encode(), packed=packed)


def write_stalls(folder: Path, table: str, labels: str = CASE, *, packed: bool = False) -> None:
    (folder / "anomaly.yaml").write_text(labels, encoding="utf-8")
    write(folder / "one.csv", table.encode(), packed=packed)


def write(path: Path, content: bytes, *, packed: bool) -> None:
    if packed:
        path.with_suffix(".csv.gz").write_bytes(gzip.compress(content))
    else:
        path.write_bytes(content)


def only(folder: Path) -> Labelled:
    (data,) = read_sets(folder)
    (labelled,) = data.instances
    return labelled


def cells(instance: Instance) -> list[tuple[str, ...]]:
    return [
        tuple(values[code] for values, code in zip(instance.values, leaf, strict=True))
        for leaf in instance.leaves
    ]


@pytest.mark.parametrize("packed", [False, True])
@given(rows=st.lists(st.tuples(VALUES, VALUES, st.floats(-1e9, 1e9), st.floats(0, 1e9)), min_size=1))
def test_every_leaf_of_an_amount_is_read_as_it_was_written(
    packed: bool, rows: list[tuple[str, str, float, float]]
) -> None:
    table = "a,real,b,predict\n" + "".join(f"{a},{real!r},{b},{want!r}\n" for a, b, real, want in rows)
    with tempfile.TemporaryDirectory() as folder:
        write_squeeze(Path(folder), table, packed=packed)
        instance = only(Path(folder)).instance
    assert instance.attributes == ("a", "b")
    assert cells(instance) == [row[:2] for row in rows]
    assert instance.real.tolist() == [row[2] for row in rows]
    assert instance.expected.tolist() == [row[3] for row in rows]
    assert instance.total is None


@given(causes=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4))
def test_causes_of_any_characters_are_read_as_they_were_written(causes: list[tuple[str, str]]) -> None:
    words = ";".join(f"a={first}&b={second}" for first, second in causes)
    with tempfile.TemporaryDirectory() as folder:
        write_squeeze(Path(folder), TWO_LEAVES, words)
        truth = only(Path(folder)).causes
    assert truth == {Segment.of(a=first, b=second) for first, second in causes}


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x1e"], ids=["line separator", "next line", "record"])
def test_only_line_feeds_end_a_row_of_causes(odd: str, tmp_path: Path) -> None:
    write_squeeze(tmp_path, TWO_LEAVES, f"a=x{odd}y")
    assert only(tmp_path).causes == {Segment.of(a=f"x{odd}y")}


@pytest.mark.parametrize("packed", [False, True])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([60, 120, 180]), st.sampled_from("xyzé"), st.integers(0, 9), st.integers(9, 99)
        )
    )
)
def test_rows_of_one_leaf_and_minute_add_up_and_later_minutes_do_not_count(
    packed: bool, rows: list[tuple[int, str, int, int]]
) -> None:
    rows = [*rows, (120, "x", 1, 9)]
    table = "min,a,value,cnt\n" + "".join(f"{at},{a},{bad},{total}\n" for at, a, bad, total in rows)
    with tempfile.TemporaryDirectory() as folder:
        write_stalls(Path(folder), table, packed=packed)
        instance = only(Path(folder)).instance
    assert instance.total is not None
    assert instance.past_total is not None
    assert len(set(cells(instance))) == len(instance.leaves)
    assert instance.real.sum() == sum(bad for at, _, bad, _ in rows if at == 120)
    assert instance.total.sum() == sum(total for at, _, _, total in rows if at == 120)
    assert instance.past_total.sum() == sum(total for at, _, _, total in rows if at == 60)
    assert np.isfinite(instance.expected).all()


def test_a_value_keeps_its_leading_zeros_in_labels_and_leaves(tmp_path: Path) -> None:
    write_stalls(tmp_path, MINUTES.replace("x", "0500"), CASE.replace("x", "0500"))
    labelled = only(tmp_path)
    assert labelled.causes == {Segment.of(a="0500")}
    assert ("0500",) in cells(labelled.instance)


def test_sets_beside_each_other_are_told_apart_by_their_index_files(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    write_squeeze(tmp_path / "first", TWO_LEAVES)
    write_stalls(tmp_path / "second", MINUTES)
    assert [(data.name, data.form) for data in read_sets(tmp_path)] == [
        ("first", "squeeze"),
        ("second", "rs"),
    ]


def test_a_folder_of_parts_by_layer_is_one_set(tmp_path: Path) -> None:
    for name in ("layer_1", "layer_2"):
        (tmp_path / name).mkdir()
        write_squeeze(tmp_path / name, TWO_LEAVES)
    (data,) = read_sets(tmp_path)
    assert (data.name, len(data.instances)) == (tmp_path.name, 2)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "no column 'real'"),
        ("a,b,real\nx,1,5.0\n", "no column 'predict'"),
        ("a,real,predict\n", "no rows"),
        ("real,predict\n1,2\n", "no attribute"),
        ("a,real,predict\nx,5.0\n", "line 2"),
        ("a,real,predict\nx,many,5.0\n", "'real'"),
        ("a,real,predict\nx,5.0,nan\n", "'predict'"),
        ("a,real,predict\nx,inf,5.0\n", "'real'"),
    ],
    ids=["empty", "column", "header", "attribute", "ragged", "word", "nan", "inf"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_an_amount_file_that_cannot_be_used_is_refused(
    table: str, words: str, packed: bool, tmp_path: Path
) -> None:
    write_squeeze(tmp_path, table, packed=packed)
    with pytest.raises(BadFile, match=words):
        list(read_sets(tmp_path))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "no column 'min'"),
        ("min,a,value\n120,x,1\n", "no column 'cnt'"),
        ("min,a,value,cnt\n60,x,1,10\n", "minute 120"),
        ("min,a,value,cnt\nnoon,x,1,10\n", "'min'"),
        ("min,value,cnt\n120,1,10\n", "no attribute"),
    ],
    ids=["empty", "column", "minute", "word", "attribute"],
)
def test_a_ratio_file_that_cannot_be_used_is_refused(table: str, words: str, tmp_path: Path) -> None:
    write_stalls(tmp_path, table)
    with pytest.raises(BadFile, match=words):
        list(read_sets(tmp_path))


@pytest.mark.parametrize(
    "labels", ["", "- [", "words", "- data: one", CASE.replace("120", "noon"), "- data: one\n  cause: x\n"]
)
def test_labels_that_cannot_be_used_are_refused(labels: str, tmp_path: Path) -> None:
    write_stalls(tmp_path, MINUTES, labels)
    with pytest.raises(BadFile, match=r"anomaly\.yaml"):
        list(read_sets(tmp_path))


@pytest.mark.parametrize("causes", ["", "a", "a=x;", "a=x&b"])
def test_a_cause_that_is_no_attribute_and_value_is_refused(causes: str, tmp_path: Path) -> None:
    write_squeeze(tmp_path, TWO_LEAVES, causes)
    with pytest.raises(BadFile, match=r"injection_info\.csv"):
        list(read_sets(tmp_path))


def test_a_file_that_the_index_names_must_be_there(tmp_path: Path) -> None:
    write_squeeze(tmp_path, TWO_LEAVES)
    (tmp_path / "one.csv").unlink()
    with pytest.raises(BadFile, match="missing"):
        list(read_sets(tmp_path))


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"injection_info\.csv"):
        list(read_sets(tmp_path))


@pytest.mark.parametrize("form", ["squeeze", "rs"])
def test_no_folder_is_refused(form: Format, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no folder"):
        list(read_sets(tmp_path / "absent", form))


def damaged() -> Iterable[bytes]:
    whole = gzip.compress(TWO_LEAVES.encode() * 50)
    yield whole[: len(whole) // 2]
    yield b"not gzipped"
    yield whole[:-8] + bytes(8)


@pytest.mark.parametrize("content", list(damaged()), ids=["cut", "plain", "checksum"])
def test_a_damaged_gzip_file_is_refused(content: bytes, tmp_path: Path) -> None:
    write_squeeze(tmp_path, TWO_LEAVES)
    (tmp_path / "one.csv").unlink()
    (tmp_path / "one.csv.gz").write_bytes(content)
    with pytest.raises(BadFile, match="'one'"):
        list(read_sets(tmp_path))


def test_a_gzip_file_with_a_damaged_stream_is_refused(tmp_path: Path) -> None:
    write_squeeze(tmp_path, TWO_LEAVES)
    (tmp_path / "one.csv").unlink()
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(b"")[:10] + b"\xff" * 20)
    with pytest.raises(BadFile, match="'one'"):
        list(read_sets(tmp_path))


@pytest.mark.parametrize("index", ["injection_info.csv", "anomaly.yaml"])
@pytest.mark.parametrize("hurt", ["index", "table"])
@given(content=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(index: str, hurt: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if index == "anomaly.yaml":
            write_stalls(folder, MINUTES)
        else:
            write_squeeze(folder, TWO_LEAVES)
        (folder / (index if hurt == "index" else "one.csv")).write_bytes(content)
        with contextlib.suppress(BadFile):
            list(read_sets(folder))
