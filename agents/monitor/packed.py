"""Counts of past increments, kept small: most cells count little, many nothing."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from payments.quantity import Floats

Small = npt.NDArray[np.unsignedinteger[Any]]


class Packed:
    """A table of whole numbers in the smallest type that holds them, without zeros if that is smaller.

    While it is at hand, for it is asked for again and again, it is kept as it is; it is packed when put away.
    """

    def __init__(self, table: npt.NDArray[Any]) -> None:
        self.shape: tuple[int, ...] = table.shape
        self._table: Floats | None = table.astype(np.float64, copy=False)
        self._table.flags.writeable = False
        self._values: Small = small(table[:0])
        self._filled: npt.NDArray[np.uint8] | None = None
        """A bit for each place of the flat table that has a value; None when all of it is kept."""

    @property
    def nbytes(self) -> int:
        """Bytes that the numbers take."""
        parts = (self._values, self._filled) if self._table is None else (self._table,)
        return sum(part.nbytes for part in parts if part is not None)

    def full(self) -> Floats:
        """Give the table, which nobody may write to."""
        return self._unpacked() if self._table is None else self._table

    def put_away(self) -> None:
        """Keep it packed alone from now on."""
        if self._table is None:
            return
        flat, self._table = self._table.ravel(), None
        filled = flat != 0
        self._values, bits = small(flat[filled]), np.packbits(filled)
        if self._values.nbytes + bits.nbytes < flat.size * self._values.itemsize:
            self._filled = bits
        else:
            self._values = flat.astype(self._values.dtype)

    def _unpacked(self) -> Floats:
        if self._filled is None:
            return self._values.reshape(self.shape).astype(np.float64)
        flat = np.zeros(math.prod(self.shape))
        flat[np.unpackbits(self._filled, count=flat.size).view(np.bool_)] = self._values
        return flat.reshape(self.shape)


def small(counts: npt.NDArray[Any]) -> Small:
    """Give counts in the smallest unsigned type that holds them."""
    largest = int(counts.max(initial=0))
    return counts.astype(np.min_scalar_type(largest))
