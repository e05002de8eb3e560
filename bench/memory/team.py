"""A team whose faults recur: the same world every day, and habits of its own in what goes wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import exp, log

import numpy as np

from payments.segment import Segment
from simulator.traffic.config import WorldConfig
from simulator.traffic.drawn import draw_fault
from simulator.traffic.drawn_world import draw_world
from simulator.traffic.families import FAMILIES
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Backup, Scenario
from simulator.traffic.stage import Stage
from simulator.traffic.topology import Topology

_OF_ROUTES = ("psp_outage", "psp_issuer_link", "expired_cert", "psp_brownout", "low_volume_link")
_OF_OTHERS = ("issuer_outage", "method_outage", "card_network_outage", "acs_outage")
_ROUTE_HABITS, _OTHER_HABITS = 3, 1
_BROKEN_SHARE = 0.5
"""Of the habits that are met by moving payments: a broken way round stays broken while nobody needs it."""
_PER_S = (20.0, 120.0)
"""Payments a second of a team at its busiest hour."""
_LEAST_PER_S, _LOW_PER_S = 0.5, 2.0
"""Payments a second that a habit strikes: enough to be found; and at most so many at low volume."""
_PATIENCE_S = 120.0
_HISTORY_TICKS = 150
_ONSET_S, _LASTS_S = (30.0, 60.0), (420.0, 900.0)
APART = timedelta(hours=19)
"""Between two incidents of a team."""
_TEAM, _DAY = 201, 202
"""Streams of random numbers, beside the simulator's."""


@dataclass(frozen=True)
class _Known(Backup):
    """The one other route that is broken for what this habit moves, each time."""

    name: str = ""

    def route(self, culprit: Segment, topology: Topology, rng: np.random.Generator) -> str | None:
        """Give it."""
        return self.name


@dataclass(frozen=True)
class Habit:
    """What goes wrong at a team again and again."""

    cause: str
    culprit: Segment
    backup: _Known | None = field(hash=False)
    """The broken way round, if there is one."""

    @property
    def on_route(self) -> bool:
        """Whether it is met by moving payments to other routes."""
        return self.culprit.role("route") is not None

    @property
    def kind(self) -> str:
        """What its incidents are reported under."""
        return "broken_backup" if self.backup else self.cause


@dataclass(frozen=True)
class Day:
    """One incident of a team."""

    number: int
    habit: Habit
    scenario: Scenario
    team_seed: int
    luck: int
    """Seed of the customers and outcomes, another each day."""

    def ticks(self, after_s: float) -> int:
        """Give the increments of the live time, so long beyond the end of the fault."""
        played = self.scenario
        return round((played.onset_s + played.duration_s + after_s) / played.world.tick_s)


@dataclass(frozen=True)
class Team:
    """A world that stays, and what tends to go wrong in it."""

    seed: int
    world: WorldConfig
    habits: tuple[Habit, ...]

    def habit(self, rng: np.random.Generator) -> Habit:
        """Draw what goes wrong: the n-th habit n times as rarely as the first."""
        weights = 1.0 / np.arange(1, len(self.habits) + 1)
        return self.habits[int(rng.choice(len(self.habits), p=weights / weights.sum()))]

    def day(self, number: int) -> Day:
        """Draw the incident of a number: which habit, how badly, how long, at which hour."""
        rng = np.random.default_rng((self.seed, _DAY, number))
        habit = self.habit(rng)
        onset_s = float(rng.uniform(*_ONSET_S))
        fault = draw_fault(scenario(habit.cause), FAMILIES[habit.cause], rng, onset_s)
        start = self.world.start + number * APART + timedelta(minutes=float(rng.uniform(0.0, 300.0)))
        played = replace(
            fault,
            culprits=_Always(habit.culprit),
            kind=habit.kind,
            duration_s=float(rng.uniform(*_LASTS_S)),
            backup=habit.backup,
            planned=None,
            world=replace(self.world, start=start),
        )
        return Day(number, habit, played, self.seed, int(rng.integers(2**31)))


@dataclass(frozen=True)
class _Always:
    """The same culprit every time."""

    culprit: Segment

    def __call__(self, topology: Topology) -> Sequence[Segment]:
        """Give it as the only candidate."""
        return (self.culprit,)


def team(seed: int) -> Team:
    """Draw a team: its world, and its habits from the most to the least frequent."""
    rng = np.random.default_rng((seed, _TEAM))
    world = replace(
        draw_world(rng),
        payments_per_s=exp(rng.uniform(log(_PER_S[0]), log(_PER_S[1]))),
        history_ticks=_HISTORY_TICKS,
        patience_s=_PATIENCE_S,
    )
    topology = Stage(scenario("quiet"), seed, world).topology
    routes = [
        _habit(str(kind), topology, rng) for kind in rng.choice(_OF_ROUTES, _ROUTE_HABITS, replace=False)
    ]
    others = [
        _habit(str(kind), topology, rng) for kind in rng.choice(_OF_OTHERS, _OTHER_HABITS, replace=False)
    ]
    habits = [*routes, *others]
    return Team(seed, world, tuple(habits[place] for place in rng.permutation(len(habits))))


def _habit(kind: str, topology: Topology, rng: np.random.Generator) -> Habit:
    cause = "psp_issuer_link" if kind == "low_volume_link" else kind
    candidates = FAMILIES[cause].candidates or scenario(cause).culprits
    every = [one for one in candidates(topology) if topology.per_s(one) >= _LEAST_PER_S]
    low = [one for one in every if topology.per_s(one) <= _LOW_PER_S] if kind == "low_volume_link" else []
    fit = low or every or list(candidates(topology))
    culprit = fit[int(rng.integers(len(fit)))]
    broken = kind in _OF_ROUTES and rng.random() < _BROKEN_SHARE
    return Habit(cause, culprit, _backup(culprit, topology, rng) if broken else None)


def _backup(culprit: Segment, topology: Topology, rng: np.random.Generator) -> _Known:
    """Let one of the other routes refuse at once what is moved onto it, or not answer."""
    others = [name for name in topology.routes if name != culprit.role("route")]
    refuses = bool(rng.random() < 0.5)  # noqa: PLR2004 - as often as not
    return _Known(
        share=float(rng.uniform(0.85, 1.0)),
        codes={"03": 0.6, "58": 0.4} if refuses else {"timeout": 0.7, "http_5xx": 0.3},
        latency_ms=70.0 if refuses else 8_000.0,
        at_door=refuses,
        name=others[int(rng.integers(len(others)))],
    )
