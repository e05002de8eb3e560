"""A scenario on stage: the world, what is really wrong in it, and nobody's switches."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from payments.action import Action
from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.arrays import Flags, Floats, Ints
from simulator.traffic.conditions import Conditions
from simulator.traffic.config import WorldConfig
from simulator.traffic.detours import Routing
from simulator.traffic.effects import Effect
from simulator.traffic.faults import Fault, Scenario, scenario
from simulator.traffic.interventions import intervene
from simulator.traffic.reports import Post
from simulator.traffic.score import Score
from simulator.traffic.topology import Topology, draw_topology
from simulator.traffic.world import World

Held = tuple[tuple[Effect, float], ...]
"""Effects with their strengths."""

_RECENT_S = 60.0
_TOPOLOGY, _FAULT, _POST = 101, 102, 103
"""Streams of random numbers beside those of the ticks."""


class Stage:
    """One scenario played with one seed; the same interventions give the same windows.

    Whoever plays says in each step which actions are in force and how payments are routed: nothing expires
    by itself, nothing is written anywhere.
    """

    def __init__(self, played: str | Scenario, seed: int, config: WorldConfig | None = None) -> None:
        """Draw the world and the fault of a scenario, or of the one of a name.

        Raises:
            NotFoundError: there is no scenario of this name.
        """
        chosen = played if isinstance(played, Scenario) else scenario(played)
        topology = draw_topology(config or chosen.world, np.random.default_rng((seed, _TOPOLOGY)))
        self.topology = topology
        """The usual rates of this world."""
        self.truth: Fault = chosen.draw(topology, np.random.default_rng((seed, _FAULT)))
        """What is really wrong; for tests and measurements, never for the crew."""
        self._world = World(topology, seed, struck=_struck(self.truth, topology))
        self._climate = _Climate(topology)
        self._post = Post(topology.config.late, self.tick_s, np.random.default_rng((seed, _POST)))
        self._recent = _Recent(topology, deque(maxlen=max(1, round(_RECENT_S / topology.config.tick_s))))

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self.topology.config.tick_s

    @property
    def score(self) -> Score:
        """What finally became of the payments so far, the history included."""
        return self._world.score

    @property
    def now(self) -> datetime:
        """The world's clock: the end of the last increment."""
        return self._world.now

    def history(self) -> Iterable[Window]:
        """Play the quiet past and give its increments, oldest first; what was given is not given again."""
        while self._world.tick < self.topology.config.history_ticks:
            yield self._play((), (), None)

    def step(self, actions: tuple[Action, ...] = (), routing: Routing | None = None) -> Window:
        """Play until the next increment comes in; past ones not asked for are played and dropped first.

        Each step gives one increment. Where reports come late, it may be older than the last one.

        Args:
            actions: in force during the increment, the oldest first; the first of several reroutes that could
                move an attempt moves it.
            routing: what a per-payment router wants, after the actions.
        """
        for _ in self.history():
            pass
        owed = self._post.due()
        if owed is not None:
            return owed
        window = self._live(actions, routing)
        if self._post.holds_back(window):
            window = self._live(actions, routing)
        self._post.delivered()
        return window

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give every route with its load and success over the last minute; all carry everything."""
        methods = tuple(dict.fromkeys(method for method, _, _ in self.topology.config.combos))
        return tuple(self._route(row, methods) for row in range(len(self.topology.routes)))

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force at an instant."""
        planned = self.truth.planned
        return (planned,) if planned is not None and planned.start <= at < planned.end else ()

    def _live(self, actions: tuple[Action, ...], routing: Routing | None) -> Window:
        return self._play(self.truth.active(self.now, self.tick_s), actions, routing)

    def _play(self, effects: Held, actions: tuple[Action, ...], routing: Routing | None) -> Window:
        window, load = self._world.step(self._climate.under(effects, actions), routing)
        self._recent.add(window, load)
        return window

    def _route(self, row: int, methods: tuple[str, ...]) -> Route:
        attempts, successes, load = self._recent.totals()[:, row].tolist()
        return Route(
            name=self.topology.routes[row],
            capacity_per_s=float(self._climate.latest.capacity[row] * self.topology.capacity_per_s[row]),
            load_per_s=load / self._recent.seconds,
            success_rate=successes / attempts if attempts else None,
            fee_bps=float(self.topology.fee_bps[row]),
            methods=methods,
            currencies=(self.topology.config.currency,),
            countries=tuple(dict.fromkeys(self.topology.config.countries)),
        )


def _struck(truth: Fault, topology: Topology) -> Flags | None:
    """Mark the leaves that a fault strikes, (demands, routes); None when nothing is wrong."""
    faults = [fault for fault in (truth, *truth.parts) if fault.effects]
    marks = [topology.leaves(fault.culprit) for fault in faults]
    return np.logical_or.reduce(marks) if marks else None


class _Climate:
    """Works the conditions out anew only when the effects or actions in force have changed."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._key: tuple[Held, tuple[Action, ...]] = ((), ())
        self.latest = Conditions.usual(topology)

    def under(self, effects: Held, actions: tuple[Action, ...]) -> Conditions:
        """Give the conditions with these effects and actions in force."""
        if (effects, actions) != self._key:
            self._key = (effects, actions)
            self.latest = Conditions.usual(self._topology)
            for effect, level in effects:
                effect.change(self.latest, self._topology, level)
            self.latest.untouched = self.latest.shares.copy() if actions else None
            for action in actions:
                intervene(action, self.latest, self._topology)
        return self.latest


@dataclass(frozen=True)
class _Recent:
    """Attempts, successes and load of each route over the last minute."""

    topology: Topology
    ticks: deque[Floats]

    def add(self, window: Window, load: Ints) -> None:
        """Take in one increment."""
        by_route = [
            column.reshape(self.topology.shares.shape).sum(axis=0)
            for column in (window.attempts, window.successes)
        ]
        self.ticks.append(np.array([*by_route, load], dtype=np.float64))

    def totals(self) -> Floats:
        """Give the sums: (attempts, successes and load; routes)."""
        empty = np.zeros((3, len(self.topology.routes)))
        totals: Floats = np.sum([empty, *self.ticks], axis=0)
        return totals

    @property
    def seconds(self) -> float:
        """Length of the time summed up, at least one tick."""
        return max(1, len(self.ticks)) * self.topology.config.tick_s
