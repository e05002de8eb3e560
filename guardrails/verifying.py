"""Whether an audit log is as it was written: the first line that is not, and why."""

import fcntl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from guardrails.audit import storing
from guardrails.chain import BEFORE_THE_FIRST, fault_of, identity_of
from guardrails.head import head_path, head_text, unsealed


@dataclass(frozen=True)
class AuditReport:
    """What the look at every line found."""

    records: int
    """Lines that are as they were written."""
    last: str
    """Hash of the last of them: noted elsewhere, it shows that no older log was put in its place."""
    bad_line: int | None = None
    """Number of the first line that is not; lines are counted from 1."""
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        if self.bad_line is None:
            return f"All {self.records:,} records are as they were written; the last hash is {self.last}."
        return f"Line {self.bad_line} is not as it was written: {self.problem}."


def verify(path: Path, key: bytes | None = None) -> AuditReport:
    """Compare each line of a file with the one before, and the last with the head.

    Raises:
        StorageError: the log cannot be read.
    """
    with storing(path):
        if not path.exists():
            return verify_lines((), head_text(path), key, head_path(path).name)
        with path.open("rb") as lines:
            fcntl.flock(lines, fcntl.LOCK_SH)  # nobody appends meanwhile
            return verify_lines(lines, head_text(path), key, head_path(path).name)


def verify_lines(
    lines: Iterable[bytes], head: bytes | None, key: bytes | None, named: str = "the head"
) -> AuditReport:
    """Compare each line, with its end, with the one before, and the last with the head, which has a name."""
    number, last = 0, BEFORE_THE_FIRST
    for number, line in enumerate(lines, start=1):
        problem = fault_of(line[:-1], number, last, key) if line.endswith(b"\n") else "it was cut short"
        if problem:
            return AuditReport(number - 1, last, number, problem)
        last, _ = identity_of(line)
    return _against_head(number, last, head, key, named)


def _against_head(count: int, last: str, kept: bytes | None, key: bytes | None, named: str) -> AuditReport:
    head = unsealed(kept, key)
    if head is None:
        if count == 0 and kept is None:
            return AuditReport(0, last)
        problem = f"{named} is missing, was changed, or is sealed under another key"
        return AuditReport(count, last, max(count, 1), problem)
    head = head.settled(last)
    if count < head.count:
        return AuditReport(count, last, count + 1, f"it is missing, for there were {head.count}")
    if count > head.count:
        return AuditReport(head.count, last, head.count + 1, f"it was added, for there were {head.count}")
    if last != head.hash:
        return AuditReport(count - 1, last, count, "the head knows it with another hash")
    return AuditReport(count, last)
