"""The record of every decision: nothing is lost, written twice, or changed unseen."""

import json
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from guardrails.audit import AuditLog, records_in
from guardrails.chain import link
from guardrails.head import Head, head_path, read_head, write_head
from guardrails.verifying import verify
from payments.audit import AuditRecord
from payments.errors import StorageError

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = b"a key of the auditors"


def record(number: int, actor: str = "crew", **inputs: JsonValue) -> AuditRecord:
    """Make a record that nobody else has."""
    return AuditRecord(id=f"incident:{number}", at=AT, event="ruled", actor=actor, inputs=inputs)


def written(path: Path, count: int, key: bytes | None = None) -> AuditLog:
    """Write so many records."""
    log = AuditLog(path, key)
    for number in range(count):
        log.append(record(number))
    return log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a log in a folder that is not there yet."""
    return tmp_path / "state" / "audit.jsonl"


def test_what_was_written_is_read_in_order(path: Path) -> None:
    written(path, 3)
    assert list(records_in(path)) == [record(0), record(1), record(2)]
    report = verify(path)
    assert (report.records, report.bad_line) == (3, None)
    assert report.last in report.sentence


def test_no_log_is_a_sound_log_of_no_records(path: Path) -> None:
    assert list(records_in(path)) == []
    assert (verify(path).records, verify(path).bad_line) == (0, None)


def test_of_two_records_with_one_id_the_first_stands_whoever_writes_it(path: Path) -> None:
    written(path, 2)
    AuditLog(path).append(record(1, actor="somebody else"))
    assert [one.actor for one in records_in(path)] == ["crew", "crew"]


def test_several_writers_share_one_chain(path: Path) -> None:
    logs = [AuditLog(path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: logs[number % 4].append(record(number // 2)), range(40)))
    assert verify(path).records == 20
    assert {one.id for one in records_in(path)} == {record(number).id for number in range(20)}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    held=st.lists(ANY_JSON, min_size=1, max_size=3),
    actor=st.text(st.characters()),
    key=st.none() | st.binary(),
)
def test_hostile_text_and_numbers_are_one_line_each(
    held: list[JsonValue], actor: str, key: bytes | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "audit.jsonl"
    log = AuditLog(path, key)
    for number, value in enumerate(held):
        log.append(record(number, actor, value=value))
    assert len(path.read_bytes().splitlines()) == len(held)
    assert verify(path, key).bad_line is None
    assert len(list(records_in(path))) == len(held)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (10**5000, hex(10**5000)),
        ([{"x": 1e308}], [{"x": 1e308}]),
    ],
    ids=["nan", "inf", "huge", "finite"],
)
def test_numbers_that_json_cannot_carry_are_kept_as_text(
    value: JsonValue, kept: JsonValue, path: Path
) -> None:
    AuditLog(path).append(record(1, value=value))
    assert [one.inputs["value"] for one in records_in(path)] == [kept]


def test_a_line_that_is_no_record_is_passed_over_when_read(path: Path) -> None:
    written(path, 1)
    with path.open("ab") as file:
        file.write(b'{"record": {}}\n[]\n\xff\n')
    assert list(records_in(path)) == [record(0)]


# --- crashes ---------------------------------------------------------------------------------------------


def announced(path: Path, key: bytes | None = None) -> bytes:
    """Announce the next record as a process does that dies right after; give its line."""
    head = read_head(path, key)
    assert head is not None
    coming = link(head.count + 1, head.hash, record(99).model_dump(mode="json"), key)
    write_head(path, head.announcing(coming), key)
    return coming.line + b"\n"


def append(path: Path, line: bytes) -> None:
    """Write bytes at the end of a log behind its back."""
    with path.open("ab") as file:
        file.write(line)


def test_a_crash_before_the_line_leaves_a_sound_log(path: Path) -> None:
    written(path, 2)
    announced(path)
    assert verify(path).bad_line is None
    AuditLog(path).append(record(2))
    assert (verify(path).records, verify(path).bad_line) == (3, None)


def test_a_crash_after_the_line_leaves_a_sound_log_in_which_it_counts(path: Path) -> None:
    written(path, 2)
    append(path, announced(path))
    assert (verify(path).records, verify(path).bad_line) == (3, None)
    AuditLog(path).append(record(99))
    AuditLog(path).append(record(3))
    assert [one.id for one in records_in(path)][2:] == ["incident:99", "incident:3"]
    assert (verify(path).records, verify(path).bad_line) == (4, None)


@pytest.mark.parametrize("cut", [1, 100])
def test_a_line_that_a_crash_cut_short_is_named_and_the_next_record_takes_its_place(
    cut: int, path: Path
) -> None:
    log = written(path, 2)
    append(path, announced(path)[:-cut])
    assert (verify(path).bad_line, verify(path).problem) == (3, "it was cut short")
    log.append(record(2))
    assert (verify(path).records, verify(path).bad_line) == (3, None)


def test_half_a_line_that_nobody_announced_stays_and_is_found(path: Path) -> None:
    written(path, 2)
    append(path, b"half a li")
    AuditLog(path).append(record(2))
    assert verify(path).bad_line == 3
    assert len(list(records_in(path))) == 3


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let the system refuse larger files, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 10])
def test_a_full_disk_is_said_and_leaves_a_sound_log(room: int, path: Path) -> None:
    log = written(path, 2)
    with (
        files_at_most(path.stat().st_size + room),
        pytest.raises(StorageError, match="cannot be read or written"),
    ):
        log.append(record(2))
    assert (verify(path).records, verify(path).bad_line) == (2, None)
    log.append(record(2))
    assert (verify(path).records, verify(path).bad_line) == (3, None)


def test_a_log_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    for use in (AuditLog(tmp_path).append, lambda _: verify(tmp_path), lambda _: list(records_in(tmp_path))):
        with pytest.raises(StorageError, match="Is a directory"):
            use(record(1))


# --- keys and heads ----------------------------------------------------------------------------------------


def test_a_log_goes_on_under_its_own_key_only(path: Path) -> None:
    written(path, 2, KEY)
    for key in (None, b"another"):
        with pytest.raises(StorageError, match="sealed under another key; set PAYOPS_AUDIT_KEY"):
            AuditLog(path, key).append(record(2))
        assert verify(path, key).bad_line == 1
    assert verify(path, KEY).bad_line is None


def test_a_log_without_its_head_does_not_go_on(path: Path) -> None:
    written(path, 2)
    head_path(path).unlink()
    with pytest.raises(StorageError, match="is missing"):
        AuditLog(path).append(record(2))
    assert (verify(path).bad_line, verify(path).records) == (2, 2)
    assert "audit.head is missing" in verify(path).sentence


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"seal": 1, "more": 2}', b"\xff", b"[" * 9999])
def test_a_head_that_was_changed_is_found(text: bytes, path: Path) -> None:
    written(path, 2)
    head_path(path).write_bytes(text)
    assert "audit.head" in verify(path).problem


def test_a_head_without_its_log_tells_that_the_log_is_gone(path: Path) -> None:
    written(path, 2)
    path.unlink()
    assert (verify(path).bad_line, verify(path).problem) == (1, "it is missing, for there were 2")


def test_who_lacks_the_key_cannot_drop_the_last_line_and_seal_the_head_anew(path: Path) -> None:
    written(path, 2, KEY)
    first = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(first)
    write_head(path, Head(1, json.loads(first)["hash"]), None)
    assert verify(path, KEY).bad_line is not None


def test_who_lacks_the_key_cannot_write_the_whole_log_anew(path: Path) -> None:
    written(path, 2, KEY)
    path.unlink()
    head_path(path).unlink()
    written(path, 2)
    assert verify(path, KEY).bad_line == 1


def test_a_line_that_was_written_anew_with_its_hash_is_not_the_one_that_the_next_follows(path: Path) -> None:
    written(path, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    anew = link(1, json.loads(lines[0])["previous"], {"id": "forged"}, None)
    path.write_bytes(anew.line + b"\n" + lines[1])
    assert (verify(path).bad_line, verify(path).problem) == (2, "it does not follow from the line before")


def test_a_log_that_is_cut_while_somebody_writes_goes_on_and_the_gap_is_found(path: Path) -> None:
    log = written(path, 3)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    log.append(record(3))
    assert [one.id for one in records_in(path)] == ["incident:0", "incident:3"]
    assert (verify(path).bad_line, verify(path).problem[:15]) == (2, "it is number 4:")


def test_a_last_line_that_was_written_anew_with_its_hash_is_not_the_one_that_the_head_knows(
    path: Path,
) -> None:
    written(path, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    anew = link(2, json.loads(lines[0])["hash"], {"id": "forged"}, None)
    path.write_bytes(lines[0] + anew.line + b"\n")
    assert (verify(path).bad_line, verify(path).problem) == (2, "the head knows it with another hash")


# --- anything that is done to one line ---------------------------------------------------------------------

COUNT = 6


@pytest.fixture(scope="module", params=[None, KEY], ids=["hash", "key"])
def log(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, bytes | None]:
    """Write a log once; the tests write changed copies of it in its place."""
    path = tmp_path_factory.mktemp("log") / "audit.jsonl"
    written(path, COUNT, request.param)
    path.with_name("original").write_bytes(path.read_bytes())
    return path, request.param


def first_bad_line(log: tuple[Path, bytes | None], lines: list[bytes]) -> int | None:
    """Put lines in the place of those of the log, and verify."""
    path, key = log
    path.write_bytes(b"".join(lines))
    return verify(path, key).bad_line


def lines_of(log: tuple[Path, bytes | None]) -> list[bytes]:
    """Give the lines as they were written."""
    return log[0].with_name("original").read_bytes().splitlines(keepends=True)


def test_the_untouched_copy_is_sound(log: tuple[Path, bytes | None]) -> None:
    assert first_bad_line(log, lines_of(log)) is None


@given(data=st.data())
def test_a_changed_byte_is_found_in_its_line(log: tuple[Path, bytes | None], data: st.DataObject) -> None:
    lines = lines_of(log)
    number = data.draw(st.integers(0, COUNT - 1))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != lines[number][place]))
    lines[number] = lines[number][:place] + bytes([byte]) + lines[number][place + 1 :]
    assert first_bad_line(log, lines) == number + 1


@given(number=st.integers(0, COUNT - 1))
def test_a_dropped_line_is_found_in_its_place(log: tuple[Path, bytes | None], number: int) -> None:
    lines = lines_of(log)
    del lines[number]
    assert first_bad_line(log, lines) == number + 1


@given(pair=st.lists(st.integers(0, COUNT - 1), min_size=2, max_size=2, unique=True))
def test_swapped_lines_are_found_at_the_first(log: tuple[Path, bytes | None], pair: list[int]) -> None:
    lines = lines_of(log)
    lines[pair[0]], lines[pair[1]] = lines[pair[1]], lines[pair[0]]
    assert first_bad_line(log, lines) == min(pair) + 1


@given(place=st.integers(0, COUNT), copied=st.integers(0, COUNT - 1))
def test_a_copied_line_is_found_where_the_order_breaks(
    log: tuple[Path, bytes | None], place: int, copied: int
) -> None:
    lines = lines_of(log)
    lines.insert(place, lines[copied])
    # A copy right before or after its original leaves the first of the two in its place.
    assert first_bad_line(log, lines) == (place + 2 if place == copied else place + 1)


@given(place=st.integers(0, COUNT), text=st.binary(max_size=40).filter(lambda text: b"\n" not in text))
def test_any_added_line_is_found(log: tuple[Path, bytes | None], place: int, text: bytes) -> None:
    lines = lines_of(log)
    lines.insert(place, text + b"\n")
    assert first_bad_line(log, lines) == place + 1


def test_a_line_that_fits_but_was_never_announced_is_found(log: tuple[Path, bytes | None]) -> None:
    lines, (_, key) = lines_of(log), log
    fitting = link(COUNT + 1, json.loads(lines[-1])["hash"], {"id": "added"}, key)
    assert first_bad_line(log, [*lines, fitting.line + b"\n"]) == COUNT + 1


@pytest.mark.parametrize(
    "held", [{}, {"number": 1}, {"number": 1, "previous": "", "record": 10**400}, 7, [], "x"]
)
def test_a_line_of_another_form_is_no_record(held: JsonValue, log: tuple[Path, bytes | None]) -> None:
    assert first_bad_line(log, [json.dumps(held).encode() + b"\n", *lines_of(log)[1:]]) == 1
