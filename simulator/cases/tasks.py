"""Tasks: what can be played. A single case of each family, and queues of cases that share one budget.

The list is the same in every process. Training and evaluation play the same tasks from different random
streams, so no jitter of an evaluation is ever met in training.
"""

import functools
from dataclasses import dataclass
from typing import Final

from payments.errors import NotFoundError
from simulator.cases.catalogue import catalogue
from simulator.cases.family import Family
from simulator.cases.prices import worst_work_usd
from simulator.cases.streams import Dice
from simulator.cases.vocabulary import MOST_CASES, TIERS, Split, Tier

_QUEUES_A_TIER: Final = 4


@dataclass(frozen=True, eq=False)
class Task:
    """One or several cases in a row."""

    task_id: str
    """Only trainers see it."""
    tier: Tier
    families: tuple[Family, ...]

    @functools.cached_property
    def worst_usd(self) -> float:
        """Give the declared worst case: no episode of this task loses more."""
        return sum(family.worst_usd for family in self.families) + worst_work_usd(len(self.families))


@functools.cache
def tasks() -> tuple[Task, ...]:
    """Give every task: single cases in the order of the catalogue, then queues by tier."""
    return (*(single(family) for family in catalogue()), *(q for tier in TIERS for q in _queues(tier)))


def tasks_of(tier: Tier | None = None) -> tuple[Task, ...]:
    """Give the tasks of a tier, or all."""
    return tuple(task for task in tasks() if tier in {None, task.tier})


def task_named(task_id: str) -> Task:
    """Give a task.

    Raises:
        NotFoundError: there is none of that name.
    """
    found = _by_id().get(task_id)
    if found is None:
        raise NotFoundError(f"There is no task {task_id!r}; `tasks()` lists all {len(tasks())}.")
    return found


def single(family: Family) -> Task:
    """Give the task of one case of this family."""
    return Task(f"{family.tier}/{family.name}", family.tier, (family,))


def episode_key(task: Task, split: Split, seed: int) -> str:
    """Name the random streams of an episode; evaluation shares none with training."""
    return f"{split}/{task.task_id}/{seed}"


@functools.cache
def _by_id() -> dict[str, Task]:
    """Index the tasks."""
    return {task.task_id: task for task in tasks()}


def _queues(tier: Tier) -> list[Task]:
    """Draw this tier's queues: the longer ones cannot afford every question."""
    families = [family for family in catalogue() if family.tier == tier]
    if not families:
        return []
    lengths = range(2, MOST_CASES + 1, MOST_CASES // _QUEUES_A_TIER)
    return [_queue(tier, families, length) for length in lengths]


def _queue(tier: Tier, families: list[Family], length: int) -> Task:
    """Draw the families of one queue."""
    name = f"{tier}/queue_of_{length}"
    dice = Dice(length, "queue", name)
    return Task(name, tier, tuple(dice.one_of(families) for _ in range(length)))
