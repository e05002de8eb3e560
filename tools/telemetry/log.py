"""The log: one line of JSON for each thing that happened, in ASCII, whatever a name holds."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOBase
from threading import Lock
from typing import Final, TextIO

from tools.ports import Cycle, Event

LONGEST: Final = 2_000
"""Characters of one value: a log is no archive."""
LEVELS: Final[Mapping[str, str]] = {
    "alerted": "warning",
    "not_delivered": "error",
    "actuator_failed": "error",
}
"""Of what is no plain news."""
_OWN: Final = frozenset({"at", "level", "event"})
"""What every line of ours holds."""


@dataclass(frozen=True)
class JsonLog:
    """Implements `Telemetry`: writes down what happened; a reader that has gone stops nothing."""

    stream: TextIO
    clock: Callable[[], datetime]
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def span(self, name: str, incident_id: str = "") -> Iterator[None]:
        """Write nothing: what takes long is for metrics and traces."""
        yield

    def happened(self, event: Event) -> None:
        """Write what happened."""
        level = LEVELS.get(event.name, "info")
        self.write(level, event.name, event.incident_id, {**event.said, **event.kinds})

    def cycled(self, cycle: Cycle) -> None:
        """Write what was wrong with the input."""
        for note in cycle.notes:
            self.write("warning", "noted", "", {"feed": cycle.feed, "note": note})

    def write(self, level: str, event: str, incident_id: str, said: Mapping[str, str]) -> None:
        """Write one line, at once."""
        own = {"at": self.clock().isoformat(), "level": level, "event": event}
        told = {"incident_id": incident_id, **said}
        values = {name: value[:LONGEST] for name, value in told.items() if value}
        self.pass_on(json.dumps({**own, **values}, ensure_ascii=True))

    def pass_on(self, line: str) -> None:
        """Write a line that is a record already."""
        with self._lock, suppress(OSError, ValueError):  # a ValueError: the stream is closed
            self.stream.write(f"{line}\n")
            self.stream.flush()


class AsRecords(TextIOBase):
    """Stands in for standard error, so that what is said to people becomes records too."""

    def __init__(self, log: JsonLog) -> None:
        self._log = log
        self._begun = ""
        self._lock = Lock()

    def write(self, text: str, /) -> int:
        """Take text; each line that is complete is written."""
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._say(line)
        return len(text)

    def close(self) -> None:
        """Write what was begun."""
        self._say(self._begun)
        self._begun = ""
        super().close()

    def isatty(self) -> bool:
        """Nobody can look at a picture in a log."""
        return False

    def _say(self, line: str) -> None:
        if is_record(line):
            self._log.pass_on(line)
        elif line.strip():
            self._log.write("info", "said", "", {"message": line.strip()})


def is_record(line: str) -> bool:
    """Say whether a line is a record of this log, as a process that we started writes them."""
    if not (line.startswith("{") and line.isascii()):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() >= _OWN
