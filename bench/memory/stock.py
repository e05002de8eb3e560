"""Memories of any size for one team, made from lessons that the crew really learned there."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.memory.incidents import jittered
from bench.memory.playing import play
from bench.memory.team import APART, Habit, Team
from console.compose import open_memory
from console.settings import Settings
from payments.lesson import Lesson, shown_by
from payments.outcome import Effect

_TIMES = 2
"""Incidents of each habit that the crew really lives through."""
_DAYS_AT_MOST = 60
_STOCK, _WRONG = 211, 212
"""Streams of random numbers."""
_TURNED = {Effect.HELPED: Effect.HARMED, Effect.HARMED: Effect.HELPED, Effect.NO_EFFECT: Effect.HELPED}


@dataclass(frozen=True)
class Past:
    """What a team went through: for each incident of a habit the lessons that it left."""

    team: Team
    lived: Mapping[Habit, Sequence[tuple[Lesson, ...]]]

    def lessons(self, size: int, before: datetime, wrong_share: float = 0.0) -> list[Lesson]:
        """Give the newest lessons before an instant, as many as are asked for, some of them wrong.

        Smaller stocks are the newest part of larger ones. Each incident is one of those lived through, at
        another time and with other amounts.
        """
        found: list[Lesson] = []
        number = 0
        while len(found) < size and any(map(any, self.lived.values())):
            number += 1
            found += self._incident(number, before - number * APART)
        rng = np.random.default_rng((self.team.seed, _WRONG))
        wrong = rng.random(len(found)) < wrong_share
        others = sorted({one.cause for one in found})
        return [
            _falsified(one, others, rng) if is_wrong else one
            for one, is_wrong in zip(found[:size], wrong, strict=False)
        ]

    def _incident(self, number: int, at: datetime) -> list[Lesson]:
        rng = np.random.default_rng((self.team.seed, _STOCK, number))
        lived = self.lived[self.team.habit(rng)]
        lessons = lived[int(rng.integers(len(lived)))] if lived else ()
        return [
            one.model_copy(
                update={"incident_id": f"{number}-{place}", "at": at, "shape": jittered(one.shape, rng)}
            )
            for place, one in enumerate(lessons)
        ]


def lived_through(team: Team, tell: Callable[[str], None]) -> Past:
    """Let the crew live through some incidents of each habit, one after the other, with nothing in memory."""
    lived: dict[Habit, list[tuple[Lesson, ...]]] = {habit: [] for habit in team.habits}
    for number in range(_DAYS_AT_MOST):
        day = team.day(number)
        if len(lived[day.habit]) < _TIMES:
            learned = play(day, _nothing, to_the_end=True).lessons
            lived[day.habit].append(learned)
            tell(f"team {team.seed}, {day.habit.kind}: {len(learned)} lessons")
    return Past(team, lived)


class Folders:
    """State folders with a memory in them, made once each and copied for every day that is played."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._root = TemporaryDirectory()

    def filled(self, size: int, wrong_share: float, before: datetime) -> Callable[[Settings], None]:
        """Give what fills a fresh state folder."""
        kept = Path(self._root.name) / f"{size}-{wrong_share}"
        if not kept.exists():
            with open_memory(Settings(state_dir=kept)) as memory:
                memory.lessons.take_in(self._past.lessons(size, before, wrong_share))
                memory.lessons.search("warm")
        return partial(_copy, kept)

    def close(self) -> None:
        """Delete them."""
        self._root.cleanup()


def _copy(kept: Path, settings: Settings) -> None:
    shutil.copytree(kept, settings.state_dir, dirs_exist_ok=True)


def _nothing(_settings: Settings) -> None:
    """Leave a memory empty."""


def _falsified(lesson: Lesson, causes: Sequence[str], rng: np.random.Generator) -> Lesson:
    """Say the opposite of everything: another cause, the other effect, the other targets."""
    others = [cause for cause in causes if cause != lesson.cause] or [lesson.cause]
    turned = shown_by({name: not sound for name, sound in lesson.targets.items()})
    return lesson.model_copy(
        update={
            "cause": others[int(rng.integers(len(others)))],
            "effect": _TURNED.get(lesson.effect, lesson.effect),
            "shape": lesson.shape | turned,
        }
    )
