"""Plays tasks and keeps what the scores need."""

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.cases.baselines import PolicyOf
from simulator.cases.draw import Case
from simulator.cases.engine import Episode
from simulator.cases.policies import play
from simulator.cases.solver import solve
from simulator.cases.tasks import Task, tasks
from simulator.cases.vocabulary import PROBES, Split


class CaseRun(NamedTuple):
    """One episode as one policy played it; episodes of all policies stand in the same order."""

    task: Task
    reward: float
    usd: float
    optimum_usd: float
    """Least expected dollars of the task."""
    floor_usd: float
    """What doing nothing would have lost on these draws."""
    violations: int
    """Guardrails touched, refused or not."""
    probes: int
    briers: tuple[float, ...]


def play_all(name: str, policy_of: PolicyOf, seeds: Sequence[int], split: Split) -> Iterator[CaseRun]:
    """Play each task on each seed."""
    for task in tasks():
        sys.stderr.write(f"\r{name}: {task.task_id:<50}")
        for seed in seeds:
            yield _one(task, play(policy_of(seed), Episode(task, seed, split)))
    sys.stderr.write(f"\r{name}: done{'':<50}\n")


def _one(task: Task, episode: Episode) -> CaseRun:
    return CaseRun(
        task=task,
        reward=episode.value,
        usd=episode.ledger.total,
        optimum_usd=solve(task.families).least_usd,
        floor_usd=sum(_lapse_usd(case) for case in episode.cases),
        violations=len(episode.breaches),
        probes=sum(word in PROBES for word in episode.moves),
        briers=tuple(d.brier for d in episode.decisions if d.brier is not None),
    )


def _lapse_usd(case: Case) -> float:
    return case.hidden.family.worlds[case.hidden.world].losses.of_lapse()
