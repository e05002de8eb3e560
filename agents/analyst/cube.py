"""The data cube: every combination of attributes, and sums of the cells over each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb, log, prod

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Columns = tuple[int, ...]
"""Positions of attributes, ascending."""

_ROOM, _LEAST_ROOM = 4, 1 << 12
"""Slots a cell (and slots at all) that a dense cuboid may have; beyond, it is kept sparse."""


@dataclass(frozen=True)
class Cuboid:
    """One combination of attributes. Its groups have slots 0 to `size` - 1; in a dense one some are empty."""

    columns: Columns
    size: int
    shape: tuple[int, ...] | None
    """Number of values of each attribute when dense; None when sparse."""
    first: Codes
    """A cell of each slot when sparse."""


@dataclass(frozen=True)
class Cube:
    """Cells as codes, and the cuboids of up to `depth` attributes over them."""

    codes: Codes
    """Number of each cell's value of each attribute: shape (cells, attributes)."""
    sizes: tuple[int, ...]
    """Number of values of each attribute."""
    depth: int

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def varying(self) -> Columns:
        """Attributes with more than one value in the cells; the others say nothing."""
        return tuple(c for c in range(len(self.sizes)) if len(self) and np.ptp(self.codes[:, c]) > 0)

    @cached_property
    def cuboids(self) -> Mapping[Columns, Cuboid]:
        """All combinations, the widest first, the empty one last."""
        widths = range(min(self.depth, len(self.varying)), -1, -1)
        return {c: self._cuboid(c) for width in widths for c in combinations(self.varying, width)}

    @cached_property
    def prices(self) -> Mapping[Columns, float]:
        """Nats that naming one group takes: how many attributes, which ones, and which of their groups."""
        width = len(self.varying)
        return {
            c: log(max(int(np.count_nonzero(count)), 1)) + log(width + 1) + log(comb(width, len(c)))
            for c, count in self.counts.items()
        }

    @cached_property
    def counts(self) -> Mapping[Columns, Floats]:
        """Cells of every group: shape (slots,)."""
        return {c: sums[0] for c, sums in self.roll_up(np.ones((1, len(self)))).items()}

    def roll_up(self, columns: Floats) -> dict[Columns, Floats]:
        """Sum columns of shape (columns, cells) over every cuboid: each gives shape (columns, slots).

        Every cuboid is summed from its smallest parent, the widest ones from the cells.
        """
        sums: dict[Columns, Floats] = {}
        for key, cuboid in self.cuboids.items():
            parents = self.wider(key)
            if parents:
                smallest = min(parents, key=lambda p: self.cuboids[p].size)
                sums[key] = self.collapse(sums[smallest], smallest, key)
            elif key in self._in_order:
                sums[key] = columns
            else:
                sums[key] = _grouped(self.slots(key), columns, cuboid.size)
        return sums

    def collapse(self, sums: Floats, wide: Columns, narrow: Columns) -> Floats:
        """Sum (columns, slots of the wide cuboid) over the one attribute that the narrow one lacks."""
        shape = self.cuboids[wide].shape
        if shape is None:
            return _grouped(self._above(wide, narrow), sums, self.cuboids[narrow].size)
        at = next(place for place, column in enumerate(wide) if column not in narrow)
        split = sums.reshape(len(sums), prod(shape[:at]), shape[at], prod(shape[at + 1 :]))
        return np.asarray(split.sum(axis=2).reshape(len(sums), -1), dtype=np.float64)

    def wider(self, columns: Columns) -> tuple[Columns, ...]:
        """Give the cuboids with one attribute more."""
        return self._wider[columns]

    def slots(self, columns: Columns) -> Codes:
        """Give the slot of every cell in a cuboid."""
        if columns not in self._slots:
            self._slots[columns] = self._key(columns)
        return self._slots[columns]

    def values(self, columns: Columns, slot: int) -> tuple[int, ...]:
        """Give the codes of a group's values."""
        cuboid = self.cuboids[columns]
        if cuboid.shape is None:
            return tuple(int(self.codes[cuboid.first[slot], c]) for c in columns)
        return tuple(int(code) for code in np.unravel_index(slot, cuboid.shape)) if columns else ()

    def covered(self, columns: Columns, values: tuple[int, ...]) -> Mask:
        """Mark the cells with these values."""
        if not columns:
            return np.ones(len(self), dtype=np.bool_)
        inside = np.zeros(len(self), dtype=np.bool_)
        inside[self.rows(columns, values)] = True
        return inside

    def rows(self, columns: Columns, values: tuple[int, ...]) -> Codes:
        """Give the cells with these values, ascending; each attribute is asked of what the last one left."""
        left: Codes | None = None
        for column, value in zip(columns, values, strict=True):
            asked = self.codes[:, column] if left is None else self.codes[left, column]
            found = np.flatnonzero(asked == value)
            left = found if left is None else left[found]
        return np.arange(len(self)) if left is None else left

    def slot(self, columns: Columns, values: tuple[int, ...]) -> int:
        """Give the slot of the group with these values, which some cell has."""
        shape = self.cuboids[columns].shape
        if shape is None:
            return int(self.slots(columns)[int(np.argmax(self.covered(columns, values)))])
        return int(np.ravel_multi_index(values, shape)) if columns else 0

    @cached_property
    def _wider(self) -> dict[Columns, tuple[Columns, ...]]:
        def more(key: Columns) -> tuple[Columns, ...]:
            extended = (tuple(sorted((*key, c))) for c in self.varying if c not in key)
            return tuple(wide for wide in extended if wide in self.cuboids)

        return {key: more(key) for key in self.cuboids}

    @cached_property
    def _in_order(self) -> frozenset[Columns]:
        """Name the cuboids that the cells fill in the order of the slots: they are their own sums."""
        one_each = (key for key, cuboid in self.cuboids.items() if cuboid.size == len(self))
        order = np.arange(len(self))
        return frozenset(key for key in one_each if np.array_equal(self.slots(key), order))

    @cached_property
    def _slots(self) -> dict[Columns, Codes]:
        return {}

    @cached_property
    def _parents(self) -> dict[tuple[Columns, Columns], Codes]:
        return {}

    def _above(self, wide: Columns, narrow: Columns) -> Codes:
        if (wide, narrow) not in self._parents:
            self._parents[wide, narrow] = self.slots(narrow)[self.cuboids[wide].first]
        return self._parents[wide, narrow]

    def _key(self, columns: Columns) -> Codes:
        """Number the groups of the cells in the order of their values; equal numbers, equal values."""
        key = np.zeros(len(self), dtype=np.intp)
        for column in columns:
            key = key * self.sizes[column] + self.codes[:, column]
        return key

    def _cuboid(self, columns: Columns) -> Cuboid:
        shape = tuple(self.sizes[c] for c in columns)
        if prod(shape) <= max(_ROOM * len(self), _LEAST_ROOM):
            return Cuboid(columns, prod(shape), shape, np.zeros(0, dtype=np.intp))
        key = np.zeros(len(self), dtype=np.intp)
        for column in columns:  # numbered anew at every step, so that no product can overflow
            _, key = np.unique(key * self.sizes[column] + self.codes[:, column], return_inverse=True)
        _, first = np.unique(key, return_index=True)
        self._slots[columns] = key.reshape(-1)
        return Cuboid(columns, len(first), None, first)


def _grouped(slots: Codes, columns: Floats, size: int) -> Floats:
    return np.array([np.bincount(slots, column, size) for column in columns], dtype=np.float64)


def depth_for(attributes: int, most_cuboids: int = 64, least: int = 3) -> int:
    """Give the deepest description that keeps the number of cuboids in bounds.

    >>> [depth_for(attributes) for attributes in (1, 5, 6, 10)]
    [1, 5, 6, 3]
    """
    depth, cuboids = 0, 1
    while depth < attributes:
        cuboids += comb(attributes, depth + 1)
        if depth >= least and cuboids > most_cuboids:
            break
        depth += 1
    return depth
