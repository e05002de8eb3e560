"""A family as arrays, and what the answers so far say about its worlds.

An information state is one index an answer for each question in the order of `PROBES`, -1 where it was not
asked: `(-1, -1, -1, -1)` is the first screen. Four questions of at most three answers make 256 states.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.cases.family import Family
from simulator.cases.vocabulary import ACTS, PROBES, Act, Fact

FileState: TypeAlias = tuple[int, ...]
Floats: TypeAlias = npt.NDArray[np.float64]

NOTHING_ASKED: Final[FileState] = (-1,) * len(PROBES)


@dataclass(frozen=True, eq=False)
class Beliefs:
    """The numbers of one family."""

    priors: Floats
    """One a world."""
    is_illicit: Floats
    """1.0 or 0.0, one a world."""
    odds: tuple[Floats, ...]
    """A question: P(answer | world), answers by worlds."""
    losses: Floats
    """Dollars, acts by worlds."""
    lapse: Floats
    """Dollars when nobody decides, one a world."""
    best: tuple[tuple[Act, float], ...]
    """The act that loses least and what it loses, one a world."""
    world_steps: list[float]
    """Running sums of the priors, for draws by bisection."""
    answer_steps: tuple[tuple[list[float], ...], ...]
    """The same of each question's answers in each world."""
    facts_on_file: Mapping[FileState, frozenset[Fact]]
    """What the screen and the answers put on file, by state."""

    def joint(self, state: FileState) -> Floats:
        """Give P(world and these answers), one a world."""
        weights = self.priors
        for table, answer in zip(self.odds, state, strict=True):
            if answer >= 0:
                weights = weights * table[answer]
        return weights

    def confidence(self, state: FileState) -> float:
        """Give P(illicit | these answers)."""
        weights = self.joint(state)
        return float(weights @ self.is_illicit / weights.sum())

    def facts(self, state: FileState) -> frozenset[Fact]:
        """Give what the screen and the answers put on file."""
        return self.facts_on_file[state]


@functools.cache
def beliefs_of(family: Family) -> Beliefs:
    """Give a family's numbers."""
    worlds = family.worlds
    findings = [family.questions[probe] for probe in PROBES]
    losses = np.array([[world.losses.of(act) for world in worlds] for act in ACTS])
    priors = np.array([world.prior for world in worlds])
    odds = tuple(np.array([[f.chance(w) for w in worlds] for f in answers]) for answers in findings)
    return Beliefs(
        priors=priors,
        is_illicit=np.array([float(world.is_illicit) for world in worlds]),
        odds=odds,
        losses=losses,
        lapse=np.array([world.losses.of_lapse() for world in worlds]),
        best=tuple((ACTS[int(column.argmin())], float(column.min())) for column in losses.T),
        world_steps=_steps(priors.tolist()),
        answer_steps=tuple(tuple(_steps(column) for column in table.T.tolist()) for table in odds),
        facts_on_file=dict(_facts_on_file(family)),
    )


def asked(state: FileState, probe: int, answer: int) -> FileState:
    """Give the state after one more answer."""
    return (*state[:probe], answer, *state[probe + 1 :])


def _steps(shares: list[float]) -> list[float]:
    """Give the running sums of shares; rounding may leave the last just short of 1, so it is set to 1."""
    last = max(at for at, share in enumerate(shares) if share > 0)
    return [*itertools.accumulate(shares[:last]), *[1.0] * (len(shares) - last)]


def _facts_on_file(family: Family) -> Iterator[tuple[FileState, frozenset[Fact]]]:
    """Give every state with its facts."""
    answers = [[finding.facts for finding in family.questions[probe]] for probe in PROBES]
    for state in itertools.product(*(range(-1, len(facts)) for facts in answers)):
        told = (facts[answer] for facts, answer in zip(answers, state, strict=True) if answer >= 0)
        yield state, family.surface.facts_on_file.union(*told)
