"""A policy by its name, fresh for each episode."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bench.crew.policies.choices import Eliminated, Greedy, Sampled
from bench.crew.policies.dimensions import Groups
from bench.crew.policies.fixed_rules import FixedRules
from bench.crew.policies.nothing import Nothing
from bench.crew.policies.oracle import Oracle
from bench.crew.policies.outcomes import Discounted, LastOutcomes
from bench.crew.policies.policy import Policy
from bench.crew.policies.remedies import kept
from bench.crew.policies.router import Router
from bench.crew.policies.static_threshold import StaticThreshold
from payments.errors import NotFoundError
from simulator.traffic.scenario import Fault
from simulator.traffic.topology import Topology

_PERSON = 103
"""Stream of random numbers, beside the world's."""


@dataclass(frozen=True)
class _Duty:
    """What a policy is made for."""

    topology: Topology
    truth: Fault
    seed: int


Maker = Callable[[_Duty], Policy]

_BY_ISSUER = ("issuer",)
"""What the routers count by. This and their other settings were best of those that docs/worth.md lists."""


def success_rate(
    topology: Topology,
    *,
    attributes: tuple[str, ...] = _BY_ISSUER,
    outcomes: float = 100.0,
    exploration: float = 0.05,
) -> Router:
    """Route by the success share over the last outcomes, with a little exploration."""
    groups = Groups.of(topology.cells, attributes)
    memory = LastOutcomes((groups.count, groups.routes), outcomes)
    return Router("success_rate", topology.shares, groups, memory, Greedy(exploration))


def elimination(
    topology: Topology,
    *,
    attributes: tuple[str, ...] = _BY_ISSUER,
    outcomes: float = 100.0,
    below: float = 0.8,
    probe: float = 0.05,
) -> Router:
    """Route as configured, without what has fallen below a threshold."""
    groups = Groups.of(topology.cells, attributes)
    memory = LastOutcomes((groups.count, groups.routes), outcomes)
    choice = Eliminated(below, probe, least=20.0)
    return Router("elimination", topology.shares, groups, memory, choice, anchored=True)


def thompson(
    topology: Topology,
    *,
    attributes: tuple[str, ...] = _BY_ISSUER,
    half_life_s: float = 120.0,
    prior: float = 2.0,
) -> Router:
    """Route by Thompson sampling with discounted outcomes."""
    groups = Groups.of(topology.cells, attributes)
    memory = Discounted((groups.count, groups.routes), half_life_s / topology.config.tick_s)
    return Router("thompson", topology.shares, groups, memory, Sampled(expected=0.9, prior=prior))


_MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "nothing": lambda _: Nothing(),
        "oracle": lambda on: Oracle(on.topology, on.truth, kept().remedies()),
        "clairvoyant": lambda on: Oracle(on.topology, on.truth, kept().clairvoyant(), name="clairvoyant"),
        "static_threshold": lambda on: StaticThreshold(
            np.random.default_rng((on.seed, _PERSON)), on.topology.config.start
        ),
        "fixed_rules": lambda _: FixedRules(),
        "success_rate": lambda on: success_rate(on.topology),
        "elimination": lambda on: elimination(on.topology),
        "thompson": lambda on: thompson(on.topology),
    }
)

NAMES = tuple(_MAKERS)
ALWAYS_ON = frozenset({"success_rate", "elimination", "thompson"})
"""Those that also change what happens when nothing is wrong, so that their quiet twin is owed."""


def make(name: str, topology: Topology, truth: Fault, seed: int) -> Policy:
    """Make a policy for one episode; only the oracle and the clairvoyant are told the truth.

    Raises:
        NotFoundError: there is no policy of this name.
    """
    maker = _MAKERS.get(name)
    if maker is None:
        msg = f"There is no policy {name!r}; there are {', '.join(NAMES)}."
        raise NotFoundError(msg)
    return maker(_Duty(topology, truth, seed))
