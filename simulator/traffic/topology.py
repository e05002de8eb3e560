"""One world drawn from a config and a seed: its cells, its demand, and the usual rates of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np

from payments.segment import Segment, role_of
from payments.window import Cells
from simulator.traffic.arrays import Flags, Floats, Ints
from simulator.traffic.config import WorldConfig
from simulator.traffic.declines import ORDINARY, code_shares

ATTRIBUTES = ("issuer", "country", "method", "network", "psp", "merchant")


@dataclass(frozen=True)
class Topology:
    """The usual rates. A demand is (issuer, combo, merchant); a leaf cell is a demand on one route.

    Leaf row = demand row x routes + route, so an array of leaves reshapes to (demands, routes).
    """

    config: WorldConfig
    cells: Cells
    payments_per_s: Floats
    """Unique payments at the busiest hour, (demands,)."""
    shares: Floats
    """Of each demand on each route, (demands, routes); rows sum to 1."""
    success: Floats
    """Chance of one attempt, (leaves,)."""
    latency_ms: Floats
    """Median, (leaves,)."""
    method: Ints
    """Row in `code_shares` of each demand, (demands,)."""
    network: Ints
    """Place among the networks of the config, each named once, of each demand: (demands,)."""
    code_shares: Floats
    """Cumulative distribution over the codes of ordinary failures, (methods, codes)."""
    capacity_per_s: Floats
    """(routes,)."""
    fee_bps: Floats
    """(routes,)."""

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """Names of the routes, in the order of the columns."""
        return tuple(name for name, _ in self.config.psps)

    @property
    def demands(self) -> int:
        """Number of demands."""
        return len(self.payments_per_s)

    def values(self, attribute: str) -> tuple[str, ...]:
        """Give the values of an attribute in the order of their first cell."""
        column = ATTRIBUTES.index(attribute)
        return tuple(dict.fromkeys(key[column] for key in self.cells.keys))

    def leaves(self, segment: Segment) -> Flags:
        """Mark the leaf cells of a segment: shape (demands, routes)."""
        inside = np.ones(len(self.cells), dtype=np.bool_)
        for name, value in segment.root.items():
            if name not in self._columns:
                return np.zeros(self.shares.shape, dtype=np.bool_)
            numbers, column = self._columns[name]
            inside[column != numbers.get(value, -1)] = False
        return inside.reshape(self.shares.shape)

    def demand(self, segment: Segment) -> Flags:
        """Mark the demands of a segment, whatever route it names: shape (demands,)."""
        routes = [name for name in segment.names() if role_of(name) == "route"]
        return self.leaves(segment.without(*routes))[:, 0]

    def per_s(self, segment: Segment) -> float:
        """Give the unique payments a second that usually fall in a segment at the busiest hour."""
        flow = self.payments_per_s[:, None] * self.shares
        return float(flow[self.leaves(segment)].sum())

    @cached_property
    def _columns(self) -> dict[str, tuple[dict[str, int], Ints]]:
        """Each attribute's values by number, and the numbers of the cells: (leaves,)."""
        columns = {}
        for name, column in zip(ATTRIBUTES, zip(*self.cells.keys, strict=True), strict=True):
            numbers = {value: number for number, value in enumerate(dict.fromkeys(column))}
            columns[name] = (numbers, np.array([numbers[value] for value in column]))
        return columns


def draw_topology(config: WorldConfig, rng: np.random.Generator) -> Topology:
    """Draw the usual rates of a world."""
    demand = _draw_demand(config, rng)
    shares = _draw_shares(config, rng)
    load = (demand[:, None] * shares).sum(axis=0)
    methods, networks = tuple(ORDINARY), config.networks
    return Topology(
        config=config,
        cells=_cells(config),
        payments_per_s=demand,
        shares=shares,
        success=_draw_success(config, demand[:, None] * shares, rng),
        latency_ms=_draw_latency(config, rng),
        method=np.array([methods.index(method) for _, (method, _, _), _ in _demands(config)]),
        network=np.array([networks.index(network) for _, (_, network, _), _ in _demands(config)]),
        code_shares=np.stack([code_shares(ORDINARY[method]) for method in methods]),
        capacity_per_s=load * rng.uniform(*config.capacity_range, size=len(load)),
        fee_bps=rng.integers(9, 26, size=len(load)).astype(np.float64),
    )


def _demands(config: WorldConfig) -> Iterator[tuple[int, tuple[str, str, float], tuple[str, float]]]:
    return product(range(len(config.issuers)), config.combos, config.merchants)


@lru_cache(maxsize=4)
def _cells(config: WorldConfig) -> Cells:
    keys = tuple(
        (config.issuers[i], config.countries[i % len(config.countries)], method, network, psp, merchant)
        for i, (method, network, _), (merchant, _) in _demands(config)
        for psp, _ in config.psps
    )
    return Cells(attributes=ATTRIBUTES, keys=keys)


def _draw_demand(config: WorldConfig, rng: np.random.Generator) -> Floats:
    issuers = rng.dirichlet(np.full(len(config.issuers), 8.0))
    combos = np.array([share for _, _, share in config.combos])
    merchants = np.array([share for _, share in config.merchants])
    shape = (len(issuers), len(combos), len(merchants))
    weights = issuers[:, None, None] * combos[:, None] * merchants * rng.gamma(20.0, size=shape)
    demand: Floats = weights.ravel() / weights.sum() * config.payments_per_s
    return demand


def _draw_shares(config: WorldConfig, rng: np.random.Generator) -> Floats:
    """Let each merchant prefer other routes for each combo; all issuers of it are routed alike."""
    sizes = np.array([share for _, share in config.psps])
    rules = rng.dirichlet(12.0 * sizes / sizes.sum(), size=(len(config.combos), len(config.merchants)))
    return np.tile(rules.reshape(-1, len(sizes)), (len(config.issuers), 1))


def _draw_success(config: WorldConfig, flow: Floats, rng: np.random.Generator) -> Floats:
    """Draw log-odds by issuer, route and method; each route has two issuers that it serves badly."""
    issuers, routes = len(config.issuers), len(config.psps)
    links = rng.normal(0.0, 0.25, size=(issuers, 1)) + rng.normal(0.0, 0.12, size=routes)
    for route in range(routes):
        links[rng.choice(issuers, size=min(2, issuers), replace=False), route] -= 0.6
    of_method = {"card": -0.1, "upi": 0.1, "wallet": 0.25}
    rows = [(i, of_method.get(method, 0.0)) for i, (method, _, _), _ in _demands(config)]
    odds = np.array([links[i] + offset for i, offset in rows])
    return _centre(odds, flow, config.success_rate).ravel()


def _centre(odds: Floats, flow: Floats, mean: float) -> Floats:
    """Shift log-odds until the flow's mean chance is `mean`; twenty halvings are plenty."""
    low, high = -10.0, 10.0
    for _ in range(20):
        middle = (low + high) / 2
        chance = 1.0 / (1.0 + np.exp(-odds - middle))
        low, high = (middle, high) if np.average(chance, weights=flow) < mean else (low, middle)
    centred: Floats = 1.0 / (1.0 + np.exp(-odds - (low + high) / 2))
    return centred


def _draw_latency(config: WorldConfig, rng: np.random.Generator) -> Floats:
    of_route = rng.uniform(250.0, 600.0, size=len(config.psps))
    of_issuer = rng.uniform(0.85, 1.2, size=len(config.issuers))
    of_method = {"card": 1.0, "upi": 1.4, "wallet": 0.6}
    rows = [of_issuer[i] * of_method.get(method, 1.0) for i, (method, _, _), _ in _demands(config)]
    return (np.array(rows)[:, None] * of_route).ravel()
