"""The learning curve: the same days with memories of several sizes, and without any."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import isnan
from statistics import fmean
from typing import NamedTuple

import numpy as np

from bench.crew.worth.scores import RESAMPLES, Interval, Kinds, Worth
from bench.memory.playing import Outcome, play, play_without_crew
from bench.memory.stock import Folders, lived_through
from bench.memory.team import APART, team
from payments.quantity import Floats

FIRST_DAY = 1_000
"""Of those that are reported; the days lived through before have lower numbers."""
_CEILING, _FLOOR = "oracle", "nothing"


class Memory(NamedTuple):
    """What the crew remembers when a day begins."""

    lessons: int
    wrong_share: float = 0.0

    @property
    def name(self) -> str:
        """Tell it from others."""
        return f"{self.lessons} lessons, {self.wrong_share:.0%} wrong"


NONE = Memory(0)
MEMORIES = (NONE, Memory(10), Memory(100), Memory(1_000), Memory(100, 0.2))


@dataclass(frozen=True)
class Played:
    """One day under every memory, and under who knows all or nothing."""

    team: int
    kind: str
    by: Mapping[str, Outcome]

    def gain(self, name: str) -> float:
        """Give the payments saved against doing nothing."""
        return float(self.by[name].succeeded - self.by[_FLOOR].succeeded)

    def gain_share(self, name: str) -> float:
        """Give them as a share of those struck: a day of a large team counts as one of a small team."""
        return self.gain(name) / max(1, self.by[_FLOOR].struck)


def play_team(seed: int, days: int, memories: Sequence[Memory], tell: Callable[[str], None]) -> list[Played]:
    """Let a team live through its past, then play its days."""
    told = team(seed)
    past = lived_through(told, tell)
    before = told.world.start + FIRST_DAY * APART
    played = []
    with closing(Folders(past)) as folders:
        for number in range(FIRST_DAY, FIRST_DAY + days):
            day = told.day(number)
            if not day.habit.on_route:
                continue
            outcomes = {one.name: play(day, folders.filled(*one, before)) for one in memories}
            for policy in (_CEILING, _FLOOR):
                outcomes[policy] = play_without_crew(day, policy)
            played.append(Played(seed, day.habit.kind, outcomes))
            tell(f"team {seed}, day {number}, {day.habit.kind}: " + _told(played[-1], memories))
    return played


def _told(played: Played, memories: Sequence[Memory]) -> str:
    gains = ", ".join(f"{played.gain(one.name):.0f}" for one in memories)
    return f"{gains} of {played.gain(_CEILING):.0f} payments"


def curve(played: Sequence[Played], memories: Sequence[Memory]) -> list[dict[str, object]]:
    """Give a row for each memory: what it saved, and by how much it leads an empty one, day by day."""
    kinds = Kinds.of(["all"] * len(played))
    saved = {name: np.array([one.gain_share(name) for one in played]) for name in played[0].by}
    worth = Worth(
        kinds=kinds,
        saved=saved,
        ceiling=_CEILING,
        counted=kinds.sums(saved[_CEILING]) > 0.0,
        weights=_resampled([one.team for one in played], np.random.default_rng(0)),
    )
    return [_row(one, played, worth) for one in memories]


def _resampled(teams: Sequence[int], rng: np.random.Generator) -> Floats:
    """Draw how often each day counts in each resample: (resamples, days).

    Teams are drawn, for the days of one team have its habits in common; one fewer than there are, as in Rao
    and Wu, J. Am. Stat. Assoc. 83 (1988) 231.
    """
    every, place = np.unique(teams, return_inverse=True)
    draws, even = max(1, len(every) - 1), np.full(len(every), 1.0 / len(every))
    return rng.multinomial(draws, even, size=RESAMPLES)[:, place].astype(np.float64)


def _row(memory: Memory, played: Sequence[Played], worth: Worth) -> dict[str, object]:
    lead, lead_ci = worth.lead(memory.name, NONE.name)
    outcomes = [one.by[memory.name] for one in played]
    later_s = _delays(outcomes) - _delays([one.by[NONE.name] for one in played])
    later_s = later_s[~np.isnan(later_s)]
    return {
        "lessons": memory.lessons,
        "wrong_share": memory.wrong_share,
        "days": len(played),
        "saved_share": worth.mean(memory.name),
        "ci": _plain(worth.mean_interval(memory.name)),
        "leads_by": lead,
        "leads_by_ci": _plain(lead_ci),
        "days_better": int(sum(one.gain(memory.name) > one.gain(NONE.name) for one in played)),
        "days_worse": int(sum(one.gain(memory.name) < one.gain(NONE.name) for one in played)),
        "delay_s_mean_difference": float(later_s.mean()) if len(later_s) else None,
        "brier": brier(outcomes),
    }


def _delays(outcomes: Sequence[Outcome]) -> Floats:
    return np.array([np.nan if one.first_right_s is None else one.first_right_s for one in outcomes])


def brier(outcomes: Sequence[Outcome]) -> float | None:
    """Give the mean squared difference of confidence and being right, over all diagnoses."""
    said = [(one.confidence, float(one.right)) for outcome in outcomes for one in outcome.said]
    return fmean((sure - right) ** 2 for sure, right in said) if said else None


def _plain(interval: Interval | None) -> list[float] | None:
    if interval is None or isnan(interval.low):
        return None
    return [interval.low, interval.high]
