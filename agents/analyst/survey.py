"""The survey: what an anomaly in each group of cells would explain, and what its best division would."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

import numpy as np

from agents.analyst.cube import Columns, Cube, Floats, Mask
from agents.analyst.measure import Measure

_PER_CUBOID = 4
_DIGITS = 6  # scores that differ by less come from the order of summation

M = TypeVar("M", bound=Measure)


@dataclass(frozen=True)
class Element:
    """A group of cells, as attributes and their values."""

    columns: Columns
    values: tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """An element and how well an anomaly in it explains the data."""

    element: Element
    score: float
    """Log likelihood ratio less the price of naming the element, in nats."""
    excess: float
    whole: bool
    """True when it explains the data as well as its parts do."""


@dataclass(frozen=True)
class Survey(Generic[M]):
    """One pass over all groups of all cuboids."""

    cube: Cube
    measure: M
    score: Mapping[Columns, Floats]
    sums: Mapping[Columns, Floats]
    parts: Mapping[Columns, Floats]
    """The most that disjoint parts of each group explain."""

    @classmethod
    def of(cls, cube: Cube, measure: M) -> "Survey[M]":
        """Score every group, and the best way to divide it: a dynamic programme from the cells up."""
        sums = cube.roll_up(measure.columns)
        score, parts, best = dict[Columns, Floats](), dict[Columns, Floats](), dict[Columns, Floats]()
        for key, total in sums.items():
            score[key] = np.round(measure.score(total) - cube.prices[key], _DIGITS)
            parts[key] = np.zeros(len(score[key]))
            for wide in cube.wider(key):
                np.maximum(parts[key], cube.collapse(best[wide][None], wide, key)[0], out=parts[key])
            best[key] = np.maximum(score[key], parts[key])
        return cls(cube, measure, score, sums, parts)

    def ranked(self, most: int) -> list[Candidate]:
        """Give the best groups of every cuboid; best first, ties to the shorter description."""
        found = [
            (-float(score[slot]), len(key), self.cube.cuboids[key].size, key, slot)
            for key, score in self.score.items() for slot in _largest(score)
        ]  # fmt: skip
        return [self.candidate(key, slot) for *_, key, slot in sorted(found)[:most]]

    def of_element(self, element: Element) -> Candidate:
        """Look one element up."""
        return self.candidate(element.columns, self.cube.slot(element.columns, element.values))

    def sums_of(self, element: Element) -> Floats:
        """Give the sums over an element: shape (columns, 1)."""
        slot = self.cube.slot(element.columns, element.values)
        return self.sums[element.columns][:, slot : slot + 1]

    def cells(self, element: Element) -> float:
        """Count the cells of an element."""
        return float(self.cube.counts[element.columns][self.cube.slot(element.columns, element.values)])

    def candidate(self, key: Columns, slot: int) -> Candidate:
        """Give the group that has this slot of a cuboid."""
        score = float(self.score[key][slot])
        whole = score * (1.0 + self.measure.tolerance.split) >= float(self.parts[key][slot])
        element = Element(key, self.cube.values(key, slot))
        excess = float(self.measure.excess(self.sums[key][:, slot : slot + 1])[0])
        return Candidate(element, score, excess, whole)


def mask_of(cube: Cube, element: Element) -> Mask:
    """Mark the cells of an element."""
    return cube.covered(element.columns, element.values)


def covered(cube: Cube, found: Sequence[Candidate]) -> Mask:
    """Mark the cells of all these elements."""
    marked = np.zeros(len(cube), dtype=np.bool_)
    for candidate in found:
        marked |= mask_of(cube, candidate.element)
    return marked


def narrower(element: Element) -> Iterator[Element]:
    """Give the elements with one attribute less."""
    pairs = tuple(zip(element.columns, element.values, strict=True))
    for fewer in combinations(pairs, len(pairs) - 1) if pairs else ():
        yield Element(tuple(c for c, _ in fewer), tuple(v for _, v in fewer))


def _largest(score: Floats) -> Sequence[int]:
    if len(score) > _PER_CUBOID:
        top = np.argpartition(-score, _PER_CUBOID)[:_PER_CUBOID]
        return [int(slot) for slot in top[np.argsort(-score[top], kind="stable")]]
    return [int(slot) for slot in np.argsort(-score, kind="stable")]
