"""What a page looks at: a feed, a segment of it, and how far back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from console.web.live.figures import Columns, columns
from memory.live import COARSE, ROWS_KEPT
from memory.live_reading import FeedSeen, Grain, LiveReader, Place
from payments.errors import NotFoundError
from payments.segment import Segment

WHOLE = "wide-0"
"""How an address names all payments."""
POINTS_AGAIN = 3
"""Points that each update tells again: the last grows, and a page may have missed one."""


@dataclass(frozen=True)
class Span:
    """How far back, in increments, and from which rows how many make a point."""

    name: str
    ticks: int
    grain: Grain
    rows_per_point: int

    def row_s(self, tick_s: float) -> float:
        """Give the length of a row."""
        return tick_s if self.grain == "fine" else COARSE * tick_s

    def point_s(self, tick_s: float) -> float:
        """Give the length of a point."""
        return self.rows_per_point * self.row_s(tick_s)


SPANS = {
    span.name: span
    for span in (
        Span("short", 360, "fine", 2),
        Span("middle", ROWS_KEPT, "fine", 8),
        Span("long", ROWS_KEPT * COARSE, "coarse", 8),
    )
}


@dataclass(frozen=True)
class Wanted:
    """What an address asks for; pages that ask for the same are sent the same."""

    feed: str = ""
    segment: str = WHOLE
    span: str = "short"


@dataclass(frozen=True)
class View:
    """What is looked at."""

    feed: FeedSeen
    segments: Mapping[Segment, Place]
    segment: Segment
    place: Place
    span: Span

    @property
    def now(self) -> datetime:
        """The feed's clock."""
        return datetime.fromtimestamp(self.feed.at_s, UTC)

    @property
    def since_s(self) -> float:
        """From when on the charts show it."""
        return self.feed.at_s - self.span.ticks * self.feed.tick_s

    def points(self, reader: LiveReader, *, lately: bool) -> Columns:
        """Give the points of the charts, or of their end only."""
        tick_s = self.feed.tick_s
        point_s = self.span.point_s(tick_s)
        first = (self.feed.at_s // point_s - POINTS_AGAIN) * point_s
        since_s = max(self.since_s, first) if lately else self.since_s
        # A point is whole or not there: the first one begins where a point begins.
        begin = -(-since_s // point_s) * point_s
        series = reader.series(self.feed, self.place, self.span.grain, begin + 1e-6)
        usual = reader.usual_latency(self.feed, self.place)
        return columns(series, usual, self.span.row_s(tick_s), self.span.rows_per_point)


def look(wanted: Wanted, reader: LiveReader) -> View | None:
    """Find what an address asks for; None while there is no feed at all.

    Raises:
        NotFoundError: there is no such feed, segment or span.
    """
    feeds = reader.feeds()
    if not feeds and not wanted.feed:
        return None
    feed = next((one for one in feeds if one.name == wanted.feed or not wanted.feed), None)
    if feed is None:
        msg = f"no feed {wanted.feed!r} was watched lately"
        raise NotFoundError(msg)
    if wanted.span not in SPANS:
        msg = f"there is no span {wanted.span!r}; there are {', '.join(SPANS)}"
        raise NotFoundError(msg)
    segments = reader.segments(feed)
    for segment, place in segments.items():
        if address_of(place) == wanted.segment:
            return View(feed, segments, segment, place, SPANS[wanted.span])
    msg = f"feed {feed.name!r} has no segment {wanted.segment!r}"
    raise NotFoundError(msg)


def address_of(place: Place) -> str:
    """Name a segment's place in an address: its values may be any text, this is not."""
    return f"{place.family}-{place.place}"
