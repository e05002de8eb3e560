"""What one increment was like, rolled up for people to look at: observed beside expected, by segment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from payments.segment import Segment

Rolled = npt.NDArray[np.float32]

ATTEMPTS, BAD, EXPECTED_BAD, VARIANCE_BAD, LEAST_ATTEMPTS, MOST_ATTEMPTS, VARIANCE_ATTEMPTS = range(7)
"""Columns of the counts. Bad are failures and pending; the last five are of normal traffic, NaN where
nothing is known of it: least and most differ while a level before the present one counts as normal too. All
of them add up over increments."""
PULSE_COLUMNS = 7


@dataclass(frozen=True)
class Pulse:
    """One increment. Segments only ever join at the end, so that their places are good for later ones."""

    start: datetime
    duration_s: float
    wide: tuple[Segment, ...]
    """All payments, and every attribute value."""
    pairs: tuple[Segment, ...]
    """Every issuer with every route that it was seen on."""
    wide_counts: Rolled
    """Shape (wide, PULSE_COLUMNS)."""
    pair_counts: Rolled
    """Shape (pairs, PULSE_COLUMNS)."""
    latency: Rolled
    """Histograms of the wide segments: shape (wide, LATENCY_BINS)."""
    usual_latency: Rolled | None
    """The same of what was learned; None when it is as told before."""

    @property
    def end(self) -> datetime:
        """The first instant after the increment."""
        return self.start + timedelta(seconds=self.duration_s)
