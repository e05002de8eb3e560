"""The ceilings: an oracle that knows each fault from its first second to its last, and may know more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bench.crew.policies.backups import best_first, to_backups
from bench.crew.policies.hopes import Hopes
from bench.crew.policies.informed import informed
from bench.crew.policies.policy import Move, Seen
from bench.crew.policies.remedies import Remedy, remedy_for
from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from simulator.traffic.arrays import Flags, Floats
from simulator.traffic.detours import Routing
from simulator.traffic.scenario import Fault
from simulator.traffic.topology import Topology

_MOST_ATTEMPTS = 10
_STRETCHES = 9
_NONE = 1e-9
_BROKEN_BELOW_BEST = 0.1
_FLOW_KEPT = 0.9
"""Of the flow known before, at each tick: a memory of some ten ticks."""


@dataclass
class Oracle:
    """Does about each of the faults what is known to be best for its cause, while that fault lasts."""

    topology: Topology
    truth: Fault
    remedies: Mapping[str, Remedy]
    """Cause -> what to do; nothing for a cause that is not there."""
    name: str = "oracle"
    _begun: dict[int, tuple[Action, ...]] = field(default_factory=dict)
    """Part of the fault -> its actions, fixed when it begins."""
    _flow: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start with the flow of the busiest hour."""
        self._flow = self.topology.payments_per_s.copy()

    def decide(self, seen: Seen) -> Move:
        """Give the remedies of the faults that hold in the next tick."""
        came = seen.window.attempts.reshape(self.topology.shares.shape).sum(axis=1)
        self._flow = _FLOW_KEPT * self._flow + (1.0 - _FLOW_KEPT) * came / seen.window.duration_s
        active = list(self._active(seen.now, seen.window.duration_s))
        if not active:
            return Move()
        hopes = Hopes.under(self.truth.active(seen.now, seen.window.duration_s), self.topology)
        for number, part, remedy in active:
            if number not in self._begun:
                self._begun[number] = tuple(self._actions(part, remedy, seen, hopes))
        actions = tuple(action for number, _, _ in active for action in self._begun[number])
        return Move(actions, self._routing(active, seen, hopes), said="knows it")

    def _actions(self, part: Fault, remedy: Remedy, seen: Seen, hopes: Hopes) -> Iterator[Action]:
        reroute = self._reroute(part, remedy, seen, hopes)
        yield from [reroute] if reroute else []
        if remedy.suppress:
            yield Suppress(scope=part.culprit)
        if remedy.bounds_retries:
            most = remedy.max_attempts or _MOST_ATTEMPTS
            yield AdjustRetryPolicy(scope=part.culprit, max_attempts=most, backoff_s=remedy.backoff_s)

    def _reroute(self, part: Fault, remedy: Remedy, seen: Seen, hopes: Hopes) -> Reroute | None:
        source = part.culprit.role("route")
        if source is None:
            return None
        scope, struck = part.culprit.without(*_names(part)), self.topology.leaves(part.culprit)
        if remedy.moves == "reroute":
            able = _working(hopes, struck)
            routes = [route for route, good in zip(seen.routes, able, strict=True) if good]
            return to_backups(scope, source, routes, remedy.limit, probe=0.0)
        if remedy.moves == "best_first":
            chances = self._chances(part, struck)
            moving = self._flow @ np.where(struck, hopes.shares, 0.0).sum(axis=1)
            return best_first(
                scope, source, seen.routes, chances=chances, moving_per_s=moving, load_limit=remedy.limit
            )
        return None

    def _chances(self, part: Fault, struck: Flags) -> dict[str, float]:
        """Give what part of the struck payments would succeed on each route, the mean over the fault.

        For their own route: were they left there.
        """
        stretch = (part.ends_at - part.starts_at) / _STRETCHES
        begins = [part.starts_at + stretch * number for number in range(_STRETCHES)]
        holds = [self.truth.active(at, stretch.total_seconds()) for at in begins]
        every = [Hopes.under(held, self.topology) for held in holds]
        weight = self._flow[:, None] * np.where(struck, every[0].shares, 0.0)
        moved = np.mean([weight.sum(axis=1) @ one.moved for one in every], axis=0)
        staying = np.mean([(weight * one.staying).sum(axis=0) for one in every], axis=0)
        own = weight.any(axis=0)
        chance = np.where(own, staying / np.maximum(weight.sum(axis=0), _NONE), moved / weight.sum())
        return dict(zip(self.topology.routes, chance.tolist(), strict=True))

    def _active(self, now: datetime, for_s: float) -> Iterator[tuple[int, Fault, Remedy]]:
        for number, part in enumerate(self.truth.parts or (self.truth,)):
            if part.starts_at - timedelta(seconds=for_s) < now < part.ends_at:
                yield number, part, remedy_for(part, self.remedies)

    def _routing(
        self, active: Sequence[tuple[int, Fault, Remedy]], seen: Seen, hopes: Hopes
    ) -> Routing | None:
        mine = [(part, remedy) for _, part, remedy in active if remedy.moves == "informed"]
        if not mine:
            return None
        struck = np.logical_or.reduce([self.topology.leaves(part.culprit) for part, _ in mine])
        most_per_s = min(remedy.limit for _, remedy in mine) * _capacity(seen)
        return informed(self._flow, hopes, struck, most_per_s)


def _capacity(seen: Seen) -> Floats:
    return np.array([np.inf if r.capacity_per_s is None else r.capacity_per_s for r in seen.routes])


def _names(part: Fault) -> list[str]:
    source = part.culprit.role("route")
    return [name for name in part.culprit.names() if part.culprit.get(name) == source]


def _working(hopes: Hopes, struck: Flags) -> list[bool]:
    """Say which routes serve the struck payments about as well as the best one does, once moved there."""
    chance = hopes.moved[struck.any(axis=1)].mean(axis=0)
    working: list[bool] = (chance >= chance.max() - _BROKEN_BELOW_BEST).tolist()
    return working
