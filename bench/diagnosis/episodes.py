"""Drawn episodes as the crew meets them: the world, the monitor, and the first finding of the fault."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from agents.analyst import Analyst
from agents.monitor import Monitor, MonitorSettings
from payments.evidence import Evidence
from payments.finding import Finding
from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.drawn import draw, signatures
from simulator.traffic.scenario import Fault
from simulator.traffic.source import TrafficSource

SEEN_WITHIN = timedelta(minutes=10)
"""A fault that raised no finding so long after its onset counts as missed."""

_CHUNK = 5

Result = TypeVar("Result")


@dataclass(frozen=True)
class Found:
    """What the analyst is given when the crew opens the incident."""

    finding: Finding
    evidence: Evidence
    planned: tuple[Maintenance, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Episode:
    """One fault, and the first finding that touches it."""

    signature: str
    seed: int
    truth: Fault
    found: Found | None
    """None when the fault was missed, or rightly raised no finding."""
    findings_elsewhere: int
    """Findings before the onset, or of payments that the fault does not strike."""


def causes() -> tuple[str, ...]:
    """Name the causes that are played: all that can be drawn but quiet traffic, which is no incident's."""
    return tuple(name for name in signatures() if name != "quiet")


def play_all(seeds: Iterable[int], read: Callable[[Episode], Result], jobs: int) -> Iterator[Result]:
    """Play every cause with every seed and read each episode where it was played, in a fixed order."""
    tasks = list(product(seeds, causes()))
    one = partial(_played, read)
    if jobs == 1:
        yield from map(one, tasks)
        return
    with ProcessPoolExecutor(jobs) as processes:
        yield from processes.map(one, tasks, chunksize=_CHUNK)


def _played(read: Callable[[Episode], Result], task: tuple[int, str]) -> Result:
    seed, signature = task
    return read(play(signature, seed))


def play(signature: str, seed: int) -> Episode:
    """Play one episode until the fault is found or has had its time."""
    with TemporaryDirectory() as folder:
        name = f"{signature}:{seed}"
        source = TrafficSource(draw(signature, seed), seed, Path(folder) / "switches", feed=name)
        try:
            return _watched(source, signature, seed)
        finally:
            source.close()


def _watched(source: TrafficSource, signature: str, seed: int) -> Episode:
    monitor, truth, elsewhere = Monitor(MonitorSettings()), source.truth, 0
    for window in source.history():
        monitor.learn(window)
    known: tuple[Segment, ...] = ()
    for window in _until_over(source, truth):
        observation = monitor.observe(window, known)
        finding, evidence = observation.finding, observation.evidence
        if finding is None or evidence is None:
            continue
        if _touches(finding, evidence, truth):
            found = Found(finding, evidence, source.planned(finding.at), source.routes(Segment({})))
            return Episode(signature, seed, truth, found, elsewhere)
        elsewhere += 1
        known = _looked_away_from(evidence)
    return Episode(signature, seed, truth, None, elsewhere)


def _until_over(source: TrafficSource, truth: Fault) -> Iterator[Window]:
    end = min(truth.ends_at + timedelta(seconds=source.tick_s), truth.starts_at + SEEN_WITHIN)
    while source.now < end:
        yield source.read()


def _touches(finding: Finding, evidence: Evidence, truth: Fault) -> bool:
    if finding.at <= truth.starts_at:
        return False
    return _meet([signal.segment for signal in finding.signals], truth.culprits, evidence)


def _meet(some: Sequence[Segment], others: Sequence[Segment], evidence: Evidence) -> bool:
    cells = evidence.cells
    return any(bool((cells.mask(one) & cells.mask(other)).any()) for one in some for other in others)


def _looked_away_from(evidence: Evidence) -> tuple[Segment, ...]:
    """Do as the crew does with a live incident, whose culprit it watches by other means."""
    culprit = Analyst().describe(evidence).culprit
    return (culprit,) if len(culprit) else ()
