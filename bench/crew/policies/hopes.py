"""The chance that one attempt succeeds on each path while a fault holds, as only an oracle knows it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from simulator.traffic.arrays import Floats
from simulator.traffic.conditions import Conditions
from simulator.traffic.effects import Effect
from simulator.traffic.outcomes import LATENCY_SIGMA
from simulator.traffic.topology import Topology

Held = tuple[tuple[Effect, float], ...]
"""Effects with their strengths."""


@dataclass(frozen=True)
class Hopes:
    """Chances of success, no route overloaded: (demands, routes)."""

    staying: Floats
    """Of a payment that nobody moves."""
    moved: Floats
    """Of a payment that was moved there."""
    shares: Floats
    """Of each demand on each route when nobody moves any."""

    @classmethod
    def under(cls, held: Held, topology: Topology) -> "Hopes":
        """Work them out for what holds at one moment."""
        conditions = Conditions.usual(topology)
        for effect, level in held:
            effect.change(conditions, topology, level)
        answered = _in_time(conditions, topology) * topology.success
        staying, moved = answered.copy(), answered
        for hazard in (*conditions.at_door, *conditions.inside):
            moved = moved * (1.0 - hazard.chance)
            staying = staying * (1.0 if hazard.moved_only else 1.0 - hazard.chance)
        shape = topology.shares.shape
        return cls(staying.reshape(shape), moved.reshape(shape), conditions.shares)


def _in_time(conditions: Conditions, topology: Topology) -> Floats:
    """Give the share of the attempts that answer before their limit: (leaves,)."""
    median_ms = topology.latency_ms * conditions.slow.ravel()
    with np.errstate(divide="ignore"):
        spare = np.log(conditions.limit_ms.ravel() / median_ms)
    shares: Floats = ndtr(spare / LATENCY_SIGMA)
    return shares
