"""Simulated hours with pages open and closed by turns: what they cost the crew, and the server's memory."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bench.console.crew import working
from bench.console.memory import memory_told
from bench.console.server import ROOT, Server, serving
from console.settings import Settings
from graph.duty import Duty

READERS: Final = Path(__file__).with_name("readers.py")
PAGES: Final = 50
CYCLES_A_BLOCK: Final = 240
"""Twenty simulated minutes, then the pages are opened or closed."""
TICK_S: Final = 5.0


class Block(NamedTuple):
    """Some cycles in a row: medians of one cycle, and the server's memory after them."""

    cpu_ms: float
    wall_ms: float
    memory_mb: float


class Told(NamedTuple):
    """What was seen so far."""

    without: list[Block]
    by_pages: list[Block]
    heard: list[int]
    """News that all pages heard together, each time they were open."""


def endure(seed: int, hours: float) -> dict[str, object]:
    """Compare each block with pages with the one before it without."""
    pairs = max(1, round(hours * 3600 / TICK_S / CYCLES_A_BLOCK / 2))
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        with serving(settings.state_dir) as server, working("quiet", seed, settings) as duty:
            told = Told([], [], [])
            for pair in range(pairs):
                told.without.append(_block(duty, server))
                with open_pages(server, told.heard):
                    told.by_pages.append(_block(duty, server))
                sys.stderr.write(
                    f"{pair + 1} of {pairs}: {told.without[-1]}, with pages {told.by_pages[-1]}\n"
                )
    return summary(told, pairs * 2 * CYCLES_A_BLOCK * TICK_S / 3600)


def summary(told: Told, hours: float) -> dict[str, object]:
    """Sum up blocks without and with pages, which took turns."""
    without, by_pages = told.without, told.by_pages
    return {
        "pages": PAGES,
        "simulated_hours": hours,
        "news_heard_by_a_page": sum(told.heard) / PAGES,
        "cycle_cpu_ms_without_pages": median(block.cpu_ms for block in without),
        "cycle_cpu_ms_with_pages": median(block.cpu_ms for block in by_pages),
        "cycle_wall_ms_without_pages": median(block.wall_ms for block in without),
        "cycle_wall_ms_with_pages": median(block.wall_ms for block in by_pages),
        "slowdown_cpu": _ratio([b.cpu_ms for b in without], [b.cpu_ms for b in by_pages]),
        "slowdown_wall": _ratio([b.wall_ms for b in without], [b.wall_ms for b in by_pages]),
        **memory_told([block.memory_mb for block in by_pages], hours),
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
def open_pages(server: Server, heard: list[int]) -> Iterator[None]:
    """Have pages open in a process of their own, and add what they heard.

    Raises:
        RuntimeError: they did not open, one was closed, or they heard nothing.
    """
    command = [sys.executable, str(READERS), str(server.port), str(PAGES)]
    with subprocess.Popen(  # noqa: S603 - a file of this project
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            _said(process)
            yield
        finally:
            process.terminate()
        heard.append(int(_said(process)))
        if not heard[-1]:
            msg = "the pages heard no news, so nothing can be measured"
            raise RuntimeError(msg)


def _said(process: "subprocess.Popen[str]") -> str:
    """Wait for a line."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        msg = "the pages did not stay open, so nothing can be measured"
        raise RuntimeError(msg)
    return line
