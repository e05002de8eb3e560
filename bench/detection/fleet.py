"""The monitor on a simulated fleet: false alarms per week without faults, and delays of injected faults.

One run a seed: the monitor learns a week, then observes. At drawn instants a copy of it, as it is then, sees
a fault that the rest of the run never does, so every fault meets a baseline learned on quiet traffic only.
"""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np

from agents.monitor import Monitor, MonitorSettings
from bench.detection.fleet_faults import KINDS
from bench.detection.fleet_kept import Kept, fingerprint
from bench.detection.fleet_run import Event, Plan, Run, watch_fleet
from bench.detection.fleet_traffic import FleetSettings
from bench.options import beside

DAY = 24 * 60
"""Ticks of a minute."""
WEEK = Plan(learned=7 * DAY, observed=7 * DAY, events=32)
QUICK = Plan(learned=DAY, observed=4 * DAY, events=16)


def measure_fleet(given: Namespace) -> dict[str, object]:
    """Watch a fleet for a week per seed; quick: only the first, for four days after one that it learns."""
    kept = Kept(beside(given, "fleet.jsonl"), QUICK if given.quick else WEEK, fingerprint())
    seeds = given.seeds[:1] if given.quick else given.seeds
    settings = FleetSettings()
    return summarise(list(watched(seeds, kept, settings, resume=given.resume)), settings.leaves)


def watched(seeds: Sequence[int], kept: Kept, settings: FleetSettings, *, resume: bool) -> Iterator[Run]:
    """Give a run of each seed, kept as soon as it ends; those kept before are not repeated when resuming."""
    kept.begin(resume=resume)
    done = kept.runs()
    for seed in seeds:
        if seed in done:
            sys.stderr.write(f"fleet, seed {seed}: taken from {kept.file}\n")
            yield done[seed]
            continue
        run = watch_fleet(seed, kept.plan, settings, watching())
        kept.add(seed, run)
        yield run


def watching() -> Monitor:
    """Make the monitor that is measured: increments of a minute, all else as it comes."""
    return Monitor(MonitorSettings(tick_s=60.0))


def summarise(runs: Sequence[Run], leaves: int) -> dict[str, object]:
    """Give what all runs come to."""
    events = [event for run in runs for event in run.events]
    alarms = [alarm for run in runs for alarm in run.false_alarms]
    weeks = sum(run.weeks for run in runs)
    ratios = [_ratio(event, event.limit) for event in events]
    return {
        "segments": leaves,
        "watched_segments": max(run.watched for run in runs),
        "weeks": weeks,
        "false_alarms_per_week": len(alarms) / weeks,
        "detected": sum(event.delay is not None for event in events),
        "events": len(events),
        "delay_ratio_median": quantile(ratios, 0.5),
        "delay_ratio_p95": quantile(ratios, 0.95),
        "delay_ratio_mean": sum(event.delay or 0 for event in events)
        / sum(event.limit for event in events if event.delay is not None),
        "delay_ratio_median_alone": quantile([_ratio(event, event.limit_alone) for event in events], 0.5),
        "delay_ratio_median_by_kind": {kind: quantile(_of_kind(events, kind), 0.5) for kind in KINDS},
        "false_alarms": [asdict(alarm) for alarm in alarms],
        "faults": [asdict(event) for event in events],
    }


def quantile(ratios: Sequence[float], q: float) -> float | None:
    """Give the smallest ratio with at least the share q at or below it; None when that one was missed.

    >>> quantile([1.0, 2.0, float("inf")], 0.5)
    2.0
    """
    if not ratios:
        return None
    value = float(np.quantile(ratios, q, method="inverted_cdf"))
    return value if np.isfinite(value) else None


def _of_kind(events: Sequence[Event], kind: str) -> list[float]:
    return [_ratio(event, event.limit) for event in events if event.kind == kind]


def _ratio(event: Event, limit: float) -> float:
    """Infinite when the fault was missed."""
    return float("inf") if event.delay is None else event.delay / limit
