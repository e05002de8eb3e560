"""The cells parted into groups, and sums over these."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from agents.monitor.members import Members
from payments.quantity import Floats


class Partition:
    """The group of each cell, from 0 on: shape (cells,)."""

    def __init__(self, group: npt.NDArray[np.intp]) -> None:
        self.group = group
        cells = np.argsort(group, kind="stable").astype(np.int32)
        ends = np.concatenate([[0], np.cumsum(np.bincount(group))]).astype(np.int32)
        matrix = sparse.csr_array((np.ones(len(group)), cells, ends), (len(ends) - 1, len(group)))
        self._members = Members(matrix, np.float64)

    def sums(self, values: Floats) -> Floats:
        """Add values of shape (cells,) up over the groups."""
        return self._members.sums_of_one(values)
