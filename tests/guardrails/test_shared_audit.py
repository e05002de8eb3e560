"""The audit log in a database: the same chain as in a file, whoever appends, and no change is unseen."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from sqlalchemy import Engine, text

from guardrails.audit import AuditLog
from guardrails.shared_audit import SharedAuditLog
from memory.audit_lines import AuditLines
from payments.errors import StorageError
from tests.guardrails.test_audit import ANY_JSON, record
from tools.database import open_database

KEY = b"a key of the auditors"


def written(engine: Engine, count: int, key: bytes | None = None) -> SharedAuditLog:
    """Write so many records."""
    log = SharedAuditLog(AuditLines(engine), key)
    for number in range(count):
        log.append(record(number))
    return log


def change(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_what_was_written_is_read_in_order(engine: Engine) -> None:
    log = written(engine, 3)
    assert list(log.records()) == [record(0), record(1), record(2)]
    assert (log.verify().records, log.verify().bad_line) == (3, None)


def test_no_log_is_a_sound_log_of_no_records(engine: Engine) -> None:
    log = written(engine, 0)
    assert list(log.records()) == []
    assert (log.verify().records, log.verify().bad_line) == (0, None)


def test_a_database_and_a_file_hold_the_same_lines(engine: Engine, tmp_path: Path) -> None:
    in_file = AuditLog(tmp_path / "audit.jsonl", KEY)
    for number in range(3):
        in_file.append(record(number))
    with written(engine, 3, KEY).lines.kept() as kept:
        assert b"".join(kept.lines) == in_file.path.read_bytes()


def test_of_two_records_with_one_id_the_first_stands(engine: Engine) -> None:
    log = written(engine, 2)
    log.append(record(1, actor="somebody else"))
    assert [one.actor for one in log.records()] == ["crew", "crew"]
    assert log.verify().bad_line is None


def test_several_writers_share_one_chain(where: str | Path) -> None:
    engines = [open_database(where) for _ in range(4)]
    logs = [SharedAuditLog(AuditLines(one)) for one in engines]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: logs[number % 4].append(record(number // 2)), range(40)))
    assert logs[0].verify().records == 20
    assert {one.id for one in logs[1].records()} == {record(number).id for number in range(20)}
    for one in engines:
        one.dispose()


SPOILED: dict[str, tuple[str, int]] = {
    "changed": ("UPDATE audit SET line = (SELECT line FROM audit WHERE number = 1) WHERE number = 2", 2),
    "dropped": ("DELETE FROM audit WHERE number = 2", 2),
    "cut": ("DELETE FROM audit WHERE number = 3", 3),
    "without a head": ("DELETE FROM audit_head", 3),
    "with the head of another": (
        "UPDATE audit_head SET sealed = (SELECT line FROM audit WHERE number = 1)",
        3,
    ),
}


@pytest.mark.parametrize(("statement", "line"), SPOILED.values(), ids=SPOILED)
def test_what_was_changed_is_found(engine: Engine, statement: str, line: int) -> None:
    log = written(engine, 3)
    change(engine, statement)
    assert log.verify().bad_line == line


def test_a_line_that_is_no_record_is_passed_over_and_found(engine: Engine) -> None:
    log = written(engine, 2)
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit SET line = :line WHERE number = 1"), {"line": b"{"})
    assert list(log.records()) == [record(1)]
    assert log.verify().bad_line == 1


@pytest.mark.parametrize("spoil", ["another key", "a changed head"])
def test_a_log_does_not_go_on_from_a_head_that_it_cannot_trust(engine: Engine, spoil: str) -> None:
    written(engine, 2, KEY)
    if spoil == "a changed head":
        change(engine, "UPDATE audit_head SET sealed = (SELECT line FROM audit WHERE number = 1)")
    log = SharedAuditLog(AuditLines(engine), b"another key" if spoil == "another key" else KEY)
    with pytest.raises(StorageError, match="PAYOPS_AUDIT_KEY"):
        log.append(record(2))
    assert len(list(log.records())) == 2


def test_a_log_whose_lines_are_gone_is_no_empty_log(engine: Engine) -> None:
    log = written(engine, 2)
    change(engine, "DELETE FROM audit")
    assert "it is missing" in log.verify().sentence


@settings(max_examples=20)  # each of them writes to a disk
@given(held=st.lists(ANY_JSON, min_size=1, max_size=3), actor=st.text(st.characters(), max_size=5))
def test_whatever_is_recorded_the_chain_holds(
    held: list[JsonValue], actor: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = open_database(tmp_path_factory.mktemp("audit") / "payops.db")
    log = SharedAuditLog(AuditLines(engine))
    for number, one in enumerate(held):
        log.append(record(number, actor, value=one))
    assert (log.verify().records, log.verify().bad_line) == (len(held), None)
    engine.dispose()
