"""Simulated hours with pages open and closed by turns: what they cost the crew, and the server's memory."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np

from bench.console.crew import working
from bench.console.server import ROOT, Server, serving
from console.settings import Settings
from graph.duty import Duty

PAGES: Final = 50
CYCLES_A_BLOCK: Final = 240
"""Twenty simulated minutes, then the pages are opened or closed."""
TICK_S: Final = 5.0


class Block(NamedTuple):
    """Some cycles in a row: medians of one cycle, and the server's memory after them."""

    cpu_ms: float
    wall_ms: float
    memory_mb: float


def endure(seed: int, hours: float) -> dict[str, object]:
    """Compare each block with pages with the one before it without."""
    pairs = max(1, round(hours * 3600 / TICK_S / CYCLES_A_BLOCK / 2))
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        with serving(settings.state_dir) as server, working("quiet", seed, settings) as duty:
            without, by_pages = [], []
            for pair in range(pairs):
                without.append(_block(duty, server))
                with open_pages(server):
                    by_pages.append(_block(duty, server))
                sys.stderr.write(f"{pair + 1} of {pairs}: {without[-1]} without, {by_pages[-1]} with pages\n")
    return summary(without, by_pages, pairs * 2 * CYCLES_A_BLOCK * TICK_S / 3600)


def summary(without: Sequence[Block], by_pages: Sequence[Block], hours: float) -> dict[str, object]:
    """Sum up blocks without and with pages, which took turns."""
    memory = [block.memory_mb for block in by_pages]
    half = len(memory) // 2
    trend = np.polyfit(np.linspace(0, hours, len(memory))[half:], memory[half:], 1)[0] if half > 1 else 0.0
    return {
        "pages": PAGES,
        "simulated_hours": hours,
        "cycle_cpu_ms_without_pages": median(block.cpu_ms for block in without),
        "cycle_cpu_ms_with_pages": median(block.cpu_ms for block in by_pages),
        "cycle_wall_ms_without_pages": median(block.wall_ms for block in without),
        "cycle_wall_ms_with_pages": median(block.wall_ms for block in by_pages),
        "slowdown_cpu": _ratio([b.cpu_ms for b in without], [b.cpu_ms for b in by_pages]),
        "slowdown_wall": _ratio([b.wall_ms for b in without], [b.wall_ms for b in by_pages]),
        "server_memory_mb": [round(megabytes, 1) for megabytes in memory],
        "server_memory_mb_per_hour_second_half": float(trend),
    }


def _ratio(without: list[float], by_pages: list[float]) -> float:
    """Give by how much a cycle takes longer with pages, from neighbouring blocks."""
    return median(slow / fast for fast, slow in zip(without, by_pages, strict=True)) - 1.0


def _block(duty: Duty, server: Server) -> Block:
    cpu, wall = [], []
    for _ in range(CYCLES_A_BLOCK):
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        duty.cycle()
        cpu.append(1e3 * (time.process_time() - cpu_s))
        wall.append(1e3 * (time.perf_counter() - wall_s))
    return Block(round(median(cpu), 3), round(median(wall), 3), server.memory_mb())


@contextmanager
def open_pages(server: Server) -> Iterator[None]:
    """Keep pages open in a process of their own."""
    command = [sys.executable, "-m", "bench.console.readers", str(server.port), str(PAGES)]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:  # noqa: S603 - a module of this project
        try:
            yield
        finally:
            process.terminate()
