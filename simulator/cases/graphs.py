"""The payments around a case as node-link data: opaque shuffled ids, features, and where each came from.

A graph is a function of the finding's shape and a seed, never of the hidden world: it says what the finding
says. No node carries a role. `directed`, `multigraph`, `nodes` and `edges` are the names networkx reads.
"""

import functools
from bisect import bisect_left
from typing import Final, NamedTuple, TypeAlias

from simulator.cases.graph_shapes import GraphShape, Pattern
from simulator.cases.streams import Dice, chances

Graph: TypeAlias = dict[str, object]
_Edge: TypeAlias = tuple[int, int]
_Degrees: TypeAlias = tuple[list[int], list[int]]

_HUB: Final = 0
_OUT: Final = 1
_WINDOW_HOURS: Final = 168
_FIRST_NUMBER, _NUMBERS = 1_000, 9_000
_SUBJECT_CHANCES: Final = 8


def draw_graph(shape: GraphShape, key: str) -> Graph:
    """Draw the graph of a finding.

    Args:
        shape: Pattern and ranges.
        key: Names the random stream.
    """
    dice = Dice(_SUBJECT_CHANCES, key, "subject")
    edges, size, week = _wiring(shape.pattern, dice.whole(*shape.spokes))
    drawn = chances(2 * (size + len(edges)), key, "graph")
    order, names = _named(drawn[:size], drawn[size : 2 * size])
    hours = [int(_WINDOW_HOURS * 100 * chance) / 100 for chance in sorted(drawn[2 * size : -len(edges)])]
    low, wide = 100 * shape.amount[0], 100 * (shape.amount[1] - shape.amount[0])
    links = [
        {"source": names[a], "target": names[b], "amount": int(low + wide * chance) / 100, "hour": hour}
        for (a, b), chance, hour in zip(edges, drawn[-len(edges) :], hours, strict=True)
    ]
    day = _degrees(edges[bisect_left(hours, _WINDOW_HOURS - 24) :], size)
    nodes: list[dict[str, object]] = [
        {"id": name, "fan_in_24h": day_in, "fan_out_24h": day_out, "fan_in_7d": in_7d, "fan_out_7d": out_7d}
        for name, day_in, day_out, in_7d, out_7d in zip(names, *day, *week, strict=True)
    ]
    nodes[_HUB] |= _subject(shape, size, dice)
    shuffled = [nodes[at] for at in order]
    return {"directed": True, "multigraph": True, "graph": _PROVENANCE, "nodes": shuffled, "edges": links}


class _Wiring(NamedTuple):
    """A pattern with so many spokes."""

    edges: tuple[_Edge, ...]
    """Payments in order of time."""
    size: int
    """Accounts."""
    week: _Degrees


@functools.cache
def _wiring(pattern: Pattern, spokes: int) -> _Wiring:
    """Wire a pattern."""
    edges = tuple(_EDGES[pattern](spokes))
    size = 1 + max(max(edge) for edge in edges)
    return _Wiring(edges, size, _degrees(edges, size))


def _named(places: list[float], numbers: list[float]) -> tuple[list[int], list[str]]:
    """Draw the order in which accounts are listed, and names in that order that tell nothing else."""
    order = sorted(range(len(places)), key=places.__getitem__)
    step = _NUMBERS // len(order)
    names = [""] * len(order)
    for place, (at, chance) in enumerate(zip(order, numbers, strict=True)):
        names[at] = f"N{_FIRST_NUMBER + step * place + int(step * chance)}"
    return order, names


def _degrees(edges: tuple[_Edge, ...], size: int) -> _Degrees:
    """Count each account's payments in and out."""
    inward, outward = [0] * size, [0] * size
    for payer, payee in edges:
        outward[payer] += 1
        inward[payee] += 1
    return inward, outward


def _subject(shape: GraphShape, size: int, dice: Dice) -> dict[str, object]:
    """Draw the features that only the account in question has."""
    hops = shape.hops_to_listed
    return {
        "subject": True,
        "pass_through_7d": round(dice.between(*shape.pass_through), 3),
        "median_dwell_minutes": dice.whole(*shape.dwell_minutes),
        "shared_devices": dice.whole(*shape.shared_devices),
        "shortest_cycle_hops": size if shape.pattern == "cycle" else None,
        "hops_to_listed": None if hops is None else dice.whole(*hops),
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
