"""Received payments on disk until they are counted, and an hour longer so that what comes twice is known."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from payments.errors import StorageError
from tools.sources.stream.reader import (
    AMOUNT,
    ATTEMPTS,
    BIN,
    CODE,
    CURRENCY,
    PAYMENTS,
    PENDING,
    SUCCESSES,
    TICK,
    UNKNOWN,
    Stretch,
    dimension,
)
from tools.sources.stream.rows import table_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_MOST: Final = 1_000_000
"""Rows that wait to be counted; more are refused until some were."""
KEPT_US: Final = 3_600 * 10**6

_TABLE = """
CREATE TABLE IF NOT EXISTS received (
    id TEXT PRIMARY KEY, time_us INTEGER NOT NULL, cell TEXT NOT NULL, code TEXT NOT NULL,
    bin INTEGER NOT NULL, attempts INTEGER NOT NULL, successes INTEGER NOT NULL, pending INTEGER NOT NULL,
    payments INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS received_by_time ON received (time_us);
CREATE TABLE IF NOT EXISTS counted (id INTEGER PRIMARY KEY CHECK (id = 0), until_us INTEGER NOT NULL);
INSERT OR IGNORE INTO counted VALUES (0, 0);
"""
_INSERT = """
INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    successes = excluded.successes, pending = 0, code = excluded.code, bin = excluded.bin
WHERE pending = 1 AND attempts = 1 AND excluded.pending = 0 AND time_us >= (SELECT until_us FROM counted)
"""
_COUNTS = """
SELECT (time_us - ?) / ? * ? + ?, cell, code, currency, bin,
    sum(attempts), sum(successes), sum(pending), sum(payments), sum(amount)
FROM received WHERE time_us >= ? AND time_us < ? GROUP BY 1, 2, 3, 4, 5
"""
_TOTALS = """
SELECT (time_us - ?) / ? * ? + ?, sum(attempts) FROM received WHERE time_us >= ? AND time_us < ? GROUP BY 1
"""


class Received(NamedTuple):
    """One attempt of a payment, or a part of a window that was counted elsewhere."""

    id: str
    """The same id again is the same attempt."""
    time_us: int
    cell: tuple[str, ...]
    code: str
    bin: int
    attempts: int
    successes: int
    pending: int
    payments: int
    amount: int
    currency: str


class Spool:
    """Keeps what was received. Safe across threads.

    Raises:
        StorageError: the file cannot be read or written.
    """

    def __init__(self, path: Path, rows_at_most: int = ROWS_AT_MOST) -> None:
        self._lock, self._path, self._most = Lock(), path, rows_at_most
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._errors_are_ours():
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(
                "PRAGMA synchronous=FULL"
            )  # what was answered with 200 survives a power cut
            self._connection.executescript(_TABLE)
            self._counted_us = int(self._connection.execute("SELECT until_us FROM counted").fetchone()[0])
        self._waiting = self._count_waiting()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more is taken."""
        return self._waiting >= self._most

    @property
    def oldest_us(self) -> int:
        """Before this instant nothing is taken any more: it would not be known whether it came before.

        0 while nothing was counted yet.
        """
        return max(0, self._counted_us - KEPT_US)

    def add(self, rows: Sequence[Received]) -> int:
        """Keep rows; gives how many of them were new. An attempt that was pending takes its outcome."""
        with self._lock, self._transaction():
            before = self._connection.total_changes
            self._connection.executemany(_INSERT, ((*one[:2], json.dumps(one[2]), *one[3:]) for one in rows))
            new = self._connection.total_changes - before
        self._waiting += new
        return new

    def counts(self, stretch: Stretch) -> list[Any]:
        """Count a stretch of time by increment, cell, code and latency bin."""
        return self._ask(_COUNTS, stretch)

    def totals(self, stretch: Stretch) -> list[Any]:
        """Count the attempts of each increment."""
        return self._ask(_TOTALS, stretch)

    def counted(self, until_us: int) -> None:
        """Note that everything before an instant was counted, and forget what is an hour older."""
        with self._lock, self._transaction():
            self._connection.execute("UPDATE counted SET until_us = max(until_us, ?)", (until_us,))
            self._connection.execute("DELETE FROM received WHERE time_us < ?", (until_us - KEPT_US,))
        self._counted_us = max(self._counted_us, until_us)
        self._waiting = self._count_waiting()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _ask(self, query: str, stretch: Stretch) -> list[Any]:
        since, tick = stretch.since_us, stretch.tick_us
        with self._lock, self._errors_are_ours():
            return self._connection.execute(
                query, (since, tick, tick, since, since, stretch.until_us)
            ).fetchall()

    def _count_waiting(self) -> int:
        with self._lock, self._errors_are_ours():
            query = "SELECT count(*) FROM received WHERE time_us >= ?"
            return int(self._connection.execute(query, (self._counted_us,)).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors_are_ours():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _errors_are_ours(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(
                f"Received payments cannot be kept in {str(self._path)!r}: {error}."
            ) from error


class SpoolReader:
    """Implements `Reader` over a spool; `close` also ends whatever fills it."""

    def __init__(
        self, spool: Spool, attributes: tuple[str, ...], feed: str, close: Callable[[], object]
    ) -> None:
        self._spool, self._close = spool, close
        self.attributes, self.feed = attributes, feed

    def counts(self, stretch: Stretch) -> "pa.Table":
        """Count a stretch of time; what lies before its start was counted."""
        self._spool.counted(stretch.since_us)
        names = [TICK, *(dimension(place) for place in range(len(self.attributes))), CODE, CURRENCY, BIN]
        rows = [(tick, *json.loads(cell), *others, 0) for tick, cell, *others in self._spool.counts(stretch)]
        return table_of([*names, ATTEMPTS, SUCCESSES, PENDING, PAYMENTS, AMOUNT, UNKNOWN], rows)

    def totals(self, stretch: Stretch) -> "pa.Table":
        """Count the attempts of each increment."""
        return table_of([TICK, ATTEMPTS], self._spool.totals(stretch))

    def collect_notes(self) -> tuple[str, ...]:
        """Give nothing: the counts say it all."""
        return ()

    def close(self) -> None:
        """End what fills the spool, and close it."""
        self._close()
        self._spool.close()
