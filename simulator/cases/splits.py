"""What can be chosen at a reset: splits of the tasks, by tier too, and the place of a task in its split.

The order within a split is shuffled once and for all, so a place says nothing about tier or family.
"""

import functools
from dataclasses import dataclass
from typing import Final, Literal

from payments.errors import NotFoundError
from simulator.cases.quoting import quoted
from simulator.cases.streams import digest
from simulator.cases.tasks import Task, tasks_of
from simulator.cases.vocabulary import TIERS, Split, Tier


@dataclass(frozen=True, slots=True)
class TaskSplit:
    """Tasks that are drawn from the random streams of training or of evaluation."""

    name: str
    """`train` or `eval`, or one of their tiers such as `eval/hard`."""
    streams: Split
    tier: Tier | None = None

    @property
    def type(self) -> Literal["train", "test"]:
        """Give the word that OpenEnv has for it."""
        return "train" if self.streams == "train" else "test"

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Give the tasks in their order."""
        return _shuffled(self.name, self.tier)

    def task(self, index: int) -> Task:
        """Give the task at a place.

        Raises:
            NotFoundError: the split has no such place.
        """
        if not 0 <= index < len(self.tasks):
            msg = f"index is {quoted(index)}, but the split {self.name!r} ends at"
            raise NotFoundError(f"{msg} {len(self.tasks) - 1}.")
        return self.tasks[index]


_STREAMS: Final[tuple[Split, ...]] = ("train", "eval")
SPLITS: Final[dict[str, TaskSplit]] = {
    split.name: split
    for streams in _STREAMS
    for split in (
        TaskSplit(streams, streams),
        *(TaskSplit(f"{streams}/{tier}", streams, tier) for tier in TIERS),
    )
}


def split_named(name: str) -> TaskSplit:
    """Give a split.

    Raises:
        NotFoundError: there is none of that name.
    """
    if name not in SPLITS:
        raise NotFoundError(f"There is no split {quoted(name)}; choose one of {', '.join(SPLITS)}.")
    return SPLITS[name]


@functools.cache
def _shuffled(name: str, tier: Tier | None) -> tuple[Task, ...]:
    """Order the tasks of a tier by a digest of their names."""
    return tuple(sorted(tasks_of(tier), key=lambda task: digest("place", name, task.task_id)))
