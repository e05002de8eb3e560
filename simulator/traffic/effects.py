"""What faults do, as data: each effect changes the conditions on one scope, for a time, at a strength."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from payments.segment import Segment
from simulator.traffic.arrays import Floats
from simulator.traffic.conditions import Conditions, Hazard, Rename, Throttle
from simulator.traffic.declines import CODES, code_shares
from simulator.traffic.topology import Topology

_MOMENTS = 10
"""Looks per increment, so that an onset within one counts for the part that is left."""


@dataclass(frozen=True, kw_only=True)
class Effect(ABC):
    """One change of the conditions, which holds for a time and at a strength."""

    from_s: float = 0.0
    """Times count from the onset."""
    until_s: float = math.inf
    rise_s: float = 0.0
    """Until it has its full strength."""
    period_s: float = math.inf
    """Of an effect that comes and goes."""
    on_share: float = 1.0
    """Of each period, from its start."""
    strength: float = 1.0
    """Factor on what the effect does."""

    def level(self, since_onset_s: float, for_s: float) -> float:
        """Give the mean strength over a stretch of time that begins so long after the onset."""
        moments = ((k + 0.5) / _MOMENTS * for_s + since_onset_s for k in range(_MOMENTS))
        return sum(map(self._at, moments)) / _MOMENTS

    @abstractmethod
    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Change the conditions in place, as strongly as the level says; 1 is as described."""

    def _at(self, since_onset_s: float) -> float:
        if not self.from_s <= since_onset_s < self.until_s:
            return 0.0
        since_s = since_onset_s - self.from_s
        if math.isfinite(self.period_s) and since_s % self.period_s >= self.on_share * self.period_s:
            return 0.0
        return self.strength * min(1.0, since_s / self.rise_s if self.rise_s else 1.0)


def _grown(factor: float, level: float) -> float:
    """Give the factor that is left of a factor at a level."""
    return max(0.0, 1.0 + (factor - 1.0) * level)


def _mixed(usual: Floats, aim: float, level: float) -> Floats:
    """Go from the usual values towards an aim, not beyond."""
    return usual + (aim - usual) * min(1.0, level)


@dataclass(frozen=True)
class Fails(Effect):
    """A share of the scope's attempts fails with these codes."""

    scope: Segment
    share: float
    codes: Mapping[str, float]
    latency_ms: float | None
    """Median; None when the failures take as long as other attempts."""
    at_door: bool = False
    """Fails before the route has any work with it, so it costs no capacity."""
    moved_only: bool = False
    """Spares the attempts that would take the route if nobody moved any."""

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Add the hazard."""
        chance = np.where(topology.leaves(self.scope).ravel(), min(1.0, self.share * level), 0.0)
        hazards = conditions.at_door if self.at_door else conditions.inside
        hazards.append(Hazard(chance, code_shares(self.codes), self.latency_ms, self.moved_only))


@dataclass(frozen=True)
class Throttles(Effect):
    """Attempts of the scope above a multiple of its usual payments are refused, more than proportionally."""

    scope: Segment
    limit: float
    codes: Mapping[str, float]
    latency_ms: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Add the throttle; a level below 1 leaves more room."""
        limit_per_s = self.limit / level * topology.per_s(self.scope)
        inside = topology.leaves(self.scope).ravel()
        conditions.throttles.append(Throttle(inside, limit_per_s, code_shares(self.codes), self.latency_ms))


@dataclass(frozen=True)
class Slows(Effect):
    """Attempts of the scope take longer by a factor."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Multiply the latency."""
        conditions.slow[topology.leaves(self.scope)] *= _grown(self.factor, level)


@dataclass(frozen=True)
class CutsOff(Effect):
    """Attempts of the scope that take longer than a limit are given up: they time out."""

    scope: Segment
    limit_ms: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Set the limit, at any level above 0."""
        conditions.limit_ms[topology.leaves(self.scope)] = self.limit_ms


@dataclass(frozen=True)
class Hides(Effect):
    """A share of the scope's successes is not reported: they stay pending."""

    scope: Segment
    share: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Hide the successes."""
        conditions.unreported[topology.leaves(self.scope)] = min(1.0, self.share * level)


@dataclass(frozen=True)
class Surges(Effect):
    """Payments of the scope come more often by a factor."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Multiply the volume."""
        conditions.volume[topology.demand(self.scope)] *= _grown(self.factor, level)


@dataclass(frozen=True)
class Provisions(Effect):
    """Every route has been given more capacity by a factor."""

    factor: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Multiply the capacity."""
        conditions.capacity *= _grown(self.factor, level)


@dataclass(frozen=True)
class Attacks(Effect):
    """Fraudsters try cards in the scope, as many times as it has payments on an ordinary day."""

    scope: Segment
    factor: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Add the hostile payments."""
        demand = topology.demand(self.scope)
        conditions.hostile_per_s[demand] += self.factor * level * topology.payments_per_s[demand]


@dataclass(frozen=True)
class Retries(Effect):
    """Failed payments of the scope are tried again more often and sooner."""

    scope: Segment
    share: float
    max_attempts: int
    after_s: tuple[float, float]

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Set the retry habits."""
        leaves, (first_s, last_s) = topology.leaves(self.scope), self.after_s
        for column, aim in (
            (conditions.retry_share, self.share),
            (conditions.max_attempts, self.max_attempts),
            (conditions.retry_from_s, first_s),
            (conditions.retry_to_s, last_s),
        ):
            column[leaves] = _mixed(column[leaves], aim, level)


@dataclass(frozen=True)
class Moves(Effect):
    """A share of the scope's payments goes to one route, wherever it went before."""

    scope: Segment
    to: str
    share: float

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Move the routing shares."""
        demand = topology.demand(self.scope)
        target = np.array([route == self.to for route in topology.routes], dtype=np.float64)
        share = min(1.0, self.share * level)
        conditions.shares[demand] = (1.0 - share) * conditions.shares[demand] + share * target


@dataclass(frozen=True)
class Renames(Effect):
    """A share of the failures with one code comes under other codes."""

    code: str
    share: float
    to: Mapping[str, float]

    def change(self, conditions: Conditions, topology: Topology, level: float) -> None:
        """Add the renaming."""
        share = min(1.0, self.share * level)
        conditions.renames.append(Rename(CODES.index(self.code), share, code_shares(self.to)))
