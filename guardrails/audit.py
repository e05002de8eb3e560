"""The record of every decision: a file of JSON lines in which each line vouches for the one before."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from pydantic import JsonValue

from guardrails.chain import identity_of, link, plain
from guardrails.head import Head, head_path, read_head, write_head
from payments.audit import AuditRecord
from payments.errors import StorageError


class AuditLog:
    """Appends records to a file that several processes may share, and in which nothing is changed unseen.

    The head beside it announces each line before it is written and counts it after, so that a crash between
    is told from a line that somebody added or dropped. With a key the hashes are HMACs: who lacks it cannot
    write what fits. What somebody broke is never mended here, so that it is found.
    """

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self.path = path
        self._key = key
        self._ids: set[str] = set()
        self._last: str | None = None
        self._read_to = 0

    def append(self, record: AuditRecord) -> None:
        """Write a record, unless one with its id stands already; it is on disk when this returns.

        Raises:
            StorageError: it could not be written, or the log was begun with another key.
        """
        with storing(self.path), locked(self.path) as file:
            self._catch_up()
            if record.id not in self._ids:
                self._write(file, plain(record.model_dump(mode="json")))

    def _write(self, file: FileIO, record: JsonValue) -> None:
        head = self._head()
        self._close_torn_line(file, head)
        head = head.settled(self._last)
        coming = link(head.count + 1, head.hash, record, self._key)
        write_head(self.path, head.announcing(coming), self._key)
        _write_all(file, coming.line + b"\n", back_to=self._read_to)
        write_head(self.path, Head(coming.number, coming.hash), self._key)

    def _head(self) -> Head:
        head = read_head(self.path, self._key)
        if head is None and self._read_to:
            msg = (
                f"the audit log {str(self.path)!r} cannot go on: {str(head_path(self.path))!r} is missing or "
                "sealed under another key; set PAYOPS_AUDIT_KEY to the key that the log was begun with, or "
                "move both files away to begin a new log"
            )
            raise StorageError(msg)
        return head or Head()

    def _close_torn_line(self, file: FileIO, head: Head) -> None:
        """Take away what a crash left of an announced line; what nobody announced is kept, to be found."""
        if file.seek(0, os.SEEK_END) > self._read_to and head.announced is not None:
            file.truncate(self._read_to)
        elif file.tell() > self._read_to:
            _write_all(file, b"\n", back_to=file.tell())
            self._catch_up()

    def _catch_up(self) -> None:
        """Learn what the whole lines hold that were added since the last look, by whatever process."""
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._read_to:  # somebody cut the file
                self._ids, self._last, self._read_to = set(), None, 0
            file.seek(self._read_to)
            for line in file:
                if line.endswith(b"\n"):
                    self._read_to += len(line)
                    self._last, record_id = identity_of(line)
                    self._ids.add(record_id)


def records_in(path: Path) -> Iterator[AuditRecord]:
    """Read the records of a log, oldest first; a line that is no record is passed over: `verify` names it.

    Raises:
        StorageError: the file cannot be read.
    """
    with storing(path):
        if not path.exists():
            return
        with path.open("rb") as file:
            yield from records_of(file)


def records_of(lines: Iterable[bytes]) -> Iterator[AuditRecord]:
    """Read the records of lines; one that is no record is passed over."""
    for line in lines:
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            yield AuditRecord.model_validate(json.loads(line)["record"])


@contextmanager
def locked(path: Path) -> Iterator[FileIO]:
    """Open a log for this process alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Say in our words that the disk refuses."""
    try:
        yield
    except OSError as error:
        msg = f"the audit log {str(path)!r} cannot be read or written: {error.strerror or error}"
        raise StorageError(msg) from error


def _write_all(file: FileIO, text: bytes, back_to: int) -> None:
    """Write the whole text or nothing."""
    try:
        while text:
            text = text[file.write(text) :]
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):  # a disk that refuses this too is tidied up by the next append
            file.truncate(back_to)
        raise
