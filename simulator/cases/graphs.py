"""The payments around a case as node-link data: opaque shuffled ids, features, and where each came from.

A graph is a function of the finding's shape and a seed, never of the hidden world: it says what the finding
says. No node carries a role. `directed`, `multigraph`, `nodes` and `edges` are the names networkx reads.
"""

from typing import Final, TypeAlias

import numpy as np

from simulator.cases.graph_shapes import GraphShape
from simulator.cases.streams import stream

Graph: TypeAlias = dict[str, object]
_Edge: TypeAlias = tuple[int, int]

_HUB: Final = 0
_OUT: Final = 1
_WINDOW_HOURS: Final = 168


def draw_graph(shape: GraphShape, key: str) -> Graph:
    """Draw the graph of a finding.

    Args:
        shape: Pattern and ranges.
        key: Names the random stream.
    """
    rng = stream(key, "graph")
    edges = _EDGES[shape.pattern](int(rng.integers(shape.spokes[0], shape.spokes[1] + 1)))
    size = 1 + max(max(edge) for edge in edges)
    ids = [f"N{number:04d}" for number in (rng.choice(9000, size, replace=False) + 1000).tolist()]
    hours = np.sort(rng.uniform(0.0, _WINDOW_HOURS, len(edges)))
    amounts = rng.uniform(*shape.amount, len(edges))
    links = [
        {"source": ids[a], "target": ids[b], "amount": amount, "hour": hour}
        for (a, b), amount, hour in zip(edges, _cents(amounts), _cents(hours), strict=True)
    ]
    nodes = [{"id": name, **counts} for name, counts in zip(ids, _degrees(edges, hours, size), strict=True)]
    nodes[_HUB] |= _subject(shape, size, rng)
    rng.shuffle(nodes)
    return {"directed": True, "multigraph": True, "graph": _PROVENANCE, "nodes": nodes, "edges": links}


def _degrees(edges: list[_Edge], hours: np.ndarray, size: int) -> list[dict[str, object]]:
    """Count each node's payments in and out, in the last day and in the week."""
    week = np.array(edges)
    day = week[hours >= _WINDOW_HOURS - 24]
    ends = (day[:, 1], day[:, 0], week[:, 1], week[:, 0])
    counts = [np.bincount(end, minlength=size).tolist() for end in ends]
    words = ("fan_in_24h", "fan_out_24h", "fan_in_7d", "fan_out_7d")
    return [dict(zip(words, row, strict=True)) for row in zip(*counts, strict=True)]


def _cents(values: np.ndarray) -> list[float]:
    """Round to two digits."""
    rounded: list[float] = np.round(values, 2).tolist()
    return rounded


def _subject(shape: GraphShape, size: int, rng: np.random.Generator) -> dict[str, object]:
    """Draw the features that only the account in question has."""
    hops = shape.hops_to_listed
    return {
        "subject": True,
        "pass_through_7d": round(float(rng.uniform(*shape.pass_through)), 3),
        "median_dwell_minutes": int(rng.integers(shape.dwell_minutes[0], shape.dwell_minutes[1] + 1)),
        "shared_devices": int(rng.integers(shape.shared_devices[0], shape.shared_devices[1] + 1)),
        "shortest_cycle_hops": size if shape.pattern == "cycle" else None,
        "hops_to_listed": None if hops is None else int(rng.integers(hops[0], hops[1] + 1)),
    }


def _fan_in(n: int) -> list[_Edge]:
    """N payers, the subject, one exit."""
    return [(spoke, _HUB) for spoke in range(2, n + 2)] + [(_HUB, _OUT)]


def _fan_out(n: int) -> list[_Edge]:
    """One source, the subject, n receivers."""
    return [(_OUT, _HUB)] + [(_HUB, spoke) for spoke in range(2, n + 2)]


def _cycle(n: int) -> list[_Edge]:
    """A loop of n hops through the subject."""
    return [(at, (at + 1) % n) for at in range(n)]


def _scatter_gather(n: int) -> list[_Edge]:
    """The subject pays n accounts, which all pay one."""
    middle = range(2, n + 2)
    return [(_HUB, at) for at in middle] + [(at, _OUT) for at in middle]


def _gather_scatter(n: int) -> list[_Edge]:
    """N accounts pay the subject, which pays n others."""
    return [(at, _HUB) for at in range(1, n + 1)] + [(_HUB, at) for at in range(n + 1, 2 * n + 1)]


def _layers(n: int) -> list[_Edge]:
    """The subject, two layers of n accounts, one end."""
    first, second = range(2, n + 2), range(n + 2, 2 * n + 2)
    crossed = [(a, b) for a, b in zip(first, [*second[1:], second[0]], strict=True)]
    straight = list(zip(first, second, strict=True))
    return [(_HUB, at) for at in first] + straight + crossed + [(at, _OUT) for at in second]


def _pass_through(n: int) -> list[_Edge]:
    """A line of n payments, the subject in front."""
    return [(at, at + 1) for at in range(n)]


_EDGES: Final = {
    "fan_in": _fan_in,
    "fan_out": _fan_out,
    "cycle": _cycle,
    "scatter_gather": _scatter_gather,
    "gather_scatter": _gather_scatter,
    "layers": _layers,
    "pass_through": _pass_through,
}
_PROVENANCE: Final[dict[str, str]] = {
    "fan_in_24h": "ledger, payments in during the last 24 hours of the window",
    "fan_out_24h": "ledger, payments out during the last 24 hours of the window",
    "fan_in_7d": "ledger, payments in during seven days",
    "fan_out_7d": "ledger, payments out during seven days",
    "pass_through_7d": "ledger, money out over money in during seven days",
    "median_dwell_minutes": "ledger, median time between money in and the same money out",
    "shared_devices": "login log, other accounts of this graph seen on the subject's devices",
    "shortest_cycle_hops": "ledger, shortest loop of payments in order of time through the subject",
    "hops_to_listed": "screening, payments between the subject and the nearest listed party",
}
