"""Room for rows that appear later."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", bound=np.generic)

Reals = npt.NDArray[np.floating[Any]]
"""Numbers in single precision where there are many of them, in double where they are few."""

Places = npt.NDArray[np.intp] | slice
"""Some rows or columns."""


def evenly(places: npt.NDArray[np.intp]) -> Places:
    """Give places that lie evenly, in rising order, as a slice: picking by a slice copies nothing.

    >>> evenly(np.array([1, 3, 5]))
    slice(1, 6, 2)
    """
    first, step = (int(places[0]), int(places[1] - places[0])) if len(places) > 1 else (0, 0)
    if len(places) == 1:
        return slice(int(places[0]), int(places[0]) + 1, 1)
    if step < 1 or (np.diff(places) != step).any():
        return places
    return slice(first, int(places[-1]) + 1, step)


def within(values: npt.NDArray[Kind], low: float, high: float) -> npt.NDArray[Kind]:
    """Give the values drawn into a range: `np.clip`, at a third of its price where there are few of them."""
    drawn: npt.NDArray[Kind] = np.minimum(np.maximum(values, low), high)
    return drawn


def padded(array: npt.NDArray[Kind], rows: int) -> npt.NDArray[Kind]:
    """Give the array with zero rows added up to a number of rows."""
    if len(array) == rows:
        return array
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), dtype=array.dtype)])
