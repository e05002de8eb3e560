"""The world itself: each step plays one tick under the conditions given and publishes its counts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, pi

import numpy as np

from payments.window import LATENCY_BINS, Window, latency_bin
from simulator.traffic.arrays import Flags, Floats, Ints
from simulator.traffic.attempts import Attempts, Chance, Repeats, customers, fraudsters
from simulator.traffic.conditions import Conditions
from simulator.traffic.declines import CODES, retriable
from simulator.traffic.outcomes import Outcomes, decide
from simulator.traffic.topology import Topology

_RETRIABLE = retriable()
_CUSTOMERS, _FRAUDSTERS, _REPEATS, _CELLS = range(1, 5)
"""Streams of random numbers, so that more of the one does not shift the others."""


@dataclass
class Score:
    """What finally became of customers' payments; fraudsters' do not count."""

    succeeded: int = 0
    failed: int = 0

    @property
    def success_rate(self) -> float:
        """Share of the decided payments that went through in the end."""
        return self.succeeded / max(1, self.succeeded + self.failed)


@dataclass
class World:
    """Plays tick after tick; carries over the payments that will be tried again and the routes' load."""

    topology: Topology
    seed: int
    tick: int = 0
    """Counts from the start of the history."""
    repeats: Repeats = field(default_factory=Repeats)
    score: Score = field(default_factory=Score)

    def __post_init__(self) -> None:
        """Start with idle routes."""
        self._pressure: Floats = np.zeros(len(self.topology.routes))

    @property
    def now(self) -> datetime:
        """Start of the next tick."""
        config = self.topology.config
        return config.start + timedelta(seconds=(self.tick - config.history_ticks) * config.tick_s)

    def step(self, conditions: Conditions) -> tuple[Window, Ints]:
        """Play one tick; gives its counts and the attempts that each route had work with, (routes,)."""
        attempts = self._offered(conditions)
        outcomes = decide(
            attempts, conditions, self.topology, self._pressure, self._rng(_CELLS), tick=self.tick
        )
        self._pressure = outcomes.pressure
        again = self._come_back(attempts, outcomes, conditions)
        self._count(attempts, outcomes, again)
        window = _publish(attempts, outcomes, self.topology, self.now)
        self.tick += 1
        return window, outcomes.load

    def _rng(self, stream: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, self.tick, stream))

    def _offered(self, conditions: Conditions) -> Attempts:
        """Gather the attempts of the tick, without what is declined before any attempt."""
        rng = self._rng(_CUSTOMERS)
        attempts = customers(self.topology, conditions, season(self.now, self.topology), rng).joined(
            fraudsters(self.topology, conditions, self._rng(_FRAUDSTERS)),
            self.repeats.pop(self.tick, self._rng(_REPEATS)),
        )
        if not conditions.dropped.any():
            return attempts
        # The number that chooses the route serves for this too: none is chosen for what is dropped.
        dropped = attempts.chances[Chance.ROUTE] < conditions.dropped[attempts.demand]
        self.score.failed += int((dropped & ~attempts.hostile).sum())
        return attempts.where(~dropped)

    def _come_back(self, attempts: Attempts, outcomes: Outcomes, conditions: Conditions) -> Flags:
        """Mark the attempts whose payment will be tried again, and remember those."""
        leaf, luck = outcomes.leaf, attempts.chances
        again = ~outcomes.succeeded & ~outcomes.pending & ~attempts.hostile
        again &= _RETRIABLE[outcomes.code]
        again &= attempts.number < conditions.max_attempts.ravel()[leaf]
        again &= luck[Chance.RETRY] < conditions.retry_share.ravel()[leaf]
        chosen = leaf[again]
        first, last = conditions.retry_from_s.ravel()[chosen], conditions.retry_to_s.ravel()[chosen]
        delay_s = first + (last - first) * luck[Chance.DELAY][again]
        ticks = np.maximum(1, np.ceil(delay_s / self.topology.config.tick_s)).astype(np.int64)
        self.repeats.add(self.tick + ticks, attempts.where(again))
        return again

    def _count(self, attempts: Attempts, outcomes: Outcomes, again: Flags) -> None:
        final = ~attempts.hostile & ~again
        self.score.succeeded += int((final & outcomes.succeeded).sum())
        self.score.failed += int((final & ~outcomes.succeeded).sum())


def season(at: datetime, topology: Topology) -> float:
    """Give the volume at an instant as a share of the busiest hour's."""
    config = topology.config
    hour = at.hour + at.minute / 60 + at.second / 3600
    return 1.0 - config.season_depth * (1.0 - cos(2 * pi * (hour - config.busiest_hour) / 24)) / 2


def _publish(attempts: Attempts, outcomes: Outcomes, topology: Topology, start: datetime) -> Window:
    cells, codes = len(topology.cells), len(CODES)
    leaf, pending = outcomes.leaf, outcomes.pending
    failed = ~outcomes.succeeded & ~pending
    place = leaf * LATENCY_BINS + latency_bin(outcomes.latency_ms)
    return Window(
        start=start,
        duration_s=topology.config.tick_s,
        cells=topology.cells,
        attempts=_tally(leaf, cells),
        successes=_tally(leaf[outcomes.succeeded & ~pending], cells),
        pending=_tally(leaf[pending], cells),
        payments=_tally(leaf[attempts.number == 1], cells),
        codes=CODES,
        failures_by_code=_tally(leaf[failed] * codes + outcomes.code[failed], cells * codes).reshape(
            cells, codes
        ),
        latency=_tally(place, cells * LATENCY_BINS).reshape(cells, LATENCY_BINS),
        amount_minor=_tally(leaf, cells, attempts.amount_minor),
        currency=topology.config.currency,
    )


def _tally(rows: Ints, size: int, weights: Ints | None = None) -> Ints:
    return np.bincount(rows, weights, minlength=size).astype(np.int64, copy=False)
