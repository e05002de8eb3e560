"""Names for the arrays of the simulation."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def cumulative(weights: Floats) -> Floats:
    """Turn weights along the last axis into a cumulative distribution that ends at exactly 1."""
    sums = np.cumsum(weights, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sums / sums[..., -1:]
    shares[..., -1] = 1.0
    return np.nan_to_num(shares)


def drawn(edges: Floats, rows: Ints, luck: Floats) -> Ints:
    """Give the column that each uniform number falls in, (numbers,).

    Args:
        edges: cumulative distributions, (any, columns).
        rows: which of them each number is for, (numbers,).
        luck: uniform numbers, (numbers,).
    """
    column = np.zeros(len(luck), dtype=np.int64)
    for edge in edges.T:
        column += luck >= edge.take(rows)
    return column


def weigh(names: tuple[str, ...], weights: Mapping[str, float]) -> Floats:
    """Lay named weights out in the order of `names`; those not mentioned weigh nothing."""
    column = np.zeros(len(names))
    for name, weight in weights.items():
        column[names.index(name)] = weight
    return column
