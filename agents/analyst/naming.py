"""From the cells of a window to a cube of codes, and from marked cells back to a segment."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.analyst.cube import Codes, Cube, Floats, Mask
from payments.segment import Segment
from payments.window import Cells

STRAY = 0.005
"""Share of a culprit's attempts that may have another value of an attribute that describes it."""


@dataclass(frozen=True)
class NamedCube:
    """The cells with the cube over them."""

    cells: Cells
    depth: int
    """Most attributes that a description combines."""

    @cached_property
    def cube(self) -> Cube:
        """Number the values of each attribute in the order in which they come."""
        columns = [_number([key[c] for key in self.cells.keys]) for c in range(len(self.cells.attributes))]
        codes: Codes = np.array(columns, dtype=np.intp).reshape(len(columns), len(self.cells)).T
        sizes = tuple(max(column, default=0) + 1 for column in columns)
        return Cube(np.ascontiguousarray(codes), sizes, self.depth)

    def closed(self, mask: Mask, weights: Floats) -> Segment:
        """Name every attribute with one value in the marked cells, but for a stray share of their weight.

        `weights` are the cells' attempts. An attribute with one value everywhere names nothing, and of two
        that mean the same cells by the same name (network=upi, method=upi) the first is named; by different
        names (pg=alpha, sub_type=collect) each says something that the other does not.
        """
        row = int(np.argmax(np.where(mask, weights, -1.0)))
        key, attributes, codes = self.cells.keys[row], self.cells.attributes, self.cube.codes
        whole = float(weights[mask].sum())
        fixed = [
            c
            for c in self.cube.varying
            if float(weights[mask & (codes[:, c] != codes[row, c])].sum()) <= STRAY * whole
            and (whole > 0.0 or np.all(codes[mask, c] == codes[row, c]))
        ]
        named: list[int] = []
        for c in fixed:
            if not any(self._same(c, other, row, weights) for other in named):
                named.append(c)
        return Segment({attributes[c]: key[c] for c in named})

    def _same(self, one: int, other: int, row: int, weights: Floats) -> bool:
        codes, key = self.cube.codes, self.cells.keys[row]
        here, there = codes[:, one] == codes[row, one], codes[:, other] == codes[row, other]
        apart = float(weights[here ^ there].sum()) > STRAY * float(weights[here].sum())
        return key[one].casefold() == key[other].casefold() and not apart


def _number(names: list[str]) -> list[int]:
    numbers: dict[str, int] = {}
    return [numbers.setdefault(name, len(numbers)) for name in names]
