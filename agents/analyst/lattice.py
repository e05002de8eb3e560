"""Every combination of attributes, with the group of each cell in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from payments.segment import Segment
from payments.window import Cells

Groups = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

STRAY = 0.005
"""Share of a culprit's attempts that may have another value of an attribute that describes it."""

_DENSE_LIMIT = 1 << 20


@dataclass(frozen=True)
class Cuboid:
    """One combination of attributes."""

    columns: tuple[int, ...]
    group: Groups
    """Group number of each cell: shape (cells,), 0 to `size` - 1."""
    size: int


@dataclass(frozen=True)
class Lattice:
    """The cells as numbers, and the combinations of up to `max_attributes` attributes over them."""

    cells: Cells
    max_attributes: int

    @cached_property
    def values(self) -> Groups:
        """Number of each cell's value of each attribute: shape (attributes, cells)."""
        columns = [_number([key[c] for key in self.cells.keys]) for c in range(len(self.cells.attributes))]
        return np.array(columns, dtype=np.intp).reshape(len(columns), len(self.cells))

    @cached_property
    def varying(self) -> tuple[int, ...]:
        """Attributes with more than one value; the others say nothing."""
        return tuple(c for c, row in enumerate(self.values) if row.size and row.max() > 0)

    @cached_property
    def cuboids(self) -> tuple[Cuboid, ...]:
        """All combinations, the empty one first; each is rolled up from a smaller one."""
        everything = Cuboid((), np.zeros(len(self.cells), dtype=np.intp), 1)
        known: dict[tuple[int, ...], Cuboid] = {(): everything}
        for columns in self._combinations():
            known[columns] = self._extend(known[columns[:-1]], columns[-1])
        return tuple(known.values())

    def _combinations(self) -> Iterator[tuple[int, ...]]:
        for width in range(1, min(self.max_attributes, len(self.varying)) + 1):
            yield from combinations(self.varying, width)

    def _extend(self, parent: Cuboid, column: int) -> Cuboid:
        values = self.values[column]
        width = int(values.max()) + 1
        group, size = _compact(parent.group * width + values, parent.size * width)
        return Cuboid((*parent.columns, column), group, size)

    def closed(self, mask: Mask, weights: Floats) -> Segment:
        """Name every attribute with one value in the marked cells, but for a stray share of their weight.

        `weights` are the cells' attempts. An attribute with one value everywhere names nothing, and of two
        that mean the same cells (network=upi, method=upi) the first is named.
        """
        row = int(np.argmax(np.where(mask, weights, -1.0)))
        key, attributes = self.cells.keys[row], self.cells.attributes
        whole = float(weights[mask].sum())
        fixed = [
            c
            for c in self.varying
            if float(weights[mask & (self.values[c] != self.values[c][row])].sum()) <= STRAY * whole
            and (whole > 0.0 or np.all(self.values[c][mask] == self.values[c][row]))
        ]
        named: list[int] = []
        for c in fixed:
            if not any(self._same(c, other, row, weights) for other in named):
                named.append(c)
        return Segment({attributes[c]: key[c] for c in named})

    def _same(self, one: int, other: int, row: int, weights: Floats) -> bool:
        here = self.values[one] == self.values[one][row]
        there = self.values[other] == self.values[other][row]
        return float(weights[here ^ there].sum()) <= STRAY * float(weights[here].sum())

    def covered(self, columns: tuple[int, ...], row: int) -> Mask:
        """Mark the cells that share the row's values of the columns."""
        inside = np.ones(len(self.cells), dtype=np.bool_)
        for column in columns:
            inside &= self.values[column] == self.values[column][row]
        return inside


def _number(names: list[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _compact(key: Groups, size: int) -> tuple[Groups, int]:
    """Renumber the keys that occur to 0, 1, ..., by marking when that is cheaper than sorting."""
    if size > _DENSE_LIMIT:
        found, group = np.unique(key, return_inverse=True)
        return group.astype(np.intp), len(found)
    present = np.zeros(size, dtype=np.bool_)
    present[key] = True
    rank = np.cumsum(present) - 1
    return rank[key], int(present.sum())
