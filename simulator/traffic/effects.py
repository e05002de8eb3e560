"""What faults do, as data: each effect changes the conditions on one scope for some time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from payments.segment import Segment
from simulator.traffic.conditions import Conditions, Hazard, Rename, Throttle
from simulator.traffic.declines import CODES, code_shares
from simulator.traffic.topology import Topology


@dataclass(frozen=True, kw_only=True)
class Span:
    """When an effect holds, in seconds after the onset of its fault."""

    from_s: float = 0.0
    until_s: float = math.inf

    def holds(self, since_onset_s: float) -> bool:
        """Say whether the effect holds this long after the onset."""
        return self.from_s <= since_onset_s < self.until_s


class Effect(Protocol):
    """One change of the conditions."""

    def holds(self, since_onset_s: float) -> bool:
        """Say whether the effect holds this long after the onset."""

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Change the conditions in place."""


@dataclass(frozen=True)
class Fails(Span):
    """A share of the scope's attempts fails with these codes."""

    scope: Segment
    share: float
    codes: Mapping[str, float]
    latency_ms: float
    at_door: bool = False
    """Fails before the route has any work with it, so it costs no capacity."""

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Add the hazard."""
        chance = np.where(topology.leaves(self.scope).ravel(), self.share, 0.0)
        hazards = conditions.at_door if self.at_door else conditions.inside
        hazards.append(Hazard(chance, code_shares(self.codes), self.latency_ms))


@dataclass(frozen=True)
class Throttles(Span):
    """Attempts of the scope above a multiple of its usual payments are refused, more than proportionally."""

    scope: Segment
    limit: float
    codes: Mapping[str, float]
    latency_ms: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Add the throttle."""
        limit_per_s = self.limit * topology.per_s(self.scope)
        inside = topology.leaves(self.scope).ravel()
        conditions.throttles.append(Throttle(inside, limit_per_s, code_shares(self.codes), self.latency_ms))


@dataclass(frozen=True)
class Slows(Span):
    """Attempts of the scope take longer by a factor."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Multiply the latency."""
        conditions.slow[topology.leaves(self.scope)] *= self.factor


@dataclass(frozen=True)
class Hides(Span):
    """A share of the scope's successes is not reported: they stay pending."""

    scope: Segment
    share: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Hide the successes."""
        conditions.unreported[topology.leaves(self.scope)] = self.share


@dataclass(frozen=True)
class Surges(Span):
    """Payments of the scope come more often by a factor."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Multiply the volume."""
        conditions.volume[topology.demand(self.scope)] *= self.factor


@dataclass(frozen=True)
class Provisions(Span):
    """Every route has been given more capacity by a factor."""

    factor: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Multiply the capacity."""
        conditions.capacity *= self.factor


@dataclass(frozen=True)
class Attacks(Span):
    """Fraudsters try cards in the scope, as many times as it has payments on an ordinary day."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Add the hostile payments."""
        demand = topology.demand(self.scope)
        conditions.hostile_per_s[demand] += self.factor * topology.payments_per_s[demand]


@dataclass(frozen=True)
class Retries(Span):
    """Failed payments of the scope are tried again more often and sooner."""

    scope: Segment
    share: float
    max_attempts: int
    after_s: tuple[float, float]

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Set the retry habits."""
        leaves = topology.leaves(self.scope)
        conditions.retry_share[leaves] = self.share
        conditions.max_attempts[leaves] = self.max_attempts
        conditions.retry_from_s[leaves], conditions.retry_to_s[leaves] = self.after_s


@dataclass(frozen=True)
class Moves(Span):
    """A share of the scope's payments goes to one route, wherever it went before."""

    scope: Segment
    to: str
    share: float

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Move the routing shares."""
        demand = topology.demand(self.scope)
        target = np.array([route == self.to for route in topology.routes], dtype=np.float64)
        conditions.shares[demand] = (1.0 - self.share) * conditions.shares[demand] + self.share * target


@dataclass(frozen=True)
class Renames(Span):
    """A share of the failures with one code comes under other codes."""

    code: str
    share: float
    to: Mapping[str, float]

    def change(self, conditions: Conditions, topology: Topology) -> None:
        """Add the renaming."""
        conditions.renames.append(Rename(CODES.index(self.code), self.share, code_shares(self.to)))
