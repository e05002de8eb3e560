"""When an increment is read, how far back, and how soon a source that is down is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.sources.stream.reader import Stretch
from tools.sources.values import EPOCH

FIRST_RETRY_S, LAST_RETRY_S = 1.0, 30.0

TICKS_AT_ONCE = 60
"""Increments that are asked for at once where many are behind: five minutes of 5 s."""


@dataclass(frozen=True)
class Pace:
    """Rhythm of a feed, in seconds."""

    tick_s: float = 5.0
    delay_s: float = 5.0
    """How long after its end an increment is read: what comes later is not in it."""
    history_s: float = 3_600.0
    """How far back what is normal is learned from, by a watch that has learned nothing yet."""
    catch_up_s: float = 86_400.0
    """How far back is read what was missed while the source, or the watch, was down."""

    @property
    def tick_us(self) -> int:
        """Length of an increment in microseconds."""
        return round(self.tick_s * 1e6)

    def floor(self, at: datetime) -> int:
        """Give the start of the increment of an instant, in microseconds since 1970."""
        return micros(at) // self.tick_us * self.tick_us

    def settled_us(self, now: datetime) -> int:
        """Give the end of the newest increment that may be read."""
        return self.floor(now - timedelta(seconds=self.delay_s))

    def next(self, since_us: int, until_us: int) -> Stretch:
        """Give what to read at once of a stretch that may be long."""
        return Stretch(since_us, min(until_us, since_us + TICKS_AT_ONCE * self.tick_us), self.tick_us)


def micros(at: datetime) -> int:
    """Give an instant in microseconds since 1970, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(micros_since_1970: int) -> datetime:
    """Give the instant of so many microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros_since_1970)


@dataclass
class Retry:
    """Waits longer after each failure in a row, up to LAST_RETRY_S."""

    since: datetime | None = None
    """When the first failure of the row was seen; None while all is well."""
    because: str = ""
    _tries: int = 0
    _again_at: datetime | None = None

    def failed(self, now: datetime, because: str) -> None:
        """Note a failure."""
        self.since, self.because = self.since or now, because
        wait_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2**self._tries)
        self._tries, self._again_at = min(self._tries + 1, 10), now + timedelta(seconds=wait_s)

    def succeeded(self, now: datetime) -> timedelta | None:
        """Note a success; gives how long it took to come, or None when nothing had failed."""
        lasted = None if self.since is None else now - self.since
        self.since, self.because, self._tries, self._again_at = None, "", 0, None
        return lasted

    def wait_s(self, now: datetime) -> float:
        """Give the seconds until the next try; 0 when it is due."""
        return 0.0 if self._again_at is None else max(0.0, (self._again_at - now).total_seconds())
