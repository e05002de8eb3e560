"""What an episode of two hours in a large world costs, the whole crew and the world included."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.crew.play.on_duty import watch
from bench.crew.play.playing import Script
from bench.crew.played import AUTOPILOT, Task
from memory.index import ChromaIndex
from payments.verdict import Mode
from simulator.traffic.episodes import at_large
from simulator.traffic.stage import Stage

HOURS = 2.0
_DRAWN = "psp_outage"


def time_large_episode(seed: int) -> dict[str, object]:
    """Let the crew watch a large world through a route outage; alone on its core, if the machine lets it.

    What a process loads once, the index of lessons, is timed by itself: `load_cpu_s`.
    """
    load_cpu_s = _load_once()
    scenario = at_large(Script().scenario(Task(_DRAWN, seed, AUTOPILOT)))
    ticks = round(HOURS * 3600.0 / scenario.world.tick_s)
    lived = watch(scenario, seed, ticks, Mode.AUTOPILOT)
    return {
        "cells": len(Stage(scenario, seed).topology.cells),
        "ticks": ticks,
        "hours": HOURS,
        "seed": seed,
        "drawn": _DRAWN,
        "actions": len(lived.deeds.acts),
        "load_cpu_s": load_cpu_s,
        "cpu_s": lived.cost.cpu_s,
        "wall_s": lived.cost.wall_s,
    }


def _load_once() -> float:
    """Open an empty index; gives the processor time in seconds, little where it is loaded already."""
    began = time.process_time()
    with TemporaryDirectory() as folder:
        index = ChromaIndex(Path(folder))
        index.fingerprints()
        index.close()
    return time.process_time() - began
