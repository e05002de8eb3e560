"""The worlds that a crew looks at: where payments come from, and who carries out actions there."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.acting import real_actuator, webhook
from console.outside import new_id, now
from console.settings import Settings
from payments.errors import NotFoundError
from payments.verdict import Mode
from tools.ports import Actuator, Calendar, RouteCatalog, Source

if TYPE_CHECKING:
    from simulator.traffic.scenario import Scenario
    from tools.sources.replay import ReplaySource
    from tools.sources.stream.source import StreamSource

_SIMULATED, _REPLAYED = "simulator:", "file:"
"""How the feeds of simulated worlds and of what is over begin; all others are live."""


@dataclass(frozen=True)
class Feed:
    """Where payments come from, and what is known about their routes and planned downtimes."""

    source: Source
    catalog: RouteCatalog
    calendar: Calendar
    stream: "StreamSource | None" = None
    """The source again, where it goes on with time and must be waited for."""

    @property
    def is_live(self) -> bool:
        """Whether these payments are made now: no simulation, and not over."""
        return is_live(self.source.feed)


def is_live(feed: str) -> bool:
    """Say whether the payments of a feed are real and not over."""
    return bool(feed) and not feed.startswith((_SIMULATED, _REPLAYED))


def is_simulated(feed: str) -> bool:
    """Say whether the payments of a feed are made up."""
    return feed.startswith(_SIMULATED)


def open_simulation(scenario: "str | Scenario", seed: int, settings: Settings) -> Feed:
    """Open a simulated world with a name of its own; its switches lie in the state folder."""
    from simulator.traffic.source import TrafficSource

    called = scenario if isinstance(scenario, str) else scenario.kind or scenario.name
    name = f"simulator:{called}:{seed}:{new_id()}"
    path = switchboard_path(name, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    world = TrafficSource(scenario, seed, path, feed=name)
    return Feed(world, world, world)


def open_replay(
    path: Path,
    mapping: str | None,
    calendar: Path | None,
    settings: Settings,
    on_rows: Callable[[int], object] | None = None,
) -> tuple[Feed, "ReplaySource"]:
    """Open a file to replay; the source itself tells what became of the file's rows.

    `on_rows` hears how many rows were read so far.
    """
    from tools.sources.calendar import FileCalendar
    from tools.sources.catalog import SeenCatalog
    from tools.sources.mapping import load_mapping
    from tools.sources.replay import ReplaySource

    columns = load_mapping(mapping) if mapping else None
    source = ReplaySource(path, columns, f"file:{path.name}:{new_id()}", settings.tick_sec, on_rows)
    catalog = SeenCatalog(lambda: source.cells, lambda: source.recent)
    return Feed(source, catalog, FileCalendar(calendar)), source


def switchboard_path(feed: str, settings: Settings) -> Path:
    """Give the file with the switches of one simulated world: what is decided later still finds its world.

    Switches that are thrown over HTTP lie where `run.py switch` serves them, whatever world runs.
    """
    if settings.actuator_url:
        return switch_file(settings)
    return settings.state_dir / "simulator" / f"{feed.rsplit(':', 1)[-1]}.db"


def switch_file(settings: Settings) -> Path:
    """Give the file of the switches that are served over HTTP."""
    return settings.state_dir / "simulator" / "switch.db"


def clock_of(feed: str, settings: Settings) -> Callable[[], datetime]:
    """Give the clock of a feed to a process that does not watch it."""
    from simulator.traffic.switchboard import Switchboard

    return Switchboard(switchboard_path(feed, settings)).now if is_simulated(feed) else now


def actuator_of(feed: str, settings: Settings, clock: Callable[[], datetime], stack: ExitStack) -> Actuator:
    """Choose who carries out actions on a feed: the simulated world, what the settings name, or a record.

    In shadow mode nobody does: what would be done is only recorded. With ACTUATOR_URL the simulated world is
    reached over HTTP. A replay never is: a file of the past must not move today's traffic.

    Raises:
        NotFoundError: the simulated world of the feed is gone from the state folder.
        SettingsError: the settings do not say well enough who it is.
    """
    from tools.actuators.dry_run import DryRunActuator

    if settings.mode is Mode.SHADOW:
        return DryRunActuator(settings.state_dir / "shadow.jsonl", clock, "shadow")
    if is_simulated(feed):
        return _simulated(feed, settings)
    real = real_actuator(settings, stack, now, new_id) if is_live(feed) else None
    return real or DryRunActuator(settings.state_dir / "dry_run.jsonl", clock)


def _simulated(feed: str, settings: Settings) -> Actuator:
    from simulator.traffic.switchboard import Switchboard

    path = switchboard_path(feed, settings)
    if not path.exists():
        msg = f"the simulated world of {feed!r} is gone: nothing can be changed in it any more"
        raise NotFoundError(msg)
    return webhook(settings.actuator_url, now, new_id) if settings.actuator_url else Switchboard(path)
