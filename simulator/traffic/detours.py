"""Where attempts go: each demand by its usual shares, then round what reroutes and routers say."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from simulator.traffic.arrays import Flags, Floats, Ints, cumulative, drawn


@dataclass(frozen=True)
class Arrivals:
    """The attempts of one tick with the routes that they would take if nobody moved any."""

    demand: Ints
    """Of each attempt, (attempts,)."""
    luck: Floats
    """Uniform numbers, (attempts,): each chooses the usual route of its attempt."""
    usual: Ints
    """Routes, (attempts,)."""
    shares: Floats
    """Usual shares of each demand on each route, (demands, routes)."""
    edges: Floats
    """Their cumulative distribution, (demands, routes)."""
    closed: Flags
    """Routes that a demand may not be moved to, (demands, routes)."""

    def place(self, rows: Ints) -> Floats:
        """Give where in its usual route's part of 0..1 each number lies, as a share of it: (rows,)."""
        edges, route = self.edges[self.demand[rows]], self.usual[rows]
        every = np.arange(len(rows))
        low = np.where(route > 0, edges[every, route - 1], 0.0)
        return (self.luck[rows] - low) / (edges[every, route] - low)


class Move(ABC):
    """Something that moves attempts off their usual routes, each of the others at a limited rate.

    A token bucket that holds one tick's tokens: what a route's tokens do not reach for goes to the one with
    most tokens left, and what finds none stays.
    """

    limits_per_s: Floats
    """Of each target; infinite for no limit."""

    @abstractmethod
    def chosen(self, arrivals: Arrivals, there: Flags, tokens: Floats) -> tuple[Ints, Ints]:
        """Choose the attempts that move, among those still `there`: (rows,) and their routes, (rows,)."""

    def tokens(self, tick: int, tick_s: float) -> Floats:
        """Give the whole tokens of a tick, (targets,): over many ticks exactly as many as the limits say."""
        rate = self.limits_per_s * tick_s
        with np.errstate(invalid="ignore"):
            whole = np.floor((tick + 1) * rate) - np.floor(tick * rate)
        return np.where(np.isinf(rate), np.inf, whole)


@dataclass(frozen=True)
class Detour(Move):
    """A share of some demands' attempts on one route takes others."""

    demand: Flags
    """(demands,)."""
    source: int
    share: float
    targets: Ints
    """Routes, (targets,)."""
    edges: Floats
    """Cumulative distribution over the targets, (targets,)."""
    limits_per_s: Floats

    def chosen(self, arrivals: Arrivals, there: Flags, tokens: Floats) -> tuple[Ints, Ints]:
        """Choose of the source's part of 0..1 what lies below the share."""
        rows = np.flatnonzero(there & (arrivals.usual == self.source) & self.demand[arrivals.demand])
        rows, place = _first(rows, arrivals.place(rows), self.share)
        allowed = ~arrivals.closed[arrivals.demand[rows]][:, self.targets]
        wanted = np.searchsorted(self.edges, place / self.share, side="right")
        target = _targets(wanted, allowed, tokens)
        moved = target >= 0
        return rows[moved], self.targets[target[moved]]


@dataclass(frozen=True, eq=False)
class Routing(Move):
    """What a router wants that decides payment by payment: any share of any demand on any route.

    As few as possible move: a route gives only the part by which it has more than wanted, to the routes
    that have less, in proportion.
    """

    shares: Floats
    """Wanted, (demands, routes); rows sum to 1."""
    limits_per_s: Floats
    """Most moved attempts a second that each route takes, (routes,)."""

    def chosen(self, arrivals: Arrivals, there: Flags, tokens: Floats) -> tuple[Ints, Ints]:
        """Choose of each route's part of 0..1 what it has too much."""
        missing: Floats = np.where(arrivals.closed, 0.0, np.maximum(0.0, self.shares - arrivals.shares))
        with np.errstate(invalid="ignore", divide="ignore"):
            surplus = np.nan_to_num(np.maximum(0.0, 1.0 - self.shares / arrivals.shares))
        rows = np.flatnonzero(there & np.any(missing, axis=1)[arrivals.demand])
        gives = surplus[arrivals.demand[rows], arrivals.usual[rows]]
        rows, place = _first(rows, arrivals.place(rows), gives)
        demand = arrivals.demand[rows]
        luck = place / surplus[demand, arrivals.usual[rows]]
        wanted = drawn(cumulative(missing), demand, luck)
        target = _targets(wanted, missing[demand] > 0.0, tokens)
        moved = target >= 0
        return rows[moved], target[moved]


def route(arrivals: Arrivals, moves: Iterable[tuple[Move, Floats]]) -> Ints:
    """Give the route of each attempt, (attempts,).

    One number chooses the usual route, and its place in that route's part of 0..1 decides whether it is
    moved, and where to: what nothing moves takes the route that it would have taken without any.

    Args:
        arrivals: the attempts of a tick.
        moves: in the order of their precedence, each with its tokens; of several the first one moves it.
    """
    taken = arrivals.usual.copy()
    for move, tokens in moves:
        rows, targets = move.chosen(arrivals, taken == arrivals.usual, tokens)
        taken[rows] = targets
    return taken


def _first(rows: Ints, place: Floats, share: Floats | float) -> tuple[Ints, Floats]:
    """Keep what lies below the share, the lowest first."""
    below = place < share
    order = np.argsort(place[below], kind="stable")
    return rows[below][order], place[below][order]


def _targets(wanted: Ints, allowed: Flags, tokens: Floats) -> Ints:
    """Give each attempt a target or -1, the first ones first: (attempts,).

    Args:
        wanted: target of each attempt while there are tokens, (attempts,).
        allowed: (attempts, targets).
        tokens: (targets,).
    """
    given = np.full(len(wanted), -1, dtype=np.int64)
    left = np.minimum(tokens, len(wanted)).astype(np.int64)
    for target in range(len(tokens)):
        mine = np.flatnonzero((wanted == target) & allowed[:, target])[: left[target]]
        given[mine] = target
        left[target] -= len(mine)
    for target in np.argsort(-left, kind="stable").tolist():
        rest = np.flatnonzero((given < 0) & allowed[:, target])[: left[target]]
        given[rest] = target
    return given
