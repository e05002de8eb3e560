"""Counts of past increments, kept small: most cells count little, many nothing."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from payments.incident import Floats

Small = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Packed:
    """A table of whole numbers in the smallest type that holds them, without zeros if that is smaller."""

    shape: tuple[int, ...]
    values: Small
    filled: npt.NDArray[np.uint8] | None
    """A bit for each place of the flat table that has a value; None when all of it is kept."""

    @classmethod
    def of(cls, table: npt.NDArray[Any]) -> Self:
        """Pack a table of counts."""
        flat = table.ravel()
        filled = flat != 0
        values = small(flat[filled])
        bits = np.packbits(filled)
        if values.nbytes + bits.nbytes < flat.size * values.itemsize:
            return cls(table.shape, values, bits)
        return cls(table.shape, flat.astype(values.dtype), None)

    def full(self) -> Floats:
        """Give the table."""
        if self.filled is None:
            return self.values.reshape(self.shape).astype(np.float64)
        flat = np.zeros(math.prod(self.shape))
        flat[np.unpackbits(self.filled, count=flat.size).view(np.bool_)] = self.values
        return flat.reshape(self.shape)


def small(counts: npt.NDArray[Any]) -> Small:
    """Give counts in the smallest unsigned type that holds them."""
    largest = int(counts.max(initial=0))
    return counts.astype(np.min_scalar_type(largest))
