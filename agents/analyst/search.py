"""The search: the fewest groups of cells that explain an anomaly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

import numpy as np

from agents.analyst.cube import Columns, Cube, Floats, Mask
from agents.analyst.measure import Measure

_MOST_CULPRITS = 20
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
        return [self._candidate(key, slot) for *_, key, slot in sorted(found)[:most]]

    def strongest(self) -> Candidate | None:
        """Give the best group that is not better divided, seen as coarsely as the measure allows."""
        wholes = (self._best_whole(key) for key in reversed(tuple(self.score)))
        found = max((c for c in wholes if c), key=lambda c: c.score, default=None)
        return None if found is None or found.score <= 0.0 else self._climb(self._shortest(found))

    def of_element(self, element: Element) -> Candidate:
        """Look one element up."""
        return self._candidate(element.columns, self.cube.slot(element.columns, element.values))

    def _best_whole(self, key: Columns) -> Candidate | None:
        score = self.score[key]
        whole = score * (1.0 + self.measure.tolerance.split) >= self.parts[key]
        slot = int(np.argmax(np.where(whole, score, -np.inf))) if len(score) else 0
        return self._candidate(key, slot) if len(score) and whole[slot] else None

    def _candidate(self, key: Columns, slot: int) -> Candidate:
        score = float(self.score[key][slot])
        whole = score * (1.0 + self.measure.tolerance.split) >= float(self.parts[key][slot])
        element = Element(key, self.cube.values(key, slot))
        excess = float(self.measure.excess(self.sums[key][:, slot : slot + 1])[0])
        return Candidate(element, score, excess, whole)

    def _shortest(self, found: Candidate) -> Candidate:
        """Give the shortest description of the same cells, since none of them can be told apart."""
        same = [e for e in narrower(found.element) if self._cells(e) == self._cells(found.element)]
        return self._shortest(max(map(self.of_element, same), key=lambda c: c.score)) if same else found

    def _cells(self, element: Element) -> float:
        return float(self.cube.counts[element.columns][self.cube.slot(element.columns, element.values)])

    def _climb(self, found: Candidate) -> Candidate:
        """Widen a culprit that leaves much of its surroundings' excess behind and explains little more."""
        tolerance = self.measure.tolerance
        around = [c for c in map(self.of_element, narrower(found.element)) if c.element.columns]
        fit = [
            c
            for c in around
            if c.score * (1.0 + tolerance.split) >= found.score and found.excess < tolerance.kept * c.excess
        ]
        return self._climb(max(fit, key=lambda c: c.score)) if fit else found


def explain(survey: Survey[M]) -> list[Candidate]:
    """Name the culprits, the strongest first; empty when nothing stands out.

    Greedy: the strongest element, then the strongest in the cells that are left. Then each is fitted again
    given all others, since a later one may have taken away what an earlier one was named for.
    """
    found: list[Candidate] = []
    left = survey
    while len(found) < _MOST_CULPRITS:
        best = left.strongest()
        if best is None or (found and best.score < left.measure.tolerance.further * found[0].score):
            break
        found.append(best)
        left = Survey.of(left.cube, left.measure.without(mask_of(left.cube, best.element)))
    return _refit(survey, found)


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


def _refit(survey: Survey[M], found: list[Candidate]) -> list[Candidate]:
    """Fit every element again that shares cells with others; drop it when it no longer pays."""
    cube, kept = survey.cube, list(found)
    for one in found:
        others = [c for c in kept if c is not one]
        taken = covered(cube, others)
        if not (taken & mask_of(cube, one.element)).any():
            continue
        again = Survey.of(cube, survey.measure.without(taken)).strongest()
        at = kept.index(one)
        kept[at : at + 1] = [] if again is None else [again]
    kept.sort(key=lambda c: -c.score)
    return kept
