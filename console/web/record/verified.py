"""Whether the audit log is as it was written: every line is read again only when the log has changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from console.settings import Settings
from console.storage import audit_records, audit_report
from guardrails.audit import records_in
from guardrails.head import head_path
from guardrails.verifying import AuditReport, verify
from payments.audit import AuditRecord

SETTLED_S = 2.0
"""So long a change is new: another one within the same tick of the file system's clock has the same time."""

_Stamp = tuple[tuple[int, int, int], ...]


@dataclass
class Verified:
    """Keeps what the last look at a log found."""

    path: Path
    key: bytes | None
    clock: Callable[[], datetime]
    _known: tuple[_Stamp, AuditReport] | None = field(default=None, init=False)

    def report(self) -> AuditReport:
        """Give what a look at every line finds.

        Raises:
            StorageError: the log cannot be read.
        """
        stamp, now_s = self._stamp(), self.clock().timestamp()
        if self._known and self._known[0] == stamp:
            return self._known[1]
        report = verify(self.path, self.key)
        is_settled = all(changed_ns / 1e9 < now_s - SETTLED_S for _, _, changed_ns in stamp)
        self._known = (stamp, report) if stamp and is_settled else None
        return report

    def records(self) -> Iterator[AuditRecord]:
        """Read the records, oldest first.

        Raises:
            StorageError: the log cannot be read.
        """
        return records_in(self.path)

    def _stamp(self) -> _Stamp:
        """Give what changes with the log and its head; nothing when there is not both.

        The time is that of the last change of any kind, which nobody can set, unlike that of the contents.
        """
        try:
            told = [path.stat() for path in (self.path, head_path(self.path))]
        except OSError:
            return ()
        return tuple((one.st_ino, one.st_size, one.st_ctime_ns) for one in told)


@dataclass(frozen=True)
class VerifiedOnServer:
    """Looks at every line each time: a server does not say when they were changed."""

    settings: Settings

    def report(self) -> AuditReport:
        """Give what a look at every line finds.

        Raises:
            StorageError: the log cannot be read.
        """
        return audit_report(self.settings)

    def records(self) -> Iterator[AuditRecord]:
        """Read the records, oldest first.

        Raises:
            StorageError: the log cannot be read.
        """
        return audit_records(self.settings)
