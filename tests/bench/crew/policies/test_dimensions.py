"""Groups of demands."""

import numpy as np
import pytest

from bench.crew.policies.dimensions import Groups
from simulator.traffic.topology import Topology


@pytest.mark.parametrize(
    ("attributes", "count"),
    [((), 1), (("issuer",), 4), (("issuer", "method"), 12), (("method", "network"), 5)],
)
def test_demands_that_agree_are_one_group(
    topology: Topology, attributes: tuple[str, ...], count: int
) -> None:
    groups = Groups.of(topology.cells, attributes)
    assert (groups.count, groups.routes) == (count, 4)
    assert set(groups.of_demand.tolist()) == set(range(count))


def test_sums_are_those_of_the_cells(topology: Topology) -> None:
    leaves = np.arange(len(topology.cells))
    groups = Groups.of(topology.cells, ("issuer",))
    keys = np.array(topology.cells.keys)
    issuers, routes = topology.values("issuer"), topology.routes
    expected = [
        [leaves[(keys[:, 0] == issuer) & (keys[:, 4] == route)].sum() for route in routes]
        for issuer in issuers
    ]
    assert groups.sum(leaves).tolist() == expected
