"""The live board: the last increments of each feed in a small file of their own, for pages to read.

Fine rows are increments, coarse rows the sums of twelve; a row holds each segment's numbers side by side, so
that one segment is read without the others. Readers never wait for the writer, nor it for them.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from memory.rows import plain
from payments.errors import StorageError
from payments.pulse import Pulse
from payments.segment import Segment

FILE = "live.db"
COARSE: Final = 12
"""Increments in a coarse row: a minute of 5 s."""
ROWS_KEPT: Final = 1_440
"""Fine rows, and coarse rows: two hours and a day of 5 s."""
FEEDS_KEPT: Final = 5
SWEEP_EVERY: Final = 60

WIDE, PAIR = "wide", "pair"

_TABLES = """
CREATE TABLE IF NOT EXISTS feeds (
    id INTEGER PRIMARY KEY, feed TEXT NOT NULL UNIQUE, tick_s REAL NOT NULL, published_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
    feed_id INTEGER, family TEXT, place INTEGER, name TEXT NOT NULL, PRIMARY KEY (feed_id, family, place));
CREATE TABLE IF NOT EXISTS fine (
    feed_id INTEGER, at_s REAL, wide BLOB, pair BLOB, latency BLOB, said TEXT, PRIMARY KEY (feed_id, at_s));
CREATE TABLE IF NOT EXISTS coarse (
    feed_id INTEGER, at_s REAL, wide BLOB, pair BLOB, latency BLOB, PRIMARY KEY (feed_id, at_s));
CREATE TABLE IF NOT EXISTS usual (
    feed_id INTEGER, at_s REAL, latency BLOB, PRIMARY KEY (feed_id, at_s));
"""
TABLES_OF_ROWS = ("fine", "coarse", "usual")


@contextmanager
def errors_are_ours(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours.

    Raises:
        StorageError: the board cannot be read or written.
    """
    try:
        yield
    except sqlite3.Error as error:
        msg = f"the live board {str(path)!r} cannot be used: {error}"
        raise StorageError(msg) from error


def open_board(path: Path) -> sqlite3.Connection:
    """Open the file, made if it is not there. A power cut may cost the last moments: it is for looking."""
    with errors_are_ours(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"the folder of the live board {str(path)!r} cannot be made: {error.strerror}"
            raise StorageError(msg) from error
        connection = sqlite3.connect(path, timeout=2.0, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_TABLES)
        return connection


class LiveBoard:
    """Writes what a watch publishes."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._feed_ids: dict[str, int] = {}
        self._named: dict[str, tuple[int, int]] = {}
        self._published = 0

    def publish(self, feed: str, pulse: Pulse, said: str) -> None:
        """Keep an increment with what was said of it, as JSON.

        Raises:
            StorageError: it cannot be written; the next one is tried again.
        """
        with self._lock, errors_are_ours(self._path):
            if self._connection is None:
                self._connection = open_board(self._path)
            with _transaction(self._connection) as connection:
                self._write(connection, feed, pulse, said)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self, connection: sqlite3.Connection, feed: str, pulse: Pulse, said: str) -> None:
        feed_id = self._feed_id(connection, feed, pulse.duration_s)
        at_s = pulse.end.timestamp()
        self._name(connection, feed_id, feed, pulse)
        row = (
            feed_id,
            at_s,
            pulse.wide_counts.tobytes(),
            pulse.pair_counts.tobytes(),
            pulse.latency.tobytes(),
        )
        connection.execute("INSERT OR REPLACE INTO fine VALUES (?, ?, ?, ?, ?, ?)", (*row, said))
        self._add_coarse(connection, feed_id, pulse)
        if pulse.usual_latency is not None:
            usual = (feed_id, at_s, pulse.usual_latency.tobytes())
            connection.execute("INSERT OR REPLACE INTO usual VALUES (?, ?, ?)", usual)
        if self._published % SWEEP_EVERY == 0:
            _sweep(connection, feed_id, at_s, pulse.duration_s)
        self._published += 1

    def _feed_id(self, connection: sqlite3.Connection, feed: str, tick_s: float) -> int:
        now_s = self._clock()
        if feed not in self._feed_ids:
            connection.execute(
                "INSERT INTO feeds (feed, tick_s, published_s) VALUES (?, ?, ?) "
                "ON CONFLICT (feed) DO UPDATE SET tick_s = excluded.tick_s",
                (plain(feed), tick_s, now_s),
            )
            query = "SELECT id FROM feeds WHERE feed = ?"
            self._feed_ids[feed] = connection.execute(query, (plain(feed),)).fetchone()[0]
            _forget_feeds(connection)
        feed_id = self._feed_ids[feed]
        connection.execute("UPDATE feeds SET published_s = ? WHERE id = ?", (now_s, feed_id))
        return feed_id

    def _name(self, connection: sqlite3.Connection, feed_id: int, feed: str, pulse: Pulse) -> None:
        """Keep the names of segments that joined; at first all of them."""
        sizes = (len(pulse.wide), len(pulse.pairs))
        if self._named.get(feed) == sizes:
            return
        for family, segments in ((WIDE, pulse.wide), (PAIR, pulse.pairs)):
            rows = [(feed_id, family, place, _name_of(segment)) for place, segment in enumerate(segments)]
            connection.executemany("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?)", rows)
        self._named[feed] = sizes

    def _add_coarse(self, connection: sqlite3.Connection, feed_id: int, pulse: Pulse) -> None:
        """Sum up a stretch of twelve from its increments, when the last of them is there."""
        span_s = COARSE * pulse.duration_s
        end_s = pulse.end.timestamp()
        if round(end_s / pulse.duration_s) % COARSE:
            return
        rows = connection.execute(
            "SELECT wide, pair, latency FROM fine WHERE feed_id = ? AND at_s > ? AND at_s <= ? ORDER BY at_s",
            (feed_id, end_s - span_s * (1 - 1e-9), end_s),
        ).fetchall()
        sums = tuple(summed([row[column] for row in rows]) for column in range(3))
        connection.execute("INSERT OR REPLACE INTO coarse VALUES (?, ?, ?, ?, ?)", (feed_id, end_s, *sums))


def summed(bodies: Sequence[bytes]) -> bytes:
    """Add rows of numbers up; later ones may be longer, for segments join at the end."""
    total = np.zeros(max(map(len, bodies), default=0) // 4, dtype=np.float32)
    for body in bodies:
        part = np.frombuffer(body, dtype=np.float32)
        total[: len(part)] += part
    return total.tobytes()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _sweep(connection: sqlite3.Connection, feed_id: int, at_s: float, tick_s: float) -> None:
    """Forget what is older than the kept rows; and what lies ahead of a clock that was set back."""
    kept_s = ROWS_KEPT * tick_s
    for table, span_s in (("fine", kept_s), ("coarse", kept_s * COARSE), ("usual", kept_s * COARSE)):
        old = f"DELETE FROM {table} WHERE feed_id = ? AND (at_s <= ? OR at_s > ?)"  # noqa: S608 - our own names
        connection.execute(old, (feed_id, at_s - span_s, at_s))


def _forget_feeds(connection: sqlite3.Connection) -> None:
    old = "SELECT id FROM feeds ORDER BY published_s DESC, id DESC LIMIT -1 OFFSET ?"
    for (feed_id,) in connection.execute(old, (FEEDS_KEPT,)).fetchall():
        for table in (*TABLES_OF_ROWS, "segments"):
            connection.execute(f"DELETE FROM {table} WHERE feed_id = ?", (feed_id,))  # noqa: S608 - our own names
        connection.execute("DELETE FROM feeds WHERE id = ?", (feed_id,))


def _name_of(segment: Segment) -> str:
    return json.dumps(segment.root)
