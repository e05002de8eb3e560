"""How often one may try to sign in."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SPAN = timedelta(minutes=1)
FAILURES_AT_MOST = 5
"""In that span from one address; then sign-in is refused. Nobody can lock others out: all are not counted."""
PLACES_AT_MOST = 1_000


@dataclass
class Failures:
    """Counts failed sign-ins by the address they came from."""

    clock: Callable[[], datetime]
    _by_place: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict, init=False)

    def wait_s(self, place: str) -> int:
        """Give the seconds after which the next try is let through; 0 for now."""
        failures = self._by_place.get(place, deque())
        if len(failures) < FAILURES_AT_MOST:
            return 0
        left_s = (failures[0] + SPAN - self.clock()).total_seconds()
        return int(left_s) + 1 if left_s > 0 else 0

    def add(self, place: str) -> None:
        """Count a failure."""
        self._by_place.setdefault(place, deque(maxlen=FAILURES_AT_MOST)).append(self.clock())
        self._by_place.move_to_end(place)
        while len(self._by_place) > PLACES_AT_MOST:
            self._by_place.popitem(last=False)
