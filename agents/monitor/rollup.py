"""Adding counts of cells up over every watched segment, each level from the one below it."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from agents.monitor.grow import Reals, evenly

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
        self._leaves = evenly(member[:, -1])
        self._levels = tuple((evenly(owners), matrix) for owners, matrix in self._sorted_out())
        self._owners = self._levels[0][1].tocsc().indices.reshape(len(member), -1)
        """Rows of the first level that each cell belongs to: shape (cells, any)."""

    def sums(self, columns: Reals) -> Reals:
        """Add columns of shape (cells, any) up over each stream."""
        sums = np.empty((self._streams, *columns.shape[1:]), dtype=columns.dtype)
        sums[self._leaves] = columns
        finer = columns
        for streams, matrix in self._levels:
            finer = matrix @ finer
            sums[streams] = finer
        return sums

    def sums_of(self, rows: Numbers, columns: Reals) -> Reals:
        """Add columns of some cells, given by rising rows, shape (rows, any), up over each stream."""
        sums = np.zeros((self._streams, *columns.shape[1:]), dtype=columns.dtype)
        sums[self._member[rows, -1]] = columns
        (first, matrix), *above = self._levels
        owners = self._owners.take(rows, axis=0)
        entries = (np.ones(owners.size, dtype=np.float32), owners.ravel())
        ends = np.arange(0, owners.size + 1, owners.shape[1], dtype=owners.dtype)
        sums[first] = finer = sparse.csc_array((*entries, ends), (matrix.shape[0], len(rows))) @ columns
        for streams, coarser in above:
            sums[streams] = finer = coarser @ finer
        return sums

    def _sorted_out(self) -> "Iterator[tuple[Numbers, sparse.csr_array[np.float32, tuple[int, int]]]]":
        """Give streams with their members among the streams before, which are the cells at first."""
        pairs = [place for place, fixed in enumerate(self._combinations[:-1]) if len(fixed) > 1]
        wide = [place for place, fixed in enumerate(self._combinations) if len(fixed) <= 1]
        cells = np.arange(len(self._member))
        if not pairs:
            yield self._level([(self._member[:, place], cells) for place in wide], len(cells))
            return
        level = self._level([(self._member[:, place], cells) for place in pairs], len(cells))
        yield level
        below, _ = level
        yield self._level([self._through(place, pairs, below) for place in wide], len(below))

    def _through(self, place: int, pairs: Sequence[int], below: Numbers) -> tuple[Numbers, Numbers]:
        """Give a combination's stream of each pair of values, and where the pair is, by the fewest pairs."""
        within = [pair for pair in pairs if set(self._combinations[place]) <= set(self._combinations[pair])]
        found = [np.unique(self._member[:, pair], return_index=True) for pair in within]
        streams, cell = min(found, key=lambda unique: len(unique[0]))
        return self._member[cell, place], np.searchsorted(below, streams)

    def _level(
        self, members: Sequence[tuple[Numbers, Numbers]], below: int
    ) -> "tuple[Numbers, sparse.csr_array[np.float32, tuple[int, int]]]":
        """Give the streams that have members, sorted, and 1 where a row below belongs to a stream."""
        owners = np.concatenate([owner for owner, _ in members])
        parts = np.concatenate([part for _, part in members])
        streams, rows = np.unique(owners, return_inverse=True)
        ones = np.ones(len(parts), dtype=np.float32)
        at = (rows.astype(np.int32), parts.astype(np.int32))
        return streams, sparse.csr_array((ones, at), shape=(len(streams), below))
