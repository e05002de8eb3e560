"""How well answers meet the labels, as the field counts it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.localization.method import Causes, Floats, Instance
from payments.segment import Segment

_SAME_LEAVES = 0.9


@dataclass(frozen=True)
class Labelled:
    """An instance with the root causes that people or the generator named."""

    instance: Instance
    causes: Causes


@dataclass(frozen=True)
class Hits:
    """Root-cause elements that were found, wrongly named, and missed; summed over instances."""

    found: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Hits") -> "Hits":
        return Hits(self.found + other.found, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def f1(self) -> float:
        """Twice the found elements over all that were named or should have been; 1 when there are none."""
        named = 2 * self.found + self.wrong + self.missed
        return 2 * self.found / named if named else 1.0


def exact(answer: Causes, truth: Causes) -> Hits:
    """Count elements that are named exactly: the field's definition, micro-averaged over instances."""
    both = len(answer & truth)
    return Hits(both, len(answer) - both, len(truth) - both)


def alike(answer: Causes, truth: Causes, instance: Instance) -> Hits:
    """Count an element as found when it means the same leaves, whatever it is called.

    The same: a Jaccard index, weighted by attempts or amount, of at least .9. Each counts once.
    """
    weights = weights_of(instance)
    left = set(answer)
    for cause in truth:
        near = {element: jaccard(instance, element, cause, weights) for element in left}
        best = max(near, key=lambda element: (near[element], str(element)), default=None)
        if best is not None and near[best] >= _SAME_LEAVES:
            left.remove(best)
    both = len(answer) - len(left)
    return Hits(both, len(left), len(truth) - both)


def weights_of(instance: Instance) -> Floats:
    """Weigh leaves by their attempts, or by the larger of amount and forecast."""
    if instance.total is not None:
        return instance.total
    return np.maximum(np.abs(instance.real), np.abs(instance.expected))


def jaccard(instance: Instance, one: Segment, other: Segment, weights: Floats) -> float:
    """Give the weight that both cover over the weight that either covers; 1 when neither covers any."""
    first, second = instance.mask(one), instance.mask(other)
    either = float(weights[first | second].sum())
    return float(weights[first & second].sum()) / either if either > 0.0 else float(one == other)


def among_first(answers: Sequence[Causes], truth: Causes, k: int) -> bool:
    """Say whether one of the first k answers names the whole set of causes and nothing else."""
    return truth in list(answers)[:k]
