"""What counters grew by between instants, through resets and gaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]
"""Labels of a series, sorted by name."""


@dataclass(frozen=True)
class Growth:
    """What one series grew by in one step."""

    step: int
    by: float


@dataclass
class Counters:
    """Remembers the last value of each series, so that one that was away is not taken for a new one.

    A counter that falls was reset and counts from zero again. A series that is seen for the first time began
    at zero. One that comes back after steps without a value may have grown at any time since: what it grew by
    is not placed, but kept in `unplaced`.
    """

    unplaced: float = 0.0
    _last: dict[Labels, float] = field(default_factory=dict)

    def growth(
        self, series: Mapping[Labels, Mapping[int, float]], steps: int
    ) -> Iterator[tuple[Labels, Growth]]:
        """Give what each series grew by, from its values at the instants 0 to `steps`."""
        for labels, values in series.items():
            for growth in self._of_series(labels, values, steps):
                yield labels, growth

    def _of_series(self, labels: Labels, values: Mapping[int, float], steps: int) -> Iterator[Growth]:
        before = values.get(0)
        known = self._last.get(labels) if before is None else before
        for step in range(steps):
            now = values.get(step + 1)
            if now is not None and before is not None:
                yield Growth(step, _grown(before, now))
            elif now is not None and known is not None:
                self.unplaced += _grown(known, now)
            elif now is not None:
                yield Growth(step, now)
            before, known = now, (known if now is None else now)
        if known is not None:
            self._last[labels] = known


def _grown(before: float, now: float) -> float:
    return now - before if now >= before else now
