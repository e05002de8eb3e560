"""One increment rolled up."""

from datetime import UTC, datetime, timedelta

import numpy as np

from payments.pulse import PULSE_COLUMNS, Pulse
from payments.segment import Segment
from payments.window import LATENCY_BINS


def test_a_pulse_ends_where_the_next_one_starts() -> None:
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    counts = np.zeros((1, PULSE_COLUMNS), dtype=np.float32)
    latency = np.zeros((1, LATENCY_BINS), dtype=np.float32)
    pulse = Pulse(start, 5.0, (Segment({}),), (), counts, counts[:0], latency, None)
    assert pulse.end == start + timedelta(seconds=5)
