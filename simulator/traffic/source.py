"""A simulated scenario as a source of increments, with its routes, its calendar and its truth."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from payments.action import Action, Route
from payments.incident import Maintenance
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.arrays import Floats, Ints
from simulator.traffic.conditions import Conditions
from simulator.traffic.config import WorldConfig
from simulator.traffic.effects import Effect
from simulator.traffic.faults import Fault, Scenario, scenario
from simulator.traffic.interventions import intervene
from simulator.traffic.switchboard import Switchboard, WorldSide
from simulator.traffic.topology import Topology, draw_topology
from simulator.traffic.world import Score, World

Held = tuple[tuple[Effect, float], ...]
"""Effects with their strengths."""

_RECENT_S = 60.0
_TOPOLOGY, _FAULT = 101, 102
"""Streams of random numbers beside those of the ticks."""


class TrafficSource:
    """One scenario played with one seed; gives the same windows as long as nobody intervenes otherwise.

    Implements Source, RouteCatalog and Calendar. Its actuator is any `Switchboard` with the same path, in
    this process or another. A new source clears the switchboard.
    """

    def __init__(
        self,
        played: str | Scenario,
        seed: int,
        switchboard_path: Path,
        *,
        feed: str,
        config: WorldConfig | None = None,
    ) -> None:
        """Draw the world and the fault of a scenario, or of the one of a name.

        Raises:
            NotFoundError: there is no scenario of this name.
        """
        chosen = played if isinstance(played, Scenario) else scenario(played)
        topology = draw_topology(config or chosen.world, np.random.default_rng((seed, _TOPOLOGY)))
        self._feed, self._topology = feed, topology
        self._world = World(topology, seed)
        self._truth = chosen.draw(topology, np.random.default_rng((seed, _FAULT)))
        self._switches = WorldSide(switchboard_path, topology.routes, topology.config.start)
        self._board = Switchboard(switchboard_path)
        self._climate = _Climate(topology)
        self._recent = _Recent(topology, deque(maxlen=max(1, round(_RECENT_S / topology.config.tick_s))))

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self._feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self._topology.config.tick_s

    @property
    def truth(self) -> Fault:
        """What is really wrong; for tests and measurements, never for the crew."""
        return self._truth

    @property
    def actuator(self) -> Switchboard:
        """What carries out actions in this world."""
        return self._board

    @property
    def topology(self) -> Topology:
        """The usual rates of this world."""
        return self._topology

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
        while self._world.tick < self._topology.config.history_ticks:
            yield self._play((), ())

    def read(self) -> Window:
        """Play the next increment; past increments not asked for are played and dropped first."""
        for _ in self.history():
            pass
        now = self._world.now
        window = self._play(self._truth.active(now, self.tick_s), self._switches.in_force(now))
        self._switches.tell(window.end)
        return window

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give every route with its load and success over the last minute; all carry everything."""
        methods = tuple(dict.fromkeys(method for method, _, _ in self._topology.config.combos))
        return tuple(self._route(row, methods) for row in range(len(self._topology.routes)))

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force at an instant."""
        planned = self._truth.planned
        return (planned,) if planned is not None and planned.start <= at < planned.end else ()

    def close(self) -> None:
        """Let go of the switchboard."""
        self._switches.close()

    def _play(self, effects: Held, actions: tuple[Action, ...]) -> Window:
        window, load = self._world.step(self._climate.under(effects, actions))
        self._recent.add(window, load)
        return window

    def _route(self, row: int, methods: tuple[str, ...]) -> Route:
        attempts, successes, load = self._recent.totals()[:, row].tolist()
        return Route(
            name=self._topology.routes[row],
            capacity_per_s=float(self._climate.latest.capacity[row] * self._topology.capacity_per_s[row]),
            load_per_s=load / self._recent.seconds,
            success_rate=successes / attempts if attempts else None,
            fee_bps=float(self._topology.fee_bps[row]),
            methods=methods,
            currencies=(self._topology.config.currency,),
            countries=tuple(dict.fromkeys(self._topology.config.countries)),
        )


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
