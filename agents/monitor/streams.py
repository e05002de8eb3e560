"""Streams: every segment that is watched, as rows of a sparse matrix over the cells.

Watched are all payments, every attribute value, every pair of values, and the cells themselves. Numbers only
grow: a cell or stream keeps its row for good, so that arrays of older ticks are prefixes of newer ones.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from agents.monitor.grow import Places, Reals, evenly
from agents.monitor.members import Members
from agents.monitor.partition import Partition
from agents.monitor.rollup import Combination, RollUp
from payments.segment import Segment
from payments.window import Cells

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

SEGMENTS_KEPT = 32
"""Segments whose rows are remembered."""


def watched_combinations(width: int) -> tuple[Combination, ...]:
    """Give the attribute combinations to watch: none, single, pairs, and last all together."""
    wanted = [c for size in (0, 1, 2, width) for c in combinations(range(width), size)]
    return tuple(dict.fromkeys(wanted))


class Streams:
    """The cells seen so far and the streams they belong to."""

    def __init__(self) -> None:
        self.attributes: tuple[str, ...] | None = None
        self.combinations: tuple[Combination, ...] = ()
        self.member: Rows = np.zeros((0, 0), dtype=np.intp)
        """Stream of each cell for each combination: shape (cells, combinations)."""
        self.above: tuple[Partition, ...] = ()
        """The cells parted by the values of one attribute, or of two."""
        self.leaf: Rows = np.zeros(0, dtype=np.intp)
        """Stream of each cell alone: shape (cells,)."""
        self.wide: Rows = np.zeros(0, dtype=np.intp)
        """Streams that fix at most one attribute."""
        self.wide_matrix = _no_members()
        """1 where the cell belongs to the stream: shape (wide streams, cells)."""
        self.of_wide = Members(self.wide_matrix, np.float64)
        """The same, to add up columns in double precision."""
        self.wide_places: Rows = np.zeros((0, 0), dtype=np.intp)
        """Places among the wide streams of those that each cell is in: shape (cells, 1 + attributes)."""
        self.breadth: Rows = np.zeros(0, dtype=np.intp)
        """What kind of segment each stream is: 0 fixes at most one attribute, 1 a pair, 2 is a cell."""
        self._row_of: dict[tuple[str, ...], int] = {}
        self._stream_of: dict[tuple[Combination, tuple[str, ...]], int] = {}
        self._names: list[tuple[Combination, tuple[str, ...]]] = []
        self._code_of: list[dict[str, int]] = []
        self._coded: Rows = np.zeros((0, 0), dtype=np.intp)
        self._rollup: RollUp | None = None
        self._last: tuple[Cells, tuple[Rows, Places]] | None = None
        self._rows_in: dict[Segment, Rows] = {}
        self._some: tuple[Rows, Cells] | None = None

    @property
    def cells(self) -> int:
        """Number of cells seen so far."""
        return len(self._row_of)

    @property
    def count(self) -> int:
        """Number of streams."""
        return len(self._names)

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The cells in the order of their rows."""
        return list(self._row_of)

    def some(self, rows: Rows) -> Cells:
        """Give some of the cells, the same object while they stay the same."""
        if self._some is None or not np.array_equal(self._some[0], rows):
            keys = self.keys
            chosen = Cells(attributes=self.attributes or (), keys=tuple(keys[row] for row in rows.tolist()))
            self._some = (rows, chosen)
        return self._some[1]

    def fits(self, cells: Cells) -> bool:
        """Say whether cells have the attributes of this feed, in any order; the first ones decide."""
        return self.attributes is None or set(self.attributes) == set(cells.attributes)

    def rows(self, cells: Cells) -> Rows:
        """Give the row of each cell, after taking in new ones; they must fit."""
        return self._found(cells)[0]

    def places(self, cells: Cells) -> Places:
        """Give the same as a slice where the rows lie evenly."""
        return self._found(cells)[1]

    def _found(self, cells: Cells) -> tuple[Rows, Places]:
        if self._last is not None and self._last[0] is cells:
            return self._last[1]
        if self.attributes is None:
            self._begin(cells.attributes)
        keys = self._reordered(cells)
        new = [key for key in keys if key not in self._row_of]
        if new:
            self._extend(new)
        rows = np.fromiter((self._row_of[key] for key in keys), np.intp, len(keys))
        self._last = (cells, (rows, evenly(rows)))
        return self._last[1]

    def segment(self, stream: int) -> Segment:
        """Give the segment of a stream."""
        attributes = self.attributes or ()
        fixed, values = self._names[stream]
        return Segment({attributes[place]: value for place, value in zip(fixed, values, strict=True)})

    def stream(self, segment: Segment) -> int | None:
        """Give the stream of a segment, or None when it is not watched."""
        attributes = self.attributes or ()
        if not set(segment.root) <= set(attributes):
            return None
        fixed = tuple(place for place, name in enumerate(attributes) if name in segment.root)
        return self._stream_of.get((fixed, tuple(segment.root[attributes[place]] for place in fixed)))

    def mask(self, segment: Segment) -> Flags:
        """Mark the cells that lie in a segment: shape (cells,)."""
        inside = np.ones(self.cells, dtype=np.bool_)
        for name, value in segment.root.items():
            if self.attributes is None or name not in self.attributes:
                return np.zeros(self.cells, dtype=np.bool_)
            place = self.attributes.index(name)
            inside &= self._coded[:, place] == self._code_of[place].get(value, -1)
        return inside

    def rows_in(self, segment: Segment) -> Rows:
        """Give the rows of the cells that lie in a segment, rising; the same few are asked for each tick."""
        rows = self._rows_in.get(segment)
        if rows is None:
            if len(self._rows_in) >= SEGMENTS_KEPT:
                self._rows_in.clear()
            self._rows_in[segment] = rows = np.flatnonzero(self.mask(segment))
        return rows

    def mask_any(self, segments: Sequence[Segment]) -> Flags:
        """Mark the cells that lie in any of the segments."""
        inside = np.zeros(self.cells, dtype=np.bool_)
        for segment in segments:
            inside |= self.mask(segment)
        return inside

    def touching(self, cells: Flags) -> Flags:
        """Mark the streams that share a marked cell: shape (streams,)."""
        if not cells.any():
            return np.zeros(self.count, dtype=np.bool_)
        touched = np.zeros(self.count, dtype=np.bool_)
        touched[self.member[cells].ravel()] = True
        return touched

    def inside(self, streams: Flags) -> Flags:
        """Mark the cells of the marked streams: shape (cells,)."""
        if not streams.any():
            return np.zeros(self.cells, dtype=np.bool_)
        return np.asarray(streams[self.member].any(axis=1), dtype=np.bool_)

    def sums(self, columns: Reals) -> Reals:
        """Add columns of shape (cells, any) up over each stream."""
        return columns[:0] if self._rollup is None else self._rollup.sums(columns)

    def sums_of(self, rows: Rows, columns: Reals) -> Reals:
        """Add columns of some cells, given by rising rows, shape (rows, any), up over each stream."""
        return columns[:0] if self._rollup is None else self._rollup.sums_of(rows, columns)

    def _begin(self, attributes: tuple[str, ...]) -> None:
        self.attributes = attributes
        self.combinations = watched_combinations(len(attributes))
        self._code_of = [{} for _ in attributes]
        self.member = np.zeros((0, len(self.combinations)), dtype=np.intp)
        self._coded = np.zeros((0, len(attributes)), dtype=np.intp)

    def _reordered(self, cells: Cells) -> Sequence[tuple[str, ...]]:
        if cells.attributes == self.attributes:
            return cells.keys
        places = [cells.attributes.index(name) for name in self.attributes or ()]
        return [tuple(key[place] for place in places) for key in cells.keys]

    def _extend(self, new: Sequence[tuple[str, ...]]) -> None:
        for key in new:
            self._row_of[key] = len(self._row_of)
        known = len(self._names)
        member = [[self._enter(fixed, key) for key in new] for fixed in self.combinations]
        coded = [
            [codes.setdefault(v, len(codes)) for codes, v in zip(self._code_of, key, strict=True)]
            for key in new
        ]
        self.member = np.concatenate([self.member, np.array(member, dtype=np.intp).T.copy()])
        self._coded = np.concatenate([self._coded, np.array(coded, dtype=np.intp).reshape(len(new), -1)])
        fixed = np.array([len(fixed) for fixed, _ in self._names[known:]], dtype=np.intp)
        self.breadth = np.concatenate([self.breadth, np.clip(fixed, 1, 3) - 1])
        self._rows_in.clear()
        self._sort_out()

    def _sort_out(self) -> None:
        between = [place for place, fixed in enumerate(self.combinations[:-1]) if fixed]
        above = [np.unique(self.member[:, place], return_inverse=True)[1] for place in between]
        self.above = tuple(map(Partition, above))
        self.wide = np.flatnonzero(self.breadth == 0)
        self.leaf = np.ascontiguousarray(self.member[:, -1])
        self._rollup = RollUp(self.combinations, self.member, self.count)
        self.wide_matrix = self._membership(self.wide)
        self.of_wide = Members(self.wide_matrix, np.float64)
        wide = [place for place, fixed in enumerate(self.combinations) if len(fixed) <= 1]
        self.wide_places = np.searchsorted(self.wide, self.member[:, wide])

    def _enter(self, fixed: Combination, key: tuple[str, ...]) -> int:
        name = (fixed, tuple(key[place] for place in fixed))
        number = self._stream_of.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def _membership(self, chosen: Rows) -> "sparse.csr_array[np.float32, tuple[int, int]]":
        """Give the rows of the chosen streams over the cells."""
        row_of = np.full(self.count, -1, dtype=np.intp)
        row_of[chosen] = np.arange(len(chosen))
        rows = row_of[self.member]
        places = np.flatnonzero(rows >= 0)
        ones = np.ones(len(places), dtype=np.float32)
        row, cell = rows.ravel()[places], places // max(self.member.shape[1], 1)
        at = (row.astype(np.int32), cell.astype(np.int32))
        return sparse.csr_array((ones, at), shape=(len(chosen), self.cells))


def _no_members() -> "sparse.csr_array[np.float32, tuple[int, int]]":
    return sparse.csr_array(np.zeros((0, 0), dtype=np.float32))
