"""The exact optimum: backward induction over information states, budget left and the reviewers' load.

A queue is solved from its last case to its first. Within a case J(state) is P(state) times the least
expected dollars from there on, for every budget left (tenths, rows) and load (columns) at once: deciding
costs the expected loss of the best legal act plus what the rest of the queue then costs; asking costs its
price plus the sum of J over the answers. Asking twice answers nothing new, so the optimum never does.
Guardrails close acts and questions here as they do in the episode, so the optimum is legal.

The optimum knows which families stand in the queue and in which order, never a hidden world.
"""

import functools
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.cases.beliefs import NOTHING_ASKED, Beliefs, FileState, Floats, asked, beliefs_of
from simulator.cases.family import Family
from simulator.cases.guardrails import Facts, closed_act, closed_probe
from simulator.cases.prices import LOAD, probe_usd, review_usd
from simulator.cases.vocabulary import (
    ACTS,
    BUDGET_TENTHS,
    PROBE_TENTHS,
    PROBES,
    REPORT_TENTHS,
    Act,
    ProbeName,
    Profile,
)

Choice: TypeAlias = Act | ProbeName
_Effort: TypeAlias = tuple[int, int]

_EFFORTS: Final[tuple[_Effort, ...]] = tuple((LOAD[act.verb], REPORT_TENTHS[act.report]) for act in ACTS)
"""Load and tenths of each act: acts alike in both differ only in what they lose."""
_MOST_LOAD: Final = max(LOAD.values())


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimum of the first case of a queue, given the rest of it."""

    value: Floats
    """Least expected dollars of the whole queue, by tenths left and load."""
    choices: dict[FileState, npt.NDArray[np.int8]]
    """By state: an index of `ACTS`, or `len(ACTS)` plus one of `PROBES`, by tenths left and load."""

    def choice(self, state: FileState, tenths: int, load: int) -> Choice:
        """Give the best thing to do."""
        code = int(self.choices[state][tenths, load])
        return ACTS[code] if code < len(ACTS) else PROBES[code - len(ACTS)]

    @property
    def least_usd(self) -> float:
        """Give the least expected dollars with a full budget and an idle desk."""
        return float(self.value[BUDGET_TENTHS, 0])


@functools.lru_cache(maxsize=1024)
def solve(queue: tuple[Family, ...], profile: Profile = "us", loads: int = 1) -> Solution:
    """Solve a queue of cases that share a budget.

    Args:
        queue: The families in order; at least one.
        profile: Whose rules close acts and questions.
        loads: Loads 0 to `loads - 1` are solved for at the first case.
    """
    rest = queue[1:]
    after = (
        solve(rest, profile, loads + _MOST_LOAD).value
        if rest
        else np.zeros((BUDGET_TENTHS + 1, loads + _MOST_LOAD))
    )
    return _CaseSolver(queue[0], profile, after, loads).solution()


class _CaseSolver:
    """Backward induction within one case."""

    def __init__(self, family: Family, profile: Profile, after: Floats, loads: int) -> None:
        self._family = family
        self._profile = profile
        self._beliefs: Beliefs = beliefs_of(family)
        self._shape = (BUDGET_TENTHS + 1, loads)
        self._after = {effort: _after(effort, after, loads) for effort in sorted(set(_EFFORTS))}
        self._values: dict[FileState, Floats] = {}
        self._choices: dict[FileState, npt.NDArray[np.int8]] = {}

    def solution(self) -> Solution:
        """Solve from the first screen on."""
        return Solution(value=self._value(NOTHING_ASKED), choices=self._choices)

    def _value(self, state: FileState) -> Floats:
        """Give J of a state; states are met once."""
        if state not in self._values:
            self._values[state] = self._solve(state)
        return self._values[state]

    def _solve(self, state: FileState) -> Floats:
        """Find the best act or question of a state."""
        joint = self._beliefs.joint(state)
        if not joint.any():
            return np.zeros(self._shape)
        facts = self._beliefs.facts(state)
        options = self._acts(joint, facts) + self._questions(state, float(joint.sum()))
        values = np.stack([value for _, value in options])
        best = values.argmin(axis=0)
        self._choices[state] = np.array([code for code, _ in options], dtype=np.int8)[best]
        least: Floats = values.min(axis=0)
        return least

    def _acts(self, joint: Floats, facts: Facts) -> list[tuple[int, Floats]]:
        """Price the best legal act of each effort."""
        expected = self._beliefs.losses @ joint
        best: dict[_Effort, int] = {}
        for code, effort in enumerate(_EFFORTS):
            is_better = effort not in best or expected[code] < expected[best[effort]]
            if is_better and closed_act(ACTS[code], facts) is None:
                best[effort] = code
        mass = joint.sum()
        return [(code, expected[code] + mass * self._after[effort]) for effort, code in best.items()]

    def _questions(self, state: FileState, mass: float) -> list[tuple[int, Floats]]:
        """Price each legal question that was not asked and can be afforded."""
        facts = self._beliefs.facts(state)
        done = sum(answer >= 0 for answer in state)
        options = []
        for number, probe in enumerate(PROBES):
            closed = closed_probe(probe, facts, self._profile, exempt=self._family.exempt_contact)
            if state[number] < 0 and closed is None:
                told = [self._value(asked(state, number, o)) for o in range(len(self._beliefs.odds[number]))]
                value = _later(sum(told[1:], told[0]), PROBE_TENTHS[probe])
                options.append((len(ACTS) + number, value + mass * probe_usd(probe, done)))
        return options


def _after(effort: _Effort, after: Floats, loads: int) -> Floats:
    """Give what follows an act of this effort: its review, then the rest of the queue."""
    load, tenths = effort
    reviews = np.array([review_usd(h, load) for h in range(loads)])
    return reviews + _later(after[:, load : load + loads], tenths)


def _later(values: Floats, tenths: int) -> Floats:
    """Shift rows by what is spent; infinite where it cannot be afforded."""
    shifted = np.full(values.shape, np.inf)
    shifted[tenths:] = values[: len(values) - tenths]
    return shifted
