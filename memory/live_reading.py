"""Reading the live board: which feeds there are, and how a segment has been doing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from memory.live import PAIR, WIDE, errors_are_ours, open_board
from payments.pulse import PULSE_COLUMNS
from payments.segment import Segment
from payments.window import LATENCY_BINS

Numbers = npt.NDArray[np.float64]
Grain = Literal["fine", "coarse"]
_BYTES = 4


@dataclass(frozen=True)
class FeedSeen:
    """A feed as the board knows it."""

    id: int
    name: str
    tick_s: float
    published_s: float
    """By the wall clock, in seconds since 1970."""
    at_s: float
    """End of the newest increment, by the feed's clock."""


@dataclass(frozen=True)
class Series:
    """How a segment has been doing, row by row."""

    at_s: Numbers
    """Ends of the rows: shape (rows,)."""
    counts: Numbers
    """Shape (rows, PULSE_COLUMNS)."""
    latency: Numbers | None
    """Histograms: shape (rows, LATENCY_BINS); None for a pair, of which none are kept."""


@dataclass(frozen=True)
class Place:
    """Where a segment's numbers stand in a row."""

    family: str
    place: int


class LiveReader:
    """Reads while a watch writes. One connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection = open_board(path)
        self._segments: dict[int, Mapping[Segment, Place]] = {}
        """Of the feed asked for last."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def version(self) -> int:
        """Give a number that changes with every change another process makes."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def feeds(self) -> tuple[FeedSeen, ...]:
        """Give the feeds, the one published last first."""
        rows = self._rows(
            "SELECT id, feed, tick_s, published_s, (SELECT max(at_s) FROM fine WHERE feed_id = id) AS at_s "
            "FROM feeds WHERE at_s IS NOT NULL ORDER BY published_s DESC, id DESC"
        )
        return tuple(FeedSeen(*row) for row in rows)

    def segments(self, feed: FeedSeen) -> Mapping[Segment, Place]:
        """Give where each segment's numbers stand; they are read anew only when some have joined."""
        (count,) = self._rows("SELECT count(*) FROM segments WHERE feed_id = ?", feed.id)[0]
        known = self._segments.get(feed.id)
        if known is None or len(known) != count:
            query = "SELECT name, family, place FROM segments WHERE feed_id = ? ORDER BY family DESC, place"
            rows = self._rows(query, feed.id)
            known = {Segment(json.loads(name)): Place(family, place) for name, family, place in rows}
            self._segments = {feed.id: known}
        return known

    def series(self, feed: FeedSeen, place: Place, grain: Grain, since_s: float) -> Series:
        """Give a segment's rows that end after an instant, the earliest first."""
        record, bins = PULSE_COLUMNS * _BYTES, LATENCY_BINS * _BYTES
        wide = place.family == WIDE
        column = WIDE if wide else PAIR
        rows = self._rows(
            f"SELECT at_s, substr({column}, ?, ?), substr(latency, ?, ?) FROM {grain} "  # noqa: S608 - our own names
            "WHERE feed_id = ? AND at_s > ? ORDER BY at_s",
            1 + place.place * record, record, 1 + place.place * bins, bins * wide, feed.id, since_s,
        )  # fmt: skip
        kept = [row for row in rows if len(row[1]) == record]  # earlier rows know nothing of newer segments
        return Series(
            at_s=np.array([row[0] for row in kept], dtype=np.float64),
            counts=_table([row[1] for row in kept], PULSE_COLUMNS),
            latency=_table([row[2] for row in kept], LATENCY_BINS) if wide else None,
        )

    def totals(self, feed: FeedSeen, family: str, since_s: float) -> Numbers:
        """Add all segments of a family up over the rows after an instant: shape (segments, PULSE_COLUMNS)."""
        query = f"SELECT {family} FROM fine WHERE feed_id = ? AND at_s > ? ORDER BY at_s"  # noqa: S608 - as above
        total = np.zeros((0, PULSE_COLUMNS))
        for (body,) in self._rows(query, feed.id, since_s):
            part = _table([body], PULSE_COLUMNS)
            if len(part) > len(total):
                total = np.concatenate([total, np.zeros((len(part) - len(total), PULSE_COLUMNS))])
            total[: len(part)] += part
        return total

    def usual_latency(self, feed: FeedSeen, place: Place) -> Numbers:
        """Give the learned histogram of a wide segment, shape (LATENCY_BINS,), zeros if nothing is known."""
        bins = LATENCY_BINS * _BYTES
        query = "SELECT substr(latency, ?, ?) FROM usual WHERE feed_id = ? ORDER BY at_s DESC LIMIT 1"
        rows = self._rows(query, 1 + place.place * bins, bins, feed.id) if place.family == WIDE else []
        known = [body for (body,) in rows if len(body) == bins]
        return _table(known, LATENCY_BINS)[0] if known else np.zeros(LATENCY_BINS)

    def said(self, feed: FeedSeen, rows: int) -> tuple[dict[str, Any], ...]:
        """Give what was said of the last increments, the newest first."""
        query = "SELECT said FROM fine WHERE feed_id = ? ORDER BY at_s DESC LIMIT ?"
        return tuple(json.loads(text) for (text,) in self._rows(query, feed.id, rows))

    def events(self, feed: FeedSeen, at_most: int) -> tuple[tuple[str, str], ...]:
        """Give what happened lately, the newest first: when, by the feed's clock, and what."""
        query = (
            "SELECT said FROM fine WHERE feed_id = ? AND said NOT LIKE '%\"events\":[]%' "
            "ORDER BY at_s DESC LIMIT ?"
        )
        said = [json.loads(text) for (text,) in self._rows(query, feed.id, at_most)]
        found = [(cycle["at"], event) for cycle in said for event in reversed(cycle["events"])]
        return tuple(found[:at_most])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, errors_are_ours(self._path):
            return self._connection.execute(query, values).fetchall()


def _table(bodies: list[bytes], columns: int) -> Numbers:
    return np.frombuffer(b"".join(bodies), dtype=np.float32).reshape(-1, columns).astype(np.float64)
