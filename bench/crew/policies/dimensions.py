"""The dimensions that a router keeps its counts by: payments that agree in some attributes are one group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from payments.segment import role_of
from payments.window import Cells, Window
from simulator.traffic.arrays import Floats, Ints


@dataclass(frozen=True)
class Groups:
    """Which group each demand belongs to; leaf row = demand row x routes + route, as everywhere."""

    of_demand: Ints
    """(demands,)."""
    of_leaf: Ints
    """Group row x routes + route of each leaf, (leaves,)."""
    count: int
    routes: int

    @classmethod
    def of(cls, cells: Cells, attributes: Sequence[str]) -> Self:
        """Group the demands by the values of these attributes; of none, all are one group."""
        route = [role_of(name) for name in cells.attributes].index("route")
        routes = len({key[route] for key in cells.keys})
        columns = [cells.attributes.index(name) for name in attributes]
        values = [tuple(key[column] for column in columns) for key in cells.keys[::routes]]
        numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
        of_demand = np.array([numbers[value] for value in values])
        of_leaf = of_demand[:, None] * routes + np.arange(routes)
        return cls(of_demand, of_leaf.ravel(), len(numbers), routes)

    def sum(self, leaves: Ints) -> Floats:
        """Add up a column of leaves by group and route: (groups, routes)."""
        sums = np.bincount(self.of_leaf, leaves.astype(np.float64), minlength=self.count * self.routes)
        return sums.astype(np.float64, copy=False).reshape(self.count, self.routes)


@dataclass(frozen=True)
class Tally:
    """What became of the decided attempts of some ticks, by group and route: (groups, routes)."""

    decided: Floats
    succeeded: Floats

    @classmethod
    def of(cls, window: Window, groups: Groups) -> Self:
        """Count an increment; what is pending says nothing yet."""
        return cls(groups.sum(window.attempts - window.pending), groups.sum(window.successes))
