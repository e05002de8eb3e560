"""Where attempts go: each demand by its usual shares, then round what the crew's reroutes say."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.traffic.arrays import Flags, Floats, Ints, cumulative


@dataclass(frozen=True)
class Detour:
    """A share of some demands' attempts on one route takes others, each of these at a limited rate.

    A token bucket that holds one tick's tokens: what a target's tokens do not reach for goes to the target
    with most tokens left, and what finds none stays.
    """

    demand: Flags
    """(demands,)."""
    source: int
    share: float
    targets: Ints
    """Routes, (targets,)."""
    edges: Floats
    """Cumulative distribution over the targets, (targets,)."""
    limits_per_s: Floats
    """(targets,); infinite for no limit."""

    def tokens(self, tick: int, tick_s: float) -> Floats:
        """Give the whole tokens of a tick, (targets,): over many ticks exactly as many as the limits say."""
        rate = self.limits_per_s * tick_s
        with np.errstate(invalid="ignore"):
            whole = np.floor((tick + 1) * rate) - np.floor(tick * rate)
        return np.where(np.isinf(rate), np.inf, whole)


def route(
    demand: Ints, luck: Floats, shares: Floats, closed: Flags, detours: Iterator[tuple[Detour, Floats]]
) -> Ints:
    """Give the route of each attempt, (attempts,).

    One number chooses the route, and its place in that route's part of 0..1 decides whether a detour moves
    it, and where to: what no detour moves takes the route that it would have taken without any.

    Args:
        demand: of each attempt of a tick, (attempts,).
        luck: uniform numbers, (attempts,).
        shares: of each demand on each route, (demands, routes).
        closed: routes that a demand may not be moved to, (demands, routes).
        detours: in the order of their precedence, each with its tokens; of several the first one moves it.
    """
    edges = cumulative(shares)
    usual: Ints = (luck[:, None] >= edges[demand]).sum(axis=1)
    taken = usual.copy()
    for detour, tokens in detours:
        there = (usual == detour.source) & (taken == usual) & detour.demand[demand]
        rows = np.flatnonzero(there)
        place = _place(luck[rows], edges[demand[rows]], detour.source)
        order = np.argsort(place, kind="stable")[: int((place < detour.share).sum())]
        rows, place = rows[order], place[order]
        allowed = ~closed[demand[rows]][:, detour.targets]
        target = _targets(place / detour.share, allowed, detour.edges, tokens)
        moved = target >= 0
        taken[rows[moved]] = detour.targets[target[moved]]
    return taken


def _place(luck: Floats, edges: Floats, source: int) -> Floats:
    """Give where in the source's part of 0..1 each number lies, as a share of that part: (attempts,)."""
    low = edges[:, source - 1] if source else np.zeros(len(luck))
    return (luck - low) / (edges[:, source] - low)


def _targets(luck: Floats, allowed: Flags, edges: Floats, tokens: Floats) -> Ints:
    """Give each attempt a target or -1, the first ones first: (attempts,).

    Args:
        luck: decides which target an attempt goes to while there are tokens, (attempts,).
        allowed: (attempts, targets).
        edges: cumulative distribution over the targets, (targets,).
        tokens: (targets,).
    """
    wanted = np.searchsorted(edges, luck, side="right")
    given = np.full(len(luck), -1, dtype=np.int64)
    left = np.minimum(tokens, len(luck)).astype(np.int64)
    for target in range(len(edges)):
        mine = np.flatnonzero((wanted == target) & allowed[:, target])[: left[target]]
        given[mine] = target
        left[target] -= len(mine)
    for target in np.argsort(-left, kind="stable").tolist():
        rest = np.flatnonzero((given < 0) & allowed[:, target])[: left[target]]
        given[rest] = target
    return given
