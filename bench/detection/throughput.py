"""Speed and memory of the monitor at 100,000 segments, in CPU time of one core.

A segment is whatever is watched: a leaf, or a roll-up of leaves (all payments, a value, a pair of values).
"""

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from bisect import bisect_left
from pathlib import Path
from typing import TypedDict, cast

import numpy as np

from agents.monitor.detector import TiltDetector
from agents.monitor.likelihood import Shares
from bench.detection.fleet_run import watched_segments
from bench.detection.throughput_load import wide_fleet
from payments.errors import PayOpsError

ROOT = Path(__file__).parents[2]
SEGMENTS = 100_000
OBSERVED, OBSERVED_QUICK = 30, 8
UPDATES = 20
LOAD = "import sys; from bench.detection.throughput_load import main; main(sys.argv[1:])"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Load(TypedDict):
    """What a process with a loaded monitor says of itself."""

    leaves: int
    watched: int
    ticks: int
    findings: int
    tick_ms_median: float
    tick_ms_max: float
    imported_rss_mb: float
    """Before there is a fleet or a monitor."""
    peak_rss_mb: float


def measure_throughput(given: Namespace) -> dict[str, object]:
    """Measure 100,000 watched segments; unless quick, 100,000 leaves with their roll-ups too."""
    observed = OBSERVED_QUICK if given.quick else OBSERVED
    leaves = leaves_watched_as(SEGMENTS)
    result: dict[str, object] = {"segments_per_s": segments_per_s(SEGMENTS)}
    at_segments = run_load(leaves, observed)
    result["tick_ms_100k_all_signals"] = at_segments["tick_ms_median"]
    result["peak_rss_mb"] = at_segments["peak_rss_mb"]
    result["at_100k_segments"] = at_segments
    if not given.quick:
        result["at_100k_leaves"] = run_load(SEGMENTS, observed)
    return result


def leaves_watched_as(segments: int) -> int:
    """Give the fewest leaves, to one in a hundred, that with their roll-ups are so many watched segments."""
    step = max(1, segments // 100)
    candidates = range(step, segments + 1, step)
    return candidates[bisect_left(candidates, segments, key=lambda n: watched_segments(wide_fleet(n)))]


def segments_per_s(rows: int) -> float:
    """Give the updates of one signal in a second of CPU time: 20 attempts a row, a tenth of them failed."""
    rng = np.random.default_rng(0)
    trials, rate = np.full(rows, 20.0), np.full(rows, 0.1)
    rho, everything = np.full(rows, 0.003), np.arange(rows)
    detector = TiltDetector()
    detector.grow(rows)
    spent = []
    for _ in range(UPDATES):
        counts = rng.binomial(20, 0.1, rows).astype(np.float64)
        start = time.process_time()
        detector.update(everything, Shares(counts, trials, rate, rho))
        spent.append(time.process_time() - start)
    return rows / float(np.median(spent))


def run_load(leaves: int, observed: int) -> Load:
    """Load a monitor in another process."""
    sys.stderr.write(f"throughput: {leaves:,} leaves\n")
    command = [sys.executable, "-c", LOAD, str(leaves), str(observed)]
    done = subprocess.run(  # noqa: S603 - our own module, numbers as arguments
        command, cwd=ROOT, env={**os.environ, **dict.fromkeys(THREADS, "1")},
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise PayOpsError(f"the loaded monitor ended with exit code {done.returncode}; see above")
    return cast("Load", json.loads(done.stdout))
