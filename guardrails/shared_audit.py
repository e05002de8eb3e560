"""The record of every decision where several machines share it: the same chain, in a database."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from guardrails.audit import records_of
from guardrails.chain import link, plain
from guardrails.head import Head, sealed, unsealed
from guardrails.verifying import AuditReport, verify_lines
from payments.audit import AuditRecord
from payments.errors import StorageError


class Added(NamedTuple):
    """A line, without its end, and the head that is true with it."""

    number: int
    line: bytes
    head: bytes


class Kept(Protocol):
    """A log as it was at one instant."""

    @property
    def lines(self) -> Iterable[bytes]:
        """Its lines, each with its end, in order."""

    @property
    def head(self) -> bytes | None:
        """Its head, if it has one."""


class Lines(Protocol):
    """Where the lines lie."""

    def add(self, record_id: str, following: Callable[[bytes | None], Added]) -> None:
        """Add the line that follows from the head, alone, with its head or not at all; one line an id."""

    def kept(self) -> AbstractContextManager[Kept]:
        """Give all there is."""


@dataclass(frozen=True)
class SharedAuditLog:
    """Appends records to a log that many processes share. A transaction adds line and head together."""

    lines: Lines
    key: bytes | None = None

    def append(self, record: AuditRecord) -> None:
        """Write a record, unless one with its id stands already.

        Raises:
            StorageError: it could not be written, or the log was begun with another key.
        """
        held = plain(record.model_dump(mode="json"))

        def following(kept: bytes | None) -> Added:
            head = Head() if kept is None else unsealed(kept, self.key)
            if head is None:
                msg = (
                    "the audit log cannot go on: its head was changed, or is sealed under another key; set "
                    "PAYOPS_AUDIT_KEY to the key that the log was begun with"
                )
                raise StorageError(msg)
            coming = link(head.count + 1, head.hash, held, self.key)
            return Added(coming.number, coming.line, sealed(Head(coming.number, coming.hash), self.key))

        self.lines.add(record.id, following)

    def records(self) -> Iterator[AuditRecord]:
        """Read the records, oldest first.

        Raises:
            StorageError: the log cannot be read.
        """
        with self.lines.kept() as kept:
            yield from records_of(kept.lines)

    def verify(self) -> AuditReport:
        """Compare each line with the one before, and the last with the head.

        Raises:
            StorageError: the log cannot be read.
        """
        with self.lines.kept() as kept:
            return verify_lines(kept.lines, kept.head, self.key)
