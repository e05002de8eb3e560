"""The head of a chain, kept beside it: without it nobody could tell that the last lines are gone."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from guardrails.chain import BEFORE_THE_FIRST, Link, digest


@dataclass(frozen=True)
class Head:
    """How many lines there are, the hash of the last, and that of the one that is being written."""

    count: int = 0
    hash: str = BEFORE_THE_FIRST
    announced: str | None = None

    def announcing(self, coming: Link) -> "Head":
        """Say which line is being written."""
        return replace(self, announced=coming.hash)

    def settled(self, last: str | None) -> "Head":
        """Count the announced line when the file ends with it; else nothing was written."""
        if self.announced is not None and self.announced == last:
            return Head(self.count + 1, self.announced)
        return replace(self, announced=None)


def head_path(log: Path) -> Path:
    """Name the head's file."""
    return log.with_suffix(".head")


def sealed(head: Head, key: bytes | None) -> bytes:
    """Write a head with the seal of a key."""
    held = asdict(head)
    return json.dumps({**held, "seal": digest(held, key)}).encode("ascii")


def unsealed(text: bytes | None, key: bytes | None) -> Head | None:
    """Read a head; None when there is none that this key has sealed."""
    if text is None:
        return None
    try:
        held = json.loads(text)
        seal = held.pop("seal")
        return Head(**held) if seal == digest(held, key) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def head_text(log: Path) -> bytes | None:
    """Give what the head's file holds; None when it is not there.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return head_path(log).read_bytes()
    except FileNotFoundError:
        return None


def read_head(log: Path, key: bytes | None) -> Head | None:
    """Read the head of a log; None when there is none that this key has sealed.

    Raises:
        OSError: it cannot be read.
    """
    return unsealed(head_text(log), key)


def write_head(log: Path, head: Head, key: bytes | None) -> None:
    """Put the head in the place of the one before, all or nothing; on disk when this returns.

    Raises:
        OSError: it cannot be written; the one before stands.
    """
    path = head_path(log)
    new = path.with_suffix(".head.new")
    with new.open("wb") as file:
        file.write(sealed(head, key))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
