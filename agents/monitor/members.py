"""Sums of rows of a table, by the loops of `scipy.sparse` without the matrices around them.

Tables here are small and summed up in every increment: to make a matrix, and to have it checked, takes longer
than its product.
"""

from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import _sparsetools, csr_array

from agents.monitor.grow import Reals

Precision = TypeVar("Precision", bound=np.floating[Any])

Owners = npt.NDArray[np.int32]
"""The sums that each row of a table is a part of: shape (rows, any)."""


def sums_by_owner(owners: Owners, table: Reals, sums: int) -> Reals:
    """Add each row of a table, shape (rows, any), to all of its owners: shape (sums, any)."""
    (rows, each), width = owners.shape, table.shape[1]
    added = np.zeros((sums, width), dtype=table.dtype)
    ends = np.arange(0, owners.size + 1, each, dtype=np.int32)
    entries = (ends, owners.ravel(), np.ones(owners.size, dtype=table.dtype))
    _sparsetools.csc_matvecs(sums, rows, width, *entries, table.reshape(rows * width), added.ravel())
    return added


class Members(Generic[Precision]):
    """Which rows of a table each sum is of, in the precision of the tables."""

    def __init__(self, matrix: "csr_array[Any, tuple[int, int]]", precision: type[Precision]) -> None:
        self._shape = matrix.shape
        self._entries = (matrix.indptr, matrix.indices, matrix.data.astype(precision))

    def sums(self, table: npt.NDArray[Precision]) -> npt.NDArray[Precision]:
        """Add rows of shape (rows, any) up: shape (sums, any)."""
        (sums, rows), width = self._shape, table.shape[1]
        added = np.zeros((sums, width), dtype=table.dtype)
        flat = table.reshape(rows * width)
        _sparsetools.csr_matvecs(sums, rows, width, *self._entries, flat, added.ravel())
        return added

    def sums_of_one(self, column: npt.NDArray[Precision]) -> npt.NDArray[Precision]:
        """Add one column up, in half the time: shape (sums,)."""
        sums, rows = self._shape
        added = np.zeros(sums, dtype=column.dtype)
        _sparsetools.csr_matvec(sums, rows, *self._entries, column.reshape(rows), added)
        return added
