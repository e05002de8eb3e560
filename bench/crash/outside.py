"""What outlives the crew: the world and its switches, in a process of their own that nobody kills."""

import os
import socketserver
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, NamedTuple, Never

import numpy as np
import numpy.typing as npt

from agents.monitor import Monitor, MonitorSettings
from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Cells, Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource
from simulator.traffic.switch_server import SwitchServer, desk_of

SECRET = "known to the bench and its switch"  # noqa: S105 - guards a simulated world
CONFIG = replace(WorldConfig.with_issuers(2), history_ticks=72)
"""A world of 200 cells with six minutes of past: one more than the guardrails ask for."""

ONSET_S = 20.0


class Past(NamedTuple):
    """What a watch knows when it begins: the same for every life in one world."""

    learned: dict[str, npt.NDArray[Any]]
    cells: Cells
    tick_s: float


@dataclass(frozen=True)
class Outside:
    """One world: what goes wrong in it, and for how long."""

    name: str
    seed: int
    duration_s: float

    @property
    def feed(self) -> str:
        """Identity of the stream; the same in every life."""
        return f"simulator:{self.name}:{self.seed}:crash"

    @property
    def scenario(self) -> Scenario:
        """The fault, sooner and shorter than people would watch it."""
        return replace(scenario(self.name), onset_s=ONSET_S, duration_s=self.duration_s)

    def open(self, switches: Path) -> TrafficSource:
        """Open the world on its switches."""
        return TrafficSource(self.scenario, self.seed, switches, feed=self.feed, config=CONFIG)

    def past(self, scratch: Path) -> Past:
        """Teach a monitor the quiet past."""
        world = self.open(scratch)
        monitor = Monitor(MonitorSettings(tick_s=world.tick_s, window_s=60.0, false_alarms_per_week=1.0))
        windows = list(world.history())
        for window in windows:
            monitor.learn(window)
        world.close()
        return Past(monitor.dump(), windows[-1].cells, world.tick_s)

    def serve(self, switches: Path, door: Path, ready: int) -> Never:
        """Let the world go on whenever somebody reads from it; `ready` hears the port."""
        world = self.open(switches)
        for _ in world.history():
            pass
        world.read()
        desk = desk_of(switches, SECRET.encode(), lambda: datetime.now(UTC))
        socketserver.TCPServer.allow_reuse_address = True
        one_at_a_time = threading.Lock()
        with SwitchServer(desk, port=0, told=lambda _: None) as server, Listener(str(door)) as listener:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            os.write(ready, f"{server.server_port}\n".encode())
            while True:
                caller = listener.accept()
                threading.Thread(target=_serve, args=(world, caller, one_at_a_time), daemon=True).start()


def _serve(world: TrafficSource, caller: "Connection[Any, Any]", one_at_a_time: threading.Lock) -> None:
    """Answer one caller until it is gone; one that is paused holds up nobody else."""
    with suppress(EOFError, OSError), caller:  # it may be killed in the middle of a word
        while True:
            word, given = caller.recv()
            with one_at_a_time:
                answer = _answer(world, word, given)
            caller.send(answer)


def _answer(world: TrafficSource, word: str, given: Any) -> object:  # noqa: ANN401 - as each word has it
    match word:
        case "read":
            columns = dict(world.read())
            del columns["cells"]
            return columns
        case "skip":
            for _ in range(given):
                world.read()
            return world.now
        case "routes":
            return world.routes(given)
        case "planned":
            return world.planned(given)
    raise ValueError(word)


class Remote:
    """The world as a watch sees it: a source, a catalog and a calendar over a local connection."""

    def __init__(self, outside: Outside, past: Past, connection: "Connection[Any, Any]") -> None:
        self.feed, self.tick_s = outside.feed, past.tick_s
        self._cells, self._connection = past.cells, connection

    def history(self) -> Iterable[Window]:
        """Give nothing: what the past taught is restored."""
        return ()

    def read(self) -> Window | None:
        """Give the next increment; None when the world is gone."""
        return Window.model_construct(cells=self._cells, **self._ask("read"))

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give the routes as they are now."""
        found: tuple[Route, ...] = self._ask("routes", scope)
        return found

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force."""
        found: tuple[Maintenance, ...] = self._ask("planned", at)
        return found

    def skip(self, ticks: int) -> datetime:
        """Let time pass that nobody watches; gives the world's time."""
        now: datetime = self._ask("skip", ticks)
        return now

    def _ask(self, word: str, given: object = None) -> Any:  # noqa: ANN401 - as each word has it
        self._connection.send((word, given))
        return self._connection.recv()


@contextmanager
def reached(outside: Outside, past: Past, door: Path) -> Iterator[Remote]:
    """Reach a world that is being served."""
    with Client(str(door)) as connection:
        yield Remote(outside, past, connection)


def draw_outside(rng: np.random.Generator, names: tuple[str, ...], seeds: tuple[int, ...]) -> Outside:
    """Draw a world: some faults end while the action is in force, some outlast it."""
    name, seed = names[int(rng.integers(len(names)))], seeds[int(rng.integers(len(seeds)))]
    return Outside(name, seed, float(np.exp(rng.uniform(np.log(60.0), np.log(1100.0)))))


def when_over(outside: Outside) -> datetime:
    """Give the instant at which the fault has ended."""
    return CONFIG.start + timedelta(seconds=ONSET_S + outside.duration_s)
