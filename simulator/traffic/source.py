"""A simulated scenario as a source of increments, with its routes, its calendar and its truth."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.scenario import Fault, Scenario
from simulator.traffic.score import Score
from simulator.traffic.stage import Stage
from simulator.traffic.switchboard import Switchboard, WorldSide
from simulator.traffic.topology import Topology


class TrafficSource:
    """A stage whose actions in force are the switches of a switchboard.

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
        self._feed = feed
        self.stage = Stage(played, seed, config)
        """The world itself; for tests and measurements, never for the crew."""
        self._switches = WorldSide(switchboard_path, self.topology.routes, self.topology.config.start)
        self._board = Switchboard(switchboard_path)

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self._feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self.stage.tick_s

    @property
    def truth(self) -> Fault:
        """What is really wrong; for tests and measurements, never for the crew."""
        return self.stage.truth

    @property
    def actuator(self) -> Switchboard:
        """What carries out actions in this world."""
        return self._board

    @property
    def topology(self) -> Topology:
        """The usual rates of this world."""
        return self.stage.topology

    @property
    def score(self) -> Score:
        """What finally became of the payments so far, the history included."""
        return self.stage.score

    @property
    def now(self) -> datetime:
        """The world's clock: the end of the last increment."""
        return self.stage.now

    def history(self) -> Iterable[Window]:
        """Play the quiet past and give its increments, oldest first; what was given is not given again."""
        return self.stage.history()

    def read(self) -> Window:
        """Play the next increment; past increments not asked for are played and dropped first."""
        for _ in self.history():
            pass
        window = self.stage.step(self._switches.in_force(self.now))
        self._switches.tell(self.now)
        return window

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give every route with its load and success over the last minute; all carry everything."""
        return self.stage.routes(scope)

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force at an instant."""
        return self.stage.planned(at)

    def close(self) -> None:
        """Let go of the switchboard."""
        self._switches.close()
