"""What everybody sees of the attempts of a tick: the increment, and when it comes in."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from payments.window import LATENCY_BINS, Window, latency_bin
from simulator.traffic.arrays import Ints
from simulator.traffic.attempts import Attempts
from simulator.traffic.config import LateReports
from simulator.traffic.declines import CODES
from simulator.traffic.outcomes import Outcomes
from simulator.traffic.topology import Topology


@dataclass
class Post:
    """Delivers one increment at a time, and holds back some until later ones have come in."""

    late: LateReports | None
    tick_s: float
    rng: np.random.Generator
    _held: Window | None = None
    _due_after: int = 0
    """Increments that are still to come in before the one that is held."""

    def due(self) -> Window | None:
        """Give the increment that was held back, when it is its turn."""
        if self._held is None or self._due_after > 0:
            return None
        window, self._held = self._held, None
        return window

    def holds_back(self, window: Window) -> bool:
        """Say whether the newest increment comes late, so that the next one comes in before."""
        if self.late is None:
            return False
        is_late = bool(self.rng.random() < self.late.share) and self._held is None
        if is_late:
            self._held, self._due_after = window, max(1, round(self.late.after_s / self.tick_s))
        return is_late

    def delivered(self) -> None:
        """Count an increment that came in."""
        self._due_after -= 1


def publish(attempts: Attempts, outcomes: Outcomes, topology: Topology, start: datetime) -> Window:
    """Count the attempts of a tick by cell."""
    cells, codes = len(topology.cells), len(CODES)
    leaf, pending = outcomes.leaf, outcomes.pending
    failed = ~outcomes.succeeded & ~pending
    place = leaf * LATENCY_BINS + latency_bin(outcomes.latency_ms)
    # Counted right here, so not checked again: that takes a tenth of the time of a tick in a large world.
    return Window.model_construct(
        start=start,
        duration_s=float(topology.config.tick_s),
        cells=topology.cells,
        attempts=_tally(leaf, cells),
        successes=_tally(leaf[outcomes.succeeded & ~pending], cells),
        pending=_tally(leaf[pending], cells),
        payments=_tally(leaf[attempts.number == 1], cells),
        codes=CODES,
        failures_by_code=_tally(leaf[failed] * codes + outcomes.code[failed], cells * codes).reshape(
            cells, codes
        ),
        latency=_tally(place, cells * LATENCY_BINS).reshape(cells, LATENCY_BINS),
        amount_minor=_tally(leaf, cells, attempts.amount_minor),
        currency=topology.config.currency,
    )


def _tally(rows: Ints, size: int, weights: Ints | None = None) -> Ints:
    return np.bincount(rows, weights, minlength=size).astype(np.int64, copy=False)
