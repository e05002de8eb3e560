"""Room for rows that appear later."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", bound=np.generic)

Reals = npt.NDArray[np.floating[Any]]
"""Numbers in single precision where there are many of them, in double where they are few."""


def padded(array: npt.NDArray[Kind], rows: int) -> npt.NDArray[Kind]:
    """Give the array with zero rows added up to a number of rows."""
    if len(array) == rows:
        return array
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), dtype=array.dtype)])
