"""Increments rolled up, as a watch publishes them."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np

from payments.pulse import ATTEMPTS, PULSE_COLUMNS, Pulse
from payments.segment import Segment
from payments.window import LATENCY_BINS

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WHOLE, ALPHA, BETA = Segment({}), Segment.of(psp="alpha"), Segment.of(psp="beta")
HOSTILE = Segment.of(psp="\x00\ud800<script>'\"; DROP TABLE fine; --")
PAIR = Segment.of(issuer="axis", psp="alpha")


def pulse(number: int, wide: tuple[Segment, ...] = (WHOLE, ALPHA), *, usual: bool = False) -> Pulse:
    """Make an increment in which segment k has 100 k + number attempts."""
    counts = np.zeros((len(wide), PULSE_COLUMNS), dtype=np.float32)
    counts[:, ATTEMPTS] = 100 * np.arange(len(wide)) + number
    latency = np.full((len(wide), LATENCY_BINS), number, dtype=np.float32)
    pair = np.full((1, PULSE_COLUMNS), number, dtype=np.float32)
    start = START + timedelta(seconds=5 * number)
    return Pulse(start, 5.0, wide, (PAIR,), counts, pair, latency, latency + 7 if usual else None)


def said(*events: str) -> str:
    return json.dumps({"at": START.isoformat(), "events": list(events)}, separators=(",", ":"))
