"""What the crew's actions change in the world."""

from functools import singledispatch

import numpy as np

from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from payments.segment import Segment
from simulator.traffic.arrays import Flags, cumulative
from simulator.traffic.conditions import Conditions
from simulator.traffic.detours import Detour
from simulator.traffic.topology import Topology

_JITTER = 1.5
"""Repeats that wait for a back-off come back between it and this multiple of it."""


@singledispatch
def intervene(action: Action, conditions: Conditions, topology: Topology) -> None:
    """Change the conditions in place as the action says; alerts and waiting change nothing."""


@intervene.register
def _reroute(action: Reroute, conditions: Conditions, topology: Topology) -> None:
    limits = [action.limits_per_s.get(name, np.inf) for name in action.to]
    conditions.detours.append(
        Detour(
            demand=topology.demand(action.scope),
            source=topology.routes.index(action.from_route),
            share=action.share,
            targets=np.array([topology.routes.index(name) for name in action.to]),
            edges=cumulative(np.array(list(action.to.values()))),
            limits_per_s=np.array(limits),
        )
    )


@intervene.register
def _suppress(action: Suppress, conditions: Conditions, topology: Topology) -> None:
    demand, blocked = topology.demand(action.scope), _blocked(action.scope, topology)
    kept = np.where(blocked, 0.0, conditions.shares[demand])
    left = kept.sum(axis=1)
    conditions.shares[demand] = np.where(left[:, None] > 0.0, kept / np.maximum(left, 1e-12)[:, None], kept)
    conditions.closed[demand] |= blocked
    conditions.dropped[demand] = np.where(left > 0.0, conditions.dropped[demand], 1.0)


@intervene.register
def _retry_policy(action: AdjustRetryPolicy, conditions: Conditions, topology: Topology) -> None:
    leaves = topology.leaves(action.scope)
    conditions.max_attempts[leaves] = np.minimum(conditions.max_attempts[leaves], action.max_attempts)
    first = np.maximum(conditions.retry_from_s[leaves], action.backoff_s)
    conditions.retry_from_s[leaves] = first
    conditions.retry_to_s[leaves] = np.maximum(conditions.retry_to_s[leaves], action.backoff_s * _JITTER)


def _blocked(scope: Segment, topology: Topology) -> Flags:
    """Mark the routes that a suppression closes; all of them when the scope names none: (routes,)."""
    named = scope.role("route")
    return np.array([named is None or route == named for route in topology.routes])
