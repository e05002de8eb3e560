"""Draws labelled instances of an additive measure, in the spirit of the published recipes for S and L.

Amounts are Weibull, some are zero; the forecast errs by a share that is normal; each anomaly has a cuboid,
some elements of it, a severity and a spread of it (RiskLoc: Kalander 2022, arXiv 2205.10004, section 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from bench.localization.method import Codes, Floats, Instance
from bench.localization.score import Labelled
from payments.segment import Segment

_MEAN = 100.0
_TRIES = 100

Range = tuple[float, float]
_Element = tuple[tuple[int, ...], tuple[int, ...]]
"""Columns and a value of each."""


@dataclass(frozen=True)
class Recipe:
    """Ranges that one instance is drawn from, both ends included."""

    sizes: tuple[int, ...]
    causes: tuple[int, int]
    elements: tuple[int, int]
    """Elements of one cause, all in the same cuboid."""
    layers: tuple[int, int]
    noise: Range
    """Standard deviation of the forecast's error, as a share of the amount."""
    severity: Range
    """Share of the amount that is lost, on top of the noise."""
    spread: Range
    """Standard deviation of the severity between the leaves of a cause."""
    zeros: Range = (0.0, 0.25)
    shape: Range = (0.5, 1.0)


SMALL_NOISE_LEAVES = Recipe((10, 24, 10, 15), (1, 5), (1, 1), (4, 4), (0.0, 0.1), (0.5, 1.0), (0.0, 0.0))
"""Single leaves of four attributes, as in L."""
ALL_LAYERS = Recipe((10, 12, 10, 8, 5), (1, 3), (1, 3), (1, 5), (0.0, 0.25), (0.2, 1.0), (0.0, 0.1))
"""Elements of one to five attributes, as in S."""


def generate(recipe: Recipe, seed: int) -> Labelled:
    """Draw one instance with its causes."""
    rng = np.random.default_rng(seed)
    leaves = np.array(list(product(*map(range, recipe.sizes))), dtype=np.intp)
    noise = rng.uniform(*recipe.noise)
    one, other = _twins(rng, recipe, len(leaves), noise)
    lowered = one.sum() >= other.sum()  # the direction in which chance already errs, so that it cannot mask
    whole, part = (one, other) if lowered else (other, one)
    causes: list[_Element] = []
    for _ in range(rng.integers(*recipe.causes, endpoint=True)):
        elements = _elements(rng, recipe, causes, leaves, whole)
        severity, spread = rng.uniform(*recipe.severity) + noise, rng.uniform(*recipe.spread)
        for element in elements:
            struck = _struck(leaves, element)
            left = 1.0 - rng.normal(severity, spread, int(struck.sum()))
            part[struck] = whole[struck] * np.maximum(left, 0.0)
        causes += elements
    values = tuple(tuple(f"{_letter(c)}{v + 1}" for v in range(n)) for c, n in enumerate(recipe.sizes))
    attributes = tuple(_letter(c) for c in range(len(recipe.sizes)))
    real, forecast = (part, whole) if rng.random() < 0.5 else (whole, part)  # noqa: PLR2004 - a coin
    instance = Instance(f"generated-{seed}", attributes, values, leaves, real, forecast)
    named = frozenset(
        Segment({attributes[c]: values[c][v] for c, v in zip(*element, strict=True)}) for element in causes
    )
    return Labelled(instance, named)


def _twins(rng: np.random.Generator, recipe: Recipe, leaves: int, noise: float) -> tuple[Floats, Floats]:
    """Draw an amount and a noisy copy of it for every leaf, in either order."""
    amount = _MEAN * rng.weibull(rng.uniform(*recipe.shape), leaves)
    amount *= rng.random(leaves) >= rng.uniform(*recipe.zeros)
    copy = np.maximum(amount * (1.0 + rng.normal(0.0, noise, leaves)), 0.0)
    swapped = rng.random(leaves) < 0.5  # noqa: PLR2004 - a coin
    return np.where(swapped, copy, amount), np.where(swapped, amount, copy)


def _elements(
    rng: np.random.Generator, recipe: Recipe, taken: Sequence[_Element], leaves: Codes, whole: Floats
) -> list[_Element]:
    """Draw the elements of one cause: in a cuboid of its own, with values that no earlier cause has.

    The layer is drawn once, so that deep causes are as frequent as the recipe says though more are rejected.
    """
    layer = int(rng.integers(*recipe.layers, endpoint=True))
    count = int(rng.integers(*recipe.elements, endpoint=True))
    for _ in range(_TRIES):
        columns = tuple(sorted(rng.choice(len(recipe.sizes), layer, replace=False).tolist()))
        repeated = layer < len(recipe.sizes) and any(columns == other for other, _ in taken)
        free = [_unused(taken, column, recipe.sizes[column]) for column in columns]
        if repeated or not all(free):
            continue
        drawn = {tuple(int(rng.choice(values)) for values in free) for _ in range(count)}
        found = [(columns, values) for values in sorted(drawn)]
        if len(found) == count and all(whole[_struck(leaves, element)].any() for element in found):
            return found
    return []


def _unused(taken: Sequence[_Element], column: int, size: int) -> list[int]:
    used = {
        value for columns, values in taken for c, value in zip(columns, values, strict=True) if c == column
    }
    return [value for value in range(size) if value not in used]


def _struck(leaves: Codes, element: _Element) -> npt.NDArray[np.bool_]:
    columns, values = element
    return np.asarray((leaves[:, list(columns)] == np.array(values)).all(axis=1), dtype=np.bool_)


def _letter(column: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[column]
