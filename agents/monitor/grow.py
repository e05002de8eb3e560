"""Room for rows that appear later."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", bound=np.generic)


def padded(array: npt.NDArray[Kind], rows: int) -> npt.NDArray[Kind]:
    """Give the array with zero rows added up to a number of rows."""
    if len(array) == rows:
        return array
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), dtype=array.dtype)])
