"""Adding counts of cells up over every watched segment: pairs of values from cells, wider ones from pairs."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from agents.monitor.grow import Reals
from agents.monitor.members import Members, sums_by_owner

Numbers = npt.NDArray[np.intp]
Combination = tuple[int, ...]
"""Positions of the attributes that a segment fixes."""


class RollUp:
    """Pairs of values are added up from cells, single values and the whole from pairs of values.

    `member` is the stream of each cell for each combination, the last of which is the cell itself: shape
    (cells, combinations).
    """

    def __init__(self, combinations: Sequence[Combination], member: Numbers, streams: int) -> None:
        self._combinations = combinations
        self._member = member
        self._streams = streams
        pairs = [place for place, fixed in enumerate(combinations[:-1]) if len(fixed) > 1]
        wide = [place for place, fixed in enumerate(combinations[:-1]) if len(fixed) <= 1]
        self._owners = member[:, [*(pairs or wide), -1]].astype(np.int32)
        """Streams that a cell is added to at once, the last one its own: shape (cells, any)."""
        self._wide: Numbers = np.zeros(0, dtype=np.intp)
        if pairs:
            self._wide, self._of_pairs = self._over_pairs(wide, pairs)

    def sums(self, columns: Reals) -> Reals:
        """Add columns of shape (cells, any), in single precision, up over each stream."""
        return self._over(self._owners, columns)

    def sums_of(self, rows: Numbers, columns: Reals) -> Reals:
        """Add columns of some cells, given by rising rows, shape (rows, any), up over each stream."""
        return self._over(self._owners.take(rows, axis=0), columns)

    def _over(self, owners: npt.NDArray[np.int32], columns: Reals) -> Reals:
        sums = sums_by_owner(owners, columns, self._streams)
        if len(self._wide):
            sums[self._wide] = self._of_pairs.sums(sums)
        return sums

    def _over_pairs(self, wide: Sequence[int], pairs: Sequence[int]) -> tuple[Numbers, "Members[np.float32]"]:
        """Give the wide streams, rising, and the pairs that each of them is the sum of."""
        members = [self._through(place, pairs) for place in wide]
        owners, parts = (np.concatenate(side) for side in zip(*members, strict=True))
        streams, rows = np.unique(owners, return_inverse=True)
        at = (rows.astype(np.int32), parts.astype(np.int32))
        ones = np.ones(len(parts), dtype=np.float32)
        matrix = sparse.csr_array((ones, at), shape=(len(streams), self._streams))
        return streams, Members(matrix, np.float32)

    def _through(self, place: int, pairs: Sequence[int]) -> tuple[Numbers, Numbers]:
        """Give a combination's stream of each pair of values, and the pair's own, by the fewest pairs."""
        within = [pair for pair in pairs if set(self._combinations[place]) <= set(self._combinations[pair])]
        found = [np.unique(self._member[:, pair], return_index=True) for pair in within]
        streams, cell = min(found, key=lambda unique: len(unique[0]))
        return self._member[cell, place], streams
