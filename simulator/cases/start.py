"""What a reset asks for, read from whatever a client sent."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from payments.errors import InputError, RefusedError
from simulator.cases.quoting import quoted
from simulator.cases.splits import TaskSplit, split_named
from simulator.cases.tasks import Task, task_named
from simulator.cases.vocabulary import View

OPTIONS: Final = ("seed", "episode_id", "split", "index", "task_id")
_SEED_BITS: Final = 53
"""A whole number that every JSON reader keeps exact."""
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class Start:
    """The episode to start."""

    task: Task
    split: TaskSplit
    seed: int
    episode_id: str | None


def start_of(asked: Mapping[str, object], view: View) -> Start:
    """Read the options of a reset; absent and null are the same.

    Raises:
        InputError: an option is unknown or of the wrong kind.
        NotFoundError: there is no such split, task or place.
        RefusedError: an agent chooses the seed of an evaluation, so as to play it twice.
    """
    given = {name: value for name, value in asked.items() if value is not None}
    unknown = sorted(given.keys() - set(OPTIONS))
    if unknown:
        raise InputError(f"reset does not know {quoted(unknown[0])}; it takes {', '.join(OPTIONS)}.")
    split = split_named(_text(given, "split") or "train")
    seed = _seed(given)
    if seed is not None and split.streams == "eval" and view != "trainer":
        raise RefusedError("The server draws the seeds of evaluation; leave seed out, or show the token.")
    drawn = secrets.randbits(_SEED_BITS) if seed is None else seed
    return Start(_task(given, split, drawn), split, drawn, _text(given, "episode_id"))


def _task(given: Mapping[str, object], split: TaskSplit, seed: int) -> Task:
    """Give the task by its name, by its place, or by the seed when neither was given."""
    name = _text(given, "task_id")
    if name is not None:
        return task_named(name)
    index = given.get("index", seed % len(split.tasks))
    if not isinstance(index, int) or isinstance(index, bool):
        raise InputError(f"index is {quoted(index)}; give a whole number, the task's place in its split.")
    return split.task(index)


def _seed(given: Mapping[str, object]) -> int | None:
    """Read the seed."""
    seed = given.get("seed")
    if seed is None:
        return None
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**_SEED_BITS:
        raise InputError(f"seed is {quoted(seed)}; give a whole number from 0 to 2**{_SEED_BITS} - 1.")
    return seed


def _text(given: Mapping[str, object], name: str) -> str | None:
    """Read a text."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_ID:
        raise InputError(f"{name} is {quoted(value)}; give a text of at most {_LONGEST_ID} characters.")
    return value
