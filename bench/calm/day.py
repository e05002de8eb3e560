"""One simulated day: a drawn world, perhaps a trap at some hour, and the whole crew on duty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from console.compose import on_duty
from console.settings import Settings
from console.worlds import Feed, switchboard_path
from payments.action import ActionKind
from payments.incident import Incident
from simulator.traffic.drawn import draw
from simulator.traffic.families import FAMILIES
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource

QUIET = "quiet"
TRAPS = tuple(
    name for name in FAMILIES if scenario(name).right_actions == {ActionKind.NONE} and name != QUIET
)
"""Causes that only look as if something had to be done."""

_HISTORY_S = 2 * 3600.0
_MARGIN_S = 3600.0
"""A trap begins at least this long after the start of the day, and ends as long before its end."""


@dataclass(frozen=True)
class Day:
    """What the crew did on a day on which nothing had to be done."""

    seed: int
    scenario: str
    payments: int
    incidents: int
    questions: int
    alerts: int
    did: tuple[str, ...]
    """The actions on traffic that were carried out, in words."""
    payments_lost: int
    """Payments that succeed without the crew, less those that did with it; 0 where it did nothing."""

    @property
    def actions(self) -> int:
        """Number of actions on traffic that were carried out."""
        return len(self.did)

    @property
    def words(self) -> str:
        """The day in a line."""
        acted = f"; did {'; '.join(self.did)}, payments lost {self.payments_lost}" if self.did else ""
        asked = f"{self.incidents} incidents, {self.questions} questions"
        return f"seed {self.seed}, {self.scenario}: {asked}{acted}"


def plans(seeds: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """Give each seed its day: even seeds are quiet, odd ones take the traps in turn."""
    return tuple((seed, TRAPS[seed // 2 % len(TRAPS)] if seed % 2 else QUIET) for seed in seeds)


def live(task: tuple[int, str], tick_s: float, hours: float) -> Day:
    """Live one day with the crew in autopilot; a day with actions is lived again without it."""
    seed, name = task
    played = _at_some_hour(draw(name, seed), seed, tick_s, hours)
    ticks = round(hours * 3600.0 / tick_s)
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder), tick_sec=tick_s)
        world = _open(played, seed, settings)
        incidents = _on_duty(world, settings, ticks)
        alerts = len(_lines(Path(folder) / "alerts.jsonl"))
        done = tuple(_words(incident) for incident in incidents if incident.executed)
        score = world.score
        return Day(
            seed=seed,
            scenario=name,
            payments=score.succeeded + score.failed,
            incidents=len(incidents),
            questions=sum(bool(one.verdict and one.verdict.ruling == "ask") for one in incidents),
            alerts=alerts,
            did=done,
            payments_lost=_without_crew(played, seed, ticks) - score.succeeded if done else 0,
        )


def _at_some_hour(drawn: Scenario, seed: int, tick_s: float, hours: float) -> Scenario:
    """Let the episode's fault begin at any hour of a whole day, after two hours of history."""
    rng = np.random.default_rng((seed, 7))
    midnight = drawn.world.start.replace(hour=0, minute=0, second=0, microsecond=0)
    latest_s = max(_MARGIN_S, hours * 3600.0 - _MARGIN_S - drawn.duration_s)
    onset_s = 60.0 * round(float(rng.uniform(_MARGIN_S, latest_s)) / 60.0)
    world = replace(drawn.world, start=midnight, tick_s=tick_s, history_ticks=round(_HISTORY_S / tick_s))
    if drawn.name in FAMILIES and FAMILIES[drawn.name].at_peak:
        world = replace(world, busiest_hour=onset_s / 3600.0)
    return replace(drawn, world=world, onset_s=onset_s)


def _open(played: Scenario, seed: int, settings: Settings) -> TrafficSource:
    name = f"simulator:{played.name}:{seed}:day"
    switches = switchboard_path(name, settings)
    switches.parent.mkdir(parents=True)
    return TrafficSource(played, seed, switches, feed=name)


def _on_duty(world: TrafficSource, settings: Settings, ticks: int) -> tuple[Incident, ...]:
    with on_duty(Feed(world, world, world), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        for _ in range(ticks):
            duty.cycle()
        return duty.services.incidents.list(feed=world.feed, limit=10_000)


def _without_crew(played: Scenario, seed: int, ticks: int) -> int:
    """Give the payments that succeed in the same world when nobody does anything."""
    with TemporaryDirectory() as folder:
        world = TrafficSource(played, seed, Path(folder) / "switches", feed="alone")
        for _ in range(ticks):
            world.read()
        return world.score.succeeded


def _words(incident: Incident) -> str:
    action = incident.plan.action if incident.plan else None
    cause = incident.diagnosis.cause if incident.diagnosis else "no cause"
    return f"{action.kind.value if action else 'nothing'} on {incident.culprit} for {cause}"


def _lines(path: Path) -> Sequence[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else ()
