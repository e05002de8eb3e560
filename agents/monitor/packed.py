"""Counts of past increments, kept small: most cells count little, many nothing."""

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from payments.quantity import Floats

Small = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(eq=False)
class Packed:
    """A table of whole numbers in the smallest type that holds them, without zeros if that is smaller.

    While it is at hand, for it is asked for again and again, the table itself is kept as well.
    """

    shape: tuple[int, ...]
    values: Small
    filled: npt.NDArray[np.uint8] | None
    """A bit for each place of the flat table that has a value; None when all of it is kept."""
    _at_hand: bool = field(default=False, init=False)
    _table: Floats | None = field(default=None, init=False, repr=False)

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
        """Give the table, which nobody may write to."""
        if self._table is not None:
            return self._table
        table = self._unpacked()
        if self._at_hand:
            table.flags.writeable = False
            self._table = table
        return table

    def keep_at_hand(self) -> None:
        """Unpack the table only once from now on."""
        self._at_hand = True

    def put_away(self) -> None:
        """Keep it packed alone again."""
        self._at_hand, self._table = False, None

    def _unpacked(self) -> Floats:
        if self.filled is None:
            return self.values.reshape(self.shape).astype(np.float64)
        flat = np.zeros(math.prod(self.shape))
        flat[np.unpackbits(self.filled, count=flat.size).view(np.bool_)] = self.values
        return flat.reshape(self.shape)


def small(counts: npt.NDArray[Any]) -> Small:
    """Give counts in the smallest unsigned type that holds them."""
    largest = int(counts.max(initial=0))
    return counts.astype(np.min_scalar_type(largest))
