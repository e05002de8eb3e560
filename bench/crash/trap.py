"""Where a process dies: at a drawn moment, or right before the n-th of the writes of one kind.

What a process has made durable changes only at its writes, so dying right before a write shows every state
that a crash can leave. The writes are seen from within by Python's audit events, which the child that is to
die turns on for itself; the crew knows nothing of it.
"""

import mmap
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

LABEL_BYTES = 96

ANYWHERE = 0.3
"""Share of the deaths that are drawn uniformly over a life, where mostly nothing is on its way."""

KILL_ME = b"k"
"""What a process says at the write after which it is to be killed."""

_SAME = {"checkpoint_writes": "writes", "audit": "file audit.jsonl", "audit_head": "file audit.head.new"}
"""What the tables on a server stand for in a state folder."""

_WRITES = re.compile(
    r"^\s*(INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+\"?(\w+)\"?|^\s*(COMMIT)",
    re.IGNORECASE,
)

OPENING: Mapping[str, float] = {
    "outbox": 4.0, "commit outbox": 3.0, "call": 4.0, "interventions": 1.0, "commit interventions": 1.0,
    "incidents": 2.0, "commit incidents": 2.0, "writes": 1.0, "checkpoints": 2.0, "leases": 1.0,
    "evidence": 0.5, "file audit.jsonl": 1.0, "file audit.head.new": 1.0, "any": 2.0,
}  # fmt: skip
"""Kinds of writes, as long as an action is still to come, and how often each is drawn."""

GOING_ON: Mapping[str, float] = {
    "outbox": 4.0, "commit outbox": 4.0, "call": 4.0, "leases": 1.0, "lessons": 1.0, "commit lessons": 1.0,
    "incidents": 2.0, "commit incidents": 2.0, "checkpoints": 1.0, "file audit.jsonl": 1.0,
}  # fmt: skip
"""Those that come when an action goes on or ends."""

DECIDING: Mapping[str, float] = {
    "decisions": 2.0, "commit decisions": 2.0, "outbox": 2.0, "commit outbox": 2.0, "call": 2.0,
    "leases": 1.0, "incidents": 1.0, "checkpoints": 1.0, "writes": 1.0, "file audit.jsonl": 1.0, "any": 2.0,
}  # fmt: skip
"""Those of a process in which a human decides."""


class Mark:
    """One line that a process leaves for its parent, whatever happens to it."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, LABEL_BYTES)

    def put(self, label: str) -> None:
        """Leave a label in place of the one before."""
        self._page[:] = label.encode("ascii", "replace")[:LABEL_BYTES].ljust(LABEL_BYTES, b"\0")

    def read(self) -> str:
        """Read what was left."""
        return self._page[:].rstrip(b"\0").decode("ascii")


@dataclass(frozen=True)
class Death:
    """How a life is to end: after some seconds, or right before the n-th write of a kind."""

    after_s: float | None = None
    """Seconds of its own processor time from the moment at which it is at work; so a busy machine, on which
    it gets less of it, draws no other deaths."""
    kind: str = ""
    number: int = 0
    delay_s: float = 0.0
    """Seconds that it lives on after that write has begun."""

    @classmethod
    def draw(cls, rng: np.random.Generator, kinds: Mapping[str, float], typical_s: float) -> "Death":
        """Draw one: anywhere in a life, or at a write or a moment after it."""
        if rng.random() < ANYWHERE:
            return cls(after_s=float(rng.uniform(0.0, typical_s)))
        return cls.draw_at_a_write(rng, kinds)

    @classmethod
    def draw_at_a_write(cls, rng: np.random.Generator, kinds: Mapping[str, float]) -> "Death":
        """Draw one at a write or a moment after it."""
        weights = np.array(list(kinds.values()))
        kind = list(kinds)[int(rng.choice(len(kinds), p=weights / weights.sum()))]
        mean = 60.0 if kind == "any" else 2.0
        delay_s = float(rng.choice([0.0, rng.uniform(0.0, 0.004)]))
        return cls(kind=kind, number=int(rng.geometric(1.0 / mean)), delay_s=delay_s)


@dataclass
class Trap:
    """Watches this process's writes, leaves a mark at each, and kills it at the drawn one."""

    mark: Mark
    death: Death
    folder: Path
    said: int
    """Where the parent hears that it is time to kill."""
    ending: signal.Signals = signal.SIGKILL
    """SIGSTOP pauses it instead."""
    seen: int = 0
    last_table: str = ""

    def arm(self) -> None:
        """Watch from now on; there is no way back, as audit hooks cannot be taken off."""
        handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "socket.connect": self._called,
        }

        def hook(event: str, given: tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is not None:
                handler(given)

        sys.addaudithook(hook)
        # The audit event of a new connection comes too early to trace it.
        for module in (sqlite3, sqlite3.dbapi2):
            vars(module)["connect"] = self._traced(module.connect)
        self._watch_the_driver()

    def _traced(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        def traced(*given: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 - as sqlite3.connect has them
            connection = connect(*given, **named)
            connection.set_trace_callback(self._statement)
            return connection

        return traced

    def _watch_the_driver(self) -> None:
        """See what goes to a server of PostgreSQL, where its driver is installed."""
        if find_spec("psycopg") is None:
            return
        from psycopg import Connection, Cursor

        def told(write: Callable[..., Any], *, commits: bool) -> Callable[..., Any]:
            def telling(one: object, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the driver has them
                self._statement("COMMIT" if commits else str(given[0]))
                return write(one, *given, **named)

            return telling

        for name in ("execute", "executemany"):
            setattr(Cursor, name, told(getattr(Cursor, name), commits=False))
        setattr(Connection, "commit", told(Connection.commit, commits=True))  # noqa: B010 - a type checker minds

    def _statement(self, sql: str) -> None:
        found = _WRITES.match(sql)
        if found is None:
            return
        if found[3]:
            self._event(f"commit {self.last_table}")
        else:
            self.last_table = _SAME.get(found[2].lower(), found[2].lower())
            self._event(self.last_table)

    def _opened(self, given: tuple[Any, ...]) -> None:
        path, _, flags = given
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if writes and isinstance(path, str | os.PathLike) and str(path).startswith(str(self.folder)):
            self._event(f"file {Path(path).name}")

    def _called(self, given: tuple[Any, ...]) -> None:
        if isinstance(given[1], tuple):  # the world's own door is no address of the network
            self._event("call")

    def _event(self, label: str) -> None:
        self.mark.put(f"before {label}")
        if self.death.kind not in {label, "any"}:
            return
        self.seen += 1
        if self.seen == self.death.number and self.death.delay_s:
            os.write(self.said, KILL_ME)
        elif self.seen == self.death.number:
            os.kill(os.getpid(), self.ending)


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
