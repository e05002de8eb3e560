"""What holds in the world at one moment: the usual rates as faults and actions have changed them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np

from simulator.traffic.arrays import Flags, Floats, Ints, cumulative
from simulator.traffic.detours import Detour
from simulator.traffic.topology import Topology


@dataclass(frozen=True)
class Hazard:
    """Attempts fail in one particular way, beside the ordinary failures."""

    chance: Floats
    """Of one attempt, (leaves,)."""
    code_shares: Floats
    """Cumulative distribution over the codes, (codes,)."""
    latency_ms: float | None
    """Median of the attempts that fail this way; None when they take as long as others."""
    moved_only: bool = False
    """Spares the attempts that would take the route if nobody moved any."""


@dataclass(frozen=True)
class Throttle:
    """Refuses attempts of some leaves above a rate, the more of them the further above."""

    inside: Flags
    """(leaves,)."""
    limit_per_s: float
    code_shares: Floats
    latency_ms: float

    def hazard(self, attempts: Ints, seconds: float) -> Hazard:
        """Give the chance of refusal for this many attempts by leaf, (leaves,).

        What is served falls with the square of the overload: time goes into attempts that nobody waits
        for any more, which is what lets a storm of retries feed itself.
        """
        overload = float(attempts[self.inside].sum()) / (self.limit_per_s * seconds)
        refused = 0.0 if overload <= 1.0 else 1.0 - overload**-2
        return Hazard(np.where(self.inside, refused, 0.0), self.code_shares, self.latency_ms)


@dataclass(frozen=True)
class Rename:
    """A share of the failures with one code is reported under others."""

    code: int
    share: float
    code_shares: Floats


@dataclass
class Conditions:
    """Arrays that start at the usual rates; faults and actions change them in place, then they stay."""

    volume: Floats
    """Factor on the payments of each demand, (demands,)."""
    hostile_per_s: Floats
    """Payments of fraudsters, (demands,)."""
    shares: Floats
    """(demands, routes)."""
    dropped: Floats
    """Share of each demand that is declined before any attempt, (demands,)."""
    closed: Flags
    """Routes that a demand may not be moved to, (demands, routes)."""
    slow: Floats
    """Factor on latency, (demands, routes)."""
    limit_ms: Floats
    """Attempts that take longer time out, (demands, routes); infinite on an ordinary day."""
    unreported: Floats
    """Share of the successes that nobody hears of, (demands, routes)."""
    capacity: Floats
    """Factor on each route's capacity, (routes,)."""
    retry_share: Floats
    max_attempts: Floats
    retry_from_s: Floats
    retry_to_s: Floats
    """The four retry columns: (demands, routes)."""
    at_door: list[Hazard] = field(default_factory=list)
    """Strike before the route has any work with the attempt."""
    inside: list[Hazard] = field(default_factory=list)
    throttles: list[Throttle] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    detours: list[Detour] = field(default_factory=list)
    """What the crew moves, the oldest first."""
    untouched: Floats | None = None
    """Shares that hold when nobody intervenes, (demands, routes); None when these are `shares`."""

    @classmethod
    def usual(cls, topology: Topology) -> Self:
        """Start from an ordinary day."""
        config, shape = topology.config, topology.shares.shape
        return cls(
            volume=np.ones(topology.demands),
            hostile_per_s=np.zeros(topology.demands),
            shares=topology.shares.copy(),
            dropped=np.zeros(topology.demands),
            closed=np.zeros(shape, dtype=np.bool_),
            slow=np.ones(shape),
            limit_ms=np.full(shape, np.inf),
            unreported=np.zeros(shape),
            capacity=np.ones(shape[1]),
            retry_share=np.full(shape, config.retry_share),
            max_attempts=np.full(shape, float(config.max_attempts)),
            retry_from_s=np.full(shape, config.retry_after_s[0]),
            retry_to_s=np.full(shape, config.retry_after_s[1]),
        )

    @cached_property
    def edges(self) -> Floats:
        """Cumulative distribution of the shares over the routes, (demands, routes); once they are settled."""
        return cumulative(self.shares)

    @cached_property
    def untouched_edges(self) -> Floats:
        """The same when nobody intervenes."""
        return self.edges if self.untouched is None else cumulative(self.untouched)
