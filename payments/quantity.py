"""Numbers and columns of numbers as the values of this package hold them, checked as they come in."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, PlainSerializer

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A share of a whole."""

Counts = npt.NDArray[np.int64]

MOST = 2**53
"""Largest count: sums of counts stay exact, also where they pass through floats."""


def _to_counts(value: object) -> Counts:
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        array = _whole(array)
    if array.size and not 0 <= array.min() <= array.max() <= MOST:
        msg = f"counts must lie between 0 and 2^53, got {array.min():.0f} to {array.max():.0f}"
        raise ValueError(msg)
    return array.astype(np.int64, copy=False)


def _whole(array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    try:
        numbers = array.astype(np.float64)
    except (TypeError, OverflowError) as error:
        msg = f"counts must be whole numbers, got {array.dtype} values: {error}"
        raise ValueError(msg) from error
    if not np.all(np.isfinite(numbers)) or np.any(numbers != np.floor(numbers)):
        msg = f"counts must be whole numbers, got {array.dtype} values such as {array.flat[0]!r}"
        raise ValueError(msg)
    return numbers


CountColumn = Annotated[Counts, BeforeValidator(_to_counts), PlainSerializer(lambda a: a.tolist())]
"""int64 counts, never negative; written to JSON as a list."""

Floats = npt.NDArray[np.float64]

FloatColumn = Annotated[
    Floats, BeforeValidator(lambda v: np.asarray(v, dtype=np.float64)), PlainSerializer(lambda a: a.tolist())
]
