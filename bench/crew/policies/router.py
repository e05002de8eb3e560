"""A payment orchestrator: it counts outcomes by dimension and route, and chooses a route for each payment."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bench.crew.policies.allocation import allocate, limits_per_s
from bench.crew.policies.backups import LOAD_LIMIT
from bench.crew.policies.choices import Choice
from bench.crew.policies.dimensions import Groups, Tally
from bench.crew.policies.policy import Move, Seen
from payments.route import Route
from simulator.traffic.arrays import Flags, Floats
from simulator.traffic.detours import Routing

_FLOW_KEPT = 0.9
"""Of the flow known before, at each tick: a memory of some ten ticks."""


class Memory(Protocol):
    """Keeps the outcomes that the choice is made by."""

    def add(self, tally: Tally) -> None:
        """Take in a tick."""
        ...

    @property
    def tally(self) -> Tally:
        """What is counted now."""
        ...


@dataclass
class Router:
    """Sends payments where the choice says, as far as there is room; the rest goes where it always went."""

    name: str
    usual: Floats
    """The configured shares, (demands, routes)."""
    groups: Groups
    memory: Memory
    choice: Choice
    anchored: bool = False
    """Whether the choice weighs the configured shares, instead of taking their place."""
    load_limit: float = LOAD_LIMIT
    _flow: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start without knowing the flow of any demand."""
        self._flow = np.zeros(len(self.usual))

    def decide(self, seen: Seen) -> Move:
        """Count the outcomes and place what will come next."""
        window = seen.window
        self.memory.add(Tally.of(window, self.groups))
        came = window.attempts.reshape(self.usual.shape).sum(axis=1) / window.duration_s
        self._flow = _FLOW_KEPT * self._flow + (1.0 - _FLOW_KEPT) * came
        most_per_s = np.array([_most_per_s(route, self.load_limit) for route in seen.routes])
        placed = allocate(self._flow, self._prefer, most_per_s)
        wanted = placed + (1.0 - placed.sum(axis=1, keepdims=True)) * self.usual
        return Move(routing=Routing(wanted, limits_per_s(self._flow, self.usual, wanted, most_per_s)))

    def _prefer(self, open_routes: Flags) -> Floats:
        weights = self.choice(self.memory.tally, open_routes)[self.groups.of_demand]
        if not self.anchored:
            return weights
        kept = weights * self.usual
        shares: Floats = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12)
        return shares


def _most_per_s(route: Route, load_limit: float) -> float:
    return np.inf if route.capacity_per_s is None else load_limit * route.capacity_per_s
