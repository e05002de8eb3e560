"""The world itself: each step plays one tick under the conditions given and publishes its counts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, pi

import numpy as np

from payments.window import Window
from simulator.traffic.arrays import Flags, Floats, Ints, drawn
from simulator.traffic.attempts import Attempts, Chance, Repeats, customers, fraudsters
from simulator.traffic.conditions import Conditions
from simulator.traffic.declines import retriable
from simulator.traffic.detours import Routing
from simulator.traffic.outcomes import Outcomes, decide
from simulator.traffic.reports import publish
from simulator.traffic.score import Score, counted, declined
from simulator.traffic.topology import Topology

_RETRIABLE = retriable()
_CUSTOMERS, _FRAUDSTERS, _REPEATS, _CELLS = range(1, 5)
"""Streams of random numbers, so that more of the one does not shift the others."""


@dataclass
class World:
    """Plays tick after tick; carries over the payments that will be tried again and the routes' load."""

    topology: Topology
    seed: int
    tick: int = 0
    """Counts from the start of the history."""
    repeats: Repeats = field(default_factory=Repeats)
    score: Score = field(default_factory=Score)
    struck: Flags | None = None
    """Leaves that the fault strikes, (demands, routes); None for none."""

    def __post_init__(self) -> None:
        """Start with idle routes."""
        self._pressure: Floats = np.zeros(len(self.topology.routes))

    @property
    def now(self) -> datetime:
        """Start of the next tick."""
        config = self.topology.config
        return config.start + timedelta(seconds=(self.tick - config.history_ticks) * config.tick_s)

    def step(self, conditions: Conditions, routing: Routing | None = None) -> tuple[Window, Ints]:
        """Play one tick; gives its counts and the attempts that each route had work with, (routes,)."""
        attempts, unmoved = self._offered(conditions)
        outcomes = decide(
            attempts,
            unmoved,
            conditions,
            self.topology,
            self._pressure,
            rng=self._rng(_CELLS),
            tick=self.tick,
            routing=routing,
        )
        self._pressure = outcomes.pressure
        again = self._come_back(attempts, outcomes, conditions)
        self.score += counted(attempts, outcomes, again, self.topology)
        window = publish(attempts, outcomes, self.topology, self.now)
        self.tick += 1
        return window, outcomes.load

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, self.tick, stream))

    def _offered(self, conditions: Conditions) -> tuple[Attempts, Ints]:
        """Gather the attempts of the tick, without what is declined before any attempt.

        Gives also the route of each while nobody intervenes, (attempts,).
        """
        rng = self._rng(_CUSTOMERS)
        firsts = customers(self.topology, conditions, season(self.now, self.topology), rng)
        others = [self.repeats.pop(self.tick, self._rng(_REPEATS))]
        if conditions.hostile_per_s.any():
            others.insert(0, fraudsters(self.topology, conditions, self._rng(_FRAUDSTERS)))
        attempts = firsts.joined(*others)
        unmoved = drawn(conditions.untouched_edges, attempts.demand, attempts.chances[Chance.ROUTE])
        if self.struck is not None:  # what comes back was marked when it first came
            first = slice(0, len(firsts))
            attempts.struck[first] = self.struck[attempts.demand[first], unmoved[first]]
        if not conditions.dropped.any():
            return attempts, unmoved
        # The number that chooses the route serves for this too: none is chosen for what is dropped.
        dropped = attempts.chances[Chance.ROUTE] < conditions.dropped[attempts.demand]
        self.score += declined(attempts.where(dropped & ~attempts.hostile))
        return attempts.where(~dropped), unmoved[~dropped]

    def _come_back(self, attempts: Attempts, outcomes: Outcomes, conditions: Conditions) -> Flags:
        """Mark the attempts whose payment will be tried again, and remember those."""
        leaf, luck = outcomes.leaf, attempts.chances
        again = ~outcomes.succeeded & ~outcomes.pending & ~attempts.hostile
        again &= _RETRIABLE[outcomes.code]
        again &= attempts.number < conditions.max_attempts.take(leaf)
        rows = np.flatnonzero(again)
        delay_s, willing = self._waits(leaf[rows], luck[Chance.DELAY][rows], conditions)
        stays = luck[Chance.RETRY][rows] < conditions.retry_share.take(leaf[rows]) * willing
        again[rows] = stays
        delay_s = delay_s[stays]
        ticks = np.maximum(1, np.ceil(delay_s / self.topology.config.tick_s)).astype(np.int64)
        self.repeats.add(self.tick + ticks, attempts, rows[stays])
        return again

    def _waits(self, leaf: Ints, luck: Floats, conditions: Conditions) -> tuple[Floats, Floats]:
        """Give the wait of each before it comes back, in s, and the share that is willing to: (attempts,)."""
        first, last = conditions.retry_from_s.take(leaf), conditions.retry_to_s.take(leaf)
        delay_s = first + (last - first) * luck
        soonest_s, latest_s = self.topology.config.retry_after_s
        longer_s = np.maximum(0.0, delay_s - (soonest_s + (latest_s - soonest_s) * luck))
        return delay_s, np.exp(-longer_s / self.topology.config.patience_s)


def season(at: datetime, topology: Topology) -> float:
    """Give the volume at an instant as a share of the busiest hour's."""
    config = topology.config
    hour = at.hour + at.minute / 60 + at.second / 3600
    return 1.0 - config.season_depth * (1.0 - cos(2 * pi * (hour - config.busiest_hour) / 24)) / 2
