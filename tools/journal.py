"""A file of JSON lines in which every record has a key and stands once, whoever writes it how often."""

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

Record = dict[str, Any]


class Journal:
    """Appends records to a file that several processes may share; the first record of a key stands.

    A line that is no record, such as one cut short by a full disk, is passed over and counted.

    Raises:
        OSError: the file cannot be read or written.
    """

    def __init__(self, path: Path, key: tuple[str, ...]) -> None:
        self.path = path
        self.unreadable = 0
        self._key = key
        self._records: dict[tuple[object, ...], Record] = {}
        self._read_to = 0

    def get(self, *key: object) -> Record | None:
        """Give the record of a key."""
        if self.path.exists():
            with self._locked():
                pass
        return self._records.get(key)

    def all(self) -> Collection[Record]:
        """Give every record."""
        self.get()
        return self._records.values()

    def add(
        self, record: Mapping[str, object], check: Callable[[Collection[Record]], None] | None = None
    ) -> tuple[Record, bool]:
        """Write a record unless its key stands already; gives what stands, and whether it is new.

        A `check` of what stands may raise, and nothing is written; nobody else writes meanwhile.
        """
        key = tuple(record[name] for name in self._key)
        with self._locked() as file:
            if key in self._records:
                return self._records[key], False
            if check is not None:
                check(self._records.values())
            file.write(json.dumps(record, ensure_ascii=True).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self._read(file)
            return self._records[key], True

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """Open the file for this process alone, and read what others added."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._read(file)
            yield file

    def _read(self, file: BinaryIO) -> None:
        if file.seek(0, os.SEEK_END) < self._read_to:  # somebody began the file anew
            self._records, self._read_to = {}, 0
        file.seek(self._read_to)
        text = file.read()
        if text and not text.endswith(b"\n"):
            file.write(b"\n")  # closes a line cut short, so that the next record has its own
            file.flush()
        self._read_to = file.seek(0, os.SEEK_END)
        for line in text.splitlines():
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            record = json.loads(line)
            key = tuple(record[name] for name in self._key)
            self._records.setdefault(key, record)
        except (ValueError, KeyError, TypeError, RecursionError):
            self.unreadable += 1
