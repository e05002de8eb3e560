"""What one cycle of the crew costs: quiet and with an incident, at 5,000 cells."""

import sqlite3
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from bench.options import Measurement
from console.compose import on_duty
from console.settings import Settings
from console.worlds import Feed, switchboard_path
from graph.duty import Duty
from payments.window import Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.source import TrafficSource

QUIET_CYCLES, QUIET_CYCLES_QUICK = 400, 60
CYCLES_TO_AN_INCIDENT = 60


class Recorded:
    """A source that gives recorded increments, so that the simulated world's own cost is not counted."""

    def __init__(self, world: TrafficSource, cycles: int) -> None:
        self.feed, self.tick_s = world.feed, world.tick_s
        self._history = tuple(world.history())
        self.world_ms: list[float] = []
        windows = [self._timed(world) for _ in range(cycles)]
        self.cells = len(self._history[0].cells)
        self._left = iter(windows)

    def history(self) -> Iterable[Window]:
        """Give the recorded past."""
        return self._history

    def read(self) -> Window | None:
        """Give the next recorded increment."""
        return next(self._left, None)

    def _timed(self, world: TrafficSource) -> Window | None:
        start = time.perf_counter()
        window = world.read()
        self.world_ms.append(_since(start))
        return window


class Episode(NamedTuple):
    """One recorded episode, with the crew on duty before its first cycle."""

    duty: Duty
    recorded: Recorded
    cells: int
    checkpoints: Path


def measure(given: Namespace) -> dict[str, object]:
    """Measure quiet cycles on the first seed and the cycle that opens an incident on every seed."""
    with _episode("quiet", given.seeds[0], QUIET_CYCLES_QUICK if given.quick else QUIET_CYCLES) as episode:
        quiet = [ms for ms, _ in _cycles(episode.duty)]
    incidents = [_incident(seed) for seed in given.seeds]
    return {
        "cells": episode.cells,
        "quiet_cycle_ms_p50": float(np.percentile(quiet, 50)),
        "quiet_cycle_ms_p95": float(np.percentile(quiet, 95)),
        "incident_cycle_ms_p50": float(np.median([ms for ms, _ in incidents])),
        "checkpoint_bytes_per_incident": int(np.median([size for _, size in incidents])),
        "world_tick_ms_p50": float(np.percentile(episode.recorded.world_ms, 50)),
    }


def _incident(seed: int) -> tuple[float, int]:
    """Give the milliseconds of the cycle that opened the first incident, and the size of its checkpoints."""
    with _episode("psp_outage", seed, CYCLES_TO_AN_INCIDENT) as episode:
        for ms, opened in _cycles(episode.duty):
            if opened:
                return ms, _size(episode.checkpoints)
    msg = f"seed {seed}: no incident in {CYCLES_TO_AN_INCIDENT} cycles, so nothing can be measured"
    raise RuntimeError(msg)


def _size(database: Path) -> int:
    """Give the bytes of a SQLite database, its write-ahead log included."""
    with closing(sqlite3.connect(database)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (bytes_per_page,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * bytes_per_page)


def _cycles(duty: Duty) -> Iterator[tuple[float, bool]]:
    """Time cycle after cycle: milliseconds, and whether an incident is open."""
    while True:
        start = time.perf_counter()
        report = duty.cycle()
        if report is None:
            return
        yield _since(start), report.incident is not None


@contextmanager
def _episode(scenario: str, seed: int, cycles: int) -> Iterator[Episode]:
    sys.stderr.write(f"{scenario}, seed {seed}: {cycles} cycles\n")
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        name = f"simulator:{scenario}:{seed}:bench"
        switches = switchboard_path(name, settings)
        switches.parent.mkdir(parents=True)
        world = TrafficSource(scenario, seed, switches, config=WorldConfig.of_5000_cells(), feed=name)
        recorded = Recorded(world, cycles)
        with on_duty(Feed(recorded, world, world), settings, tell_people=False) as duty:
            for _ in duty.learn_history():
                pass
            yield Episode(duty, recorded, recorded.cells, Path(folder) / "checkpoints.db")


def _since(start: float) -> float:
    return 1e3 * (time.perf_counter() - start)


MEASUREMENT = Measurement(words="Times cycles of the whole crew at 5,000 cells.", measure=measure)
