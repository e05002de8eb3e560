"""A monitor of a large fleet, in a process of its own so that its memory can be told; prints JSON."""

import json
import resource
import time
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from agents.monitor import Monitor, MonitorSettings
from bench.detection.fleet_run import watched_segments
from bench.detection.fleet_traffic import Fleet, FleetSettings

WIDE = (("psp", 20), ("method", 8), ("issuer", 100), ("merchant", 400))
ATTEMPTS_PER_LEAF = 5.0
"""Mean attempts a leaf and tick; their volumes follow Zipf's law, so most have less than one."""
FIRST_TICK = 14 * 60
"""Of the fleet's first day: the middle of its busy hours."""


def wide_fleet(leaves: int) -> Fleet:
    """Draw a fleet with so many leaves; the same number gives the same fleet."""
    return Fleet.draw(
        0, 1.0, FleetSettings(leaves=leaves, values=WIDE, attempts_per_tick=ATTEMPTS_PER_LEAF * leaves)
    )


def load(leaves: int, observed: int) -> dict[str, object]:
    """Fill the monitor's ring, then time observations; CPU time of this process."""
    imported_mb = _peak_rss_mb()
    fleet, settings = wide_fleet(leaves), MonitorSettings(tick_s=60.0)
    monitor, rng = Monitor(settings), np.random.default_rng(1)
    spent_ms: list[float] = []
    findings = 0
    for tick in range(settings.ring_ticks + observed):
        # The hour stands still, so that the ticks can be compared; only their times go on.
        drawn = fleet.window(fleet.batch(FIRST_TICK, 1, rng), 0, rng)
        window = drawn.model_copy(update={"start": drawn.start + tick * timedelta(seconds=settings.tick_s)})
        if tick < settings.ring_ticks:
            monitor.learn(window)
            continue
        start = time.process_time()
        findings += monitor.observe(window).finding is not None
        spent_ms.append(1e3 * (time.process_time() - start))
    return {
        "leaves": leaves,
        "watched": watched_segments(fleet),
        "ticks": settings.ring_ticks + observed,
        "findings": findings,
        "tick_ms_median": float(np.median(spent_ms)),
        "tick_ms_max": max(spent_ms),
        "imported_rss_mb": imported_mb,
        "peak_rss_mb": _peak_rss_mb(),
    }


def _peak_rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main(arguments: Sequence[str]) -> None:
    """Print what the load of so many leaves and observations came to."""
    leaves, observed = map(int, arguments)
    print(json.dumps(load(leaves, observed)))
