"""A source that also tells the time: the end of what it gave last."""

from collections.abc import Callable, Iterable
from datetime import datetime

from payments.window import Window
from tools.ports import Source


class Clocked:
    """Wraps a source with the feed's clock, which runs with the data and not with the wall."""

    def __init__(self, source: Source, before_data: Callable[[], datetime]) -> None:
        self._source = source
        self._before_data = before_data
        self._end: datetime | None = None

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self._source.feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self._source.tick_s

    def history(self) -> Iterable[Window]:
        """Give past increments; they do not move the clock."""
        return self._source.history()

    def read(self) -> Window | None:
        """Give the next increment and move the clock to its end, never back."""
        window = self._source.read()
        if window is not None:
            self._end = window.end if self._end is None else max(self._end, window.end)
        return window

    def now(self) -> datetime:
        """Give the end of the newest increment; before the first one, the clock given for that."""
        return self._end or self._before_data()
