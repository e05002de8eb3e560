"""What becomes of the attempts of one tick: route, hazards, issuer's answer, code, latency, outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.traffic.arrays import Flags, Floats, Ints, drawn
from simulator.traffic.attempts import Attempts, Chance
from simulator.traffic.conditions import Conditions, Hazard
from simulator.traffic.declines import NO_ANSWER, TIMEOUT, code_shares
from simulator.traffic.detours import Arrivals, Routing, route
from simulator.traffic.topology import Topology

SUCCESS = -1
"""Stands in the code column of what did not fail."""

_OVERLOAD_CODES = code_shares({"timeout": 0.4, "http_5xx": 0.35, "96": 0.25})
_OVERLOAD_LATENCY_MS = 9_000.0
_TEST_CODES = code_shares({"14": 0.35, "N7": 0.3, "82": 0.1, "05": 0.25})
_TEST_REFUSED = 0.94
"""Share of the card testers' attempts that are refused."""
_TEST_LATENCY_MS = 350.0

_SMOOTHING_TICKS = 3.0
"""Queues even out the chance of a few seconds; only a lasting excess overloads a route."""
LATENCY_SIGMA = 0.45
_BUSY, _SLOWER_PER_LOAD, _SLOWEST = 0.8, 2.0, 4.0
"""Above this load latency grows, by this factor per unit of load, up to this factor."""


@dataclass(frozen=True)
class Outcomes:
    """Columns of shape (attempts,)."""

    leaf: Ints
    moved: Flags
    """Attempts that took another route than if nobody had intervened."""
    code: Ints
    """`SUCCESS`, or the column of the code; pending attempts have either."""
    pending: Flags
    latency_ms: Floats
    load: Ints
    """Attempts that each route had work with, (routes,)."""
    pressure: Floats
    """The load smoothed over some ticks, (routes,); this is what overloads a route."""

    @property
    def succeeded(self) -> Flags:
        """Attempts that went through, whether or not it was reported."""
        succeeded: Flags = self.code == SUCCESS
        return succeeded


def decide(
    attempts: Attempts,
    unmoved: Ints,
    conditions: Conditions,
    topology: Topology,
    pressure: Floats,
    *,
    rng: np.random.Generator,
    tick: int,
    routing: Routing | None = None,
) -> Outcomes:
    """Decide every attempt of a tick, after a tick that left this pressure on the routes, (routes,).

    `unmoved` are the routes while nobody intervenes, (attempts,); `rng` draws the noise of the cells and
    nothing else.
    """
    tick_s = topology.config.tick_s
    demand, luck = attempts.demand, attempts.chances[Chance.ROUTE]
    arrivals = Arrivals(
        demand,
        luck,
        unmoved if conditions.untouched is None else drawn(conditions.edges, demand, luck),
        conditions.shares,
        conditions.edges,
        conditions.closed,
    )
    moves = (*conditions.detours, *([routing] if routing is not None else []))
    taken = route(arrivals, ((move, move.tokens(tick, tick_s)) for move in moves))
    moved = taken != unmoved
    leaf = demand * len(topology.routes) + taken
    strike = _Strike(attempts, leaf, moved)
    strike.all_of(_at_door(conditions, leaf, topology))
    load = np.bincount(leaf[~strike.hit] % len(topology.routes), minlength=len(topology.routes))
    pressure = pressure + (load - pressure) / _SMOOTHING_TICKS
    busy = pressure / (topology.capacity_per_s * conditions.capacity * tick_s)
    strike.all_of((*_overload(busy, topology), *conditions.inside))
    strike.hostile()
    code = _answer(attempts, leaf, strike, topology, rng)
    _rename(code, attempts, conditions)
    latency_ms = _latency(attempts, strike, _usual_ms(busy, conditions, topology)[leaf])
    _cut_off(code, latency_ms, conditions.limit_ms.take(leaf))
    return Outcomes(
        leaf=leaf,
        moved=moved,
        code=code,
        pending=_pending(code, leaf, attempts, conditions, topology),
        latency_ms=latency_ms,
        load=load,
        pressure=pressure,
    )


def _at_door(conditions: Conditions, leaf: Ints, topology: Topology) -> Iterator[Hazard]:
    yield from conditions.at_door
    if conditions.throttles:
        by_leaf = np.bincount(leaf, minlength=len(topology.cells))
        yield from (throttle.hazard(by_leaf, topology.config.tick_s) for throttle in conditions.throttles)


def _overload(busy: Floats, topology: Topology) -> Iterator[Hazard]:
    """Let fail what is above a route's capacity, of which `busy` is the used share: (routes,)."""
    if busy.max() > 1.0:
        excess = 1.0 - 1.0 / np.maximum(busy, 1.0)
        yield Hazard(np.tile(excess, topology.demands), _OVERLOAD_CODES, _OVERLOAD_LATENCY_MS)


class _Strike:
    """Lets hazards strike one after the other; an attempt is hit by one at most.

    One uniform number decides: each hazard takes its chance of the part of 0..1 that is left.
    """

    def __init__(self, attempts: Attempts, leaf: Ints, moved: Flags) -> None:
        self._attempts, self._leaf, self._moved = attempts, leaf, moved
        self._edge = np.zeros(len(leaf))
        self.hit = np.zeros(len(leaf), dtype=np.bool_)
        self.code = np.full(len(leaf), SUCCESS, dtype=np.int64)
        self.latency_ms = np.full(len(leaf), np.nan)
        """Not a number for what takes as long as usual."""

    def all_of(self, hazards: Sequence[Hazard] | Iterator[Hazard]) -> None:
        """Let hazards strike in order."""
        for hazard in hazards:
            if hazard.chance.any():
                chance = hazard.chance[self._leaf]
                if hazard.moved_only:
                    chance = np.where(self._moved, chance, 0.0)
                self._one(chance, hazard.code_shares, hazard.latency_ms)

    def hostile(self) -> None:
        """Refuse most of what card testers try."""
        if self._attempts.hostile.any():
            refused = np.where(self._attempts.hostile, _TEST_REFUSED, 0.0)
            self._one(refused, _TEST_CODES, _TEST_LATENCY_MS)

    def _one(self, chance: Floats, codes: Floats, latency_ms: float | None) -> None:
        luck = self._attempts.chances[Chance.HAZARD]
        edge = self._edge + (1.0 - self._edge) * chance
        struck = (luck >= self._edge) & (luck < edge)
        self.hit |= struck
        self.code[struck] = np.searchsorted(codes, self._attempts.chances[Chance.CODE][struck], side="right")
        self.latency_ms[struck] = np.nan if latency_ms is None else latency_ms
        self._edge = edge


def _answer(
    attempts: Attempts, leaf: Ints, strike: _Strike, topology: Topology, rng: np.random.Generator
) -> Ints:
    """Give the code of each attempt, or `SUCCESS`."""
    chance = _noisy(topology.success, topology.config.rho, rng)[leaf]
    code = strike.code
    failed = np.flatnonzero(~strike.hit & (attempts.chances[Chance.OUTCOME] >= chance))
    rows = topology.code_shares[topology.method[attempts.demand[failed]]]
    code[failed] = (attempts.chances[Chance.CODE][failed][:, None] >= rows).sum(axis=1)
    return code


def _noisy(chance: Floats, rho: float, rng: np.random.Generator) -> Floats:
    """Draw each cell's chance in this tick around its mean, with variance rho x p x (1 - p)."""
    spread = (1.0 - rho) / rho
    return rng.beta(chance * spread, (1.0 - chance) * spread)


def _rename(code: Ints, attempts: Attempts, conditions: Conditions) -> None:
    for rename in conditions.renames:
        luck = attempts.chances[Chance.RENAME]
        renamed = (code == rename.code) & (luck < rename.share)
        code[renamed] = np.searchsorted(rename.code_shares, luck[renamed] / rename.share, side="right")


def _cut_off(code: Ints, latency_ms: Floats, limit_ms: Floats) -> None:
    """Let time out, in place, what takes longer than its limit."""
    late = latency_ms > limit_ms
    code[late], latency_ms[late] = TIMEOUT, limit_ms[late]


def _pending(code: Ints, leaf: Ints, attempts: Attempts, conditions: Conditions, topology: Topology) -> Flags:
    """Mark what has no known outcome: read time-outs, and successes that nobody reported."""
    luck = attempts.chances[Chance.UNKNOWN]
    unread = (code >= 0) & NO_ANSWER[code] & (luck < topology.config.read_timeout_share)
    unreported = (code == SUCCESS) & (luck < conditions.unreported.take(leaf))
    pending: Flags = unread | unreported
    return pending


def _usual_ms(busy: Floats, conditions: Conditions, topology: Topology) -> Floats:
    """Give the median latency of each leaf, longer on busy routes: (leaves,)."""
    queue = np.minimum(_SLOWEST, 1.0 + _SLOWER_PER_LOAD * np.maximum(0.0, busy - _BUSY))
    usual: Floats = topology.latency_ms * (conditions.slow * queue).ravel()
    return usual


def _latency(attempts: Attempts, strike: _Strike, usual_ms: Floats) -> Floats:
    median = np.where(np.isnan(strike.latency_ms), usual_ms, strike.latency_ms)
    latency: Floats = median * np.exp(LATENCY_SIGMA * attempts.normal)
    return latency
