"""The audit log is looked at anew whenever it has changed, and only then."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.web.record.verified import SETTLED_S, Verified
from guardrails.audit import AuditLog
from payments.audit import AuditRecord

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    for number in range(3):
        AuditLog(path).append(AuditRecord(id=f"{number}", at=AT, event="acted", actor="executor"))
    return path


def seen(log: Path, after_s: float = 60.0) -> Verified:
    """Look at a log some time after it was written."""
    return Verified(log, None, lambda: datetime.now(UTC) + timedelta(seconds=after_s))


def test_a_log_that_stays_as_it_is_is_read_once(log: Path) -> None:
    verified = seen(log)
    assert verified.report().records == 3
    assert verified.report() is verified.report()


def test_a_log_that_was_just_written_is_read_again(log: Path) -> None:
    verified = seen(log, after_s=SETTLED_S / 2)
    assert verified.report() is not verified.report()


def test_a_new_record_is_counted(log: Path) -> None:
    verified = seen(log)
    verified.report()
    AuditLog(log).append(AuditRecord(id="new", at=AT, event="reverted", actor="executor"))
    assert verified.report().records == 4


def test_a_change_is_found_even_if_size_and_time_of_the_file_are_as_before(log: Path) -> None:
    verified, before = seen(log), log.stat()
    assert verified.report().bad_line is None
    log.write_bytes(log.read_bytes().replace(b"executor", b"executer"))
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert log.stat().st_size == before.st_size
    assert verified.report().bad_line == 1


def test_a_head_that_was_taken_away_is_missed(log: Path) -> None:
    verified = seen(log)
    verified.report()
    log.with_suffix(".head").unlink()
    assert "is missing" in verified.report().problem


def test_a_log_that_is_not_there_yet_is_sound(tmp_path: Path) -> None:
    verified = seen(tmp_path / "audit.jsonl")
    assert (verified.report().records, verified.report().bad_line) == (0, None)
