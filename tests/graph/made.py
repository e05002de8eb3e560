"""Worlds, crews and values that several tests use; everything is real but the size of the past."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from console.compose import on_duty
from console.settings import Settings
from console.worlds import Feed, switchboard_path
from graph.duty import Duty
from graph.report import CycleReport
from graph.runs import Runs
from guardrails.policy import Policy
from payments.action import Action, Reroute
from payments.decision import Decision
from payments.incident import Incident
from payments.plan import Interval, Plan
from payments.quantity import Counts
from payments.segment import Segment
from payments.verdict import Ruling, Verdict
from payments.window import Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.source import TrafficSource

BRIEF = replace(WorldConfig.with_issuers(5), history_ticks=72)
"""The ordinary world with six minutes of past: one more than the guardrails ask for."""

ONSET_TICKS = 12
"""Live increments before a fault strikes."""

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

AT_ONCE = Policy(calm_before_end_s=0.0)
"""Limits by which a fault is over as soon as it is seen to be."""

REROUTE = Reroute(scope=Segment.of(psp="a"), from_route="a", to={"b": 0.5, "c": 0.5}, share=0.9)

_numbers = count()


def world(scenario: str, settings: Settings, seed: int = 7, feed: str | None = None) -> TrafficSource:
    """Open a small world, under a name of its own unless it is given one."""
    feed = feed or f"simulator:{scenario}:{seed}:test{next(_numbers)}"
    return _source(scenario, seed, feed, settings)


def _source(scenario: str, seed: int, feed: str, settings: Settings) -> TrafficSource:
    return TrafficSource(scenario, seed, switchboard_path(feed, settings), feed=feed, config=BRIEF)


@dataclass
class Patched:
    """A Source: one world with another of the same seed laid over a segment, from one increment on."""

    under: TrafficSource
    over: TrafficSource
    segment: Segment
    first: int
    tick: int = field(default=0, init=False)

    @property
    def feed(self) -> str:
        return self.under.feed

    @property
    def tick_s(self) -> float:
        return self.under.tick_s

    def history(self) -> Iterable[Window]:
        return self.under.history()

    def read(self) -> Window:
        below, above = self.under.read(), self.over.read()
        self.tick += 1
        return below if self.tick <= self.first else lay_over(below, above, self.segment)


def patched(under: TrafficSource, scenario: str, settings: Settings, first: int) -> Patched:
    """Lay another scenario over a world: over the culprit's cells, or over all when it has none.

    Both obey the same switches.
    """
    over = _source(scenario, 7, under.feed, settings)
    return Patched(under, over, over.truth.culprit, first)


def lay_over(below: Window, above: Window, segment: Segment) -> Window:
    """Take a segment's counts from one window and the rest from another of the same cells and codes."""
    rows = below.cells.mask(segment)
    columns: dict[str, Counts] = {}
    for name in type(below).model_fields:
        column = getattr(below, name)
        if isinstance(column, np.ndarray):
            inside = rows.reshape(-1, *(1,) * (column.ndim - 1))
            columns[name] = np.where(inside, getattr(above, name), column)
    return below.model_copy(update=columns)


@contextmanager
def crew(live: TrafficSource, settings: Settings, source: Patched | None = None) -> Iterator[Duty]:
    """Put a crew on duty that has learned the past."""
    with on_duty(Feed(source or live, live, live), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        yield duty
    live.close()


def cycles(duty: Duty, number: int) -> list[CycleReport]:
    """Do so many cycles."""
    reports = [duty.cycle() for _ in range(number)]
    return [report for report in reports if report is not None]


def until(duty: Duty, reached: Callable[[CycleReport], object], at_most: int = 40) -> CycleReport:
    """Do cycles until something is reached."""
    for _ in range(at_most):
        report = duty.cycle()
        if report is not None and reached(report):
            return report
    msg = f"not reached in {at_most} cycles"
    raise AssertionError(msg)


def has_incident(report: CycleReport) -> bool:
    """Say whether there is a live incident."""
    return report.incident is not None


def only_incident(duty: Duty) -> Incident:
    """Give the one incident there is."""
    (incident,) = duty.services.incidents.list()
    return incident


def with_services(duty: Duty, **changes: Any) -> Duty:  # noqa: ANN401 - the values are those of Services
    """Give the same crew with some services exchanged."""
    services = replace(duty.services, **changes)
    runs = Runs(duty.runs.crew, services, duty.runs.wall_clock)
    return Duty(services, runs, duty.senses, duty.confidence_threshold, duty.recovery)


@dataclass(frozen=True)
class Left:
    """What a process left behind: its settings, and the one incident in its state folder."""

    settings: Settings
    feed: str
    incident_id: str

    def copied(self, folder: Path) -> "Left":
        """Copy the whole state folder, so that a test may go on from here alone."""
        shutil.copytree(self.settings.state_dir, folder)
        settings = self.settings.model_copy(update={"state_dir": folder})
        return replace(self, settings=settings)


def left_asking(state_dir: Path) -> Left:
    """Let a crew that is never sure enough meet a route's outage, ask, and end."""
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        return Left(settings, live.feed, only_incident(duty).id)


def left_acting(state_dir: Path) -> Left:
    """Let a crew act on a route's outage, see that it helps, and end."""
    settings = Settings(state_dir=state_dir)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        cycles(duty, 12)
        return Left(settings, live.feed, only_incident(duty).id)


def alerts(settings: Settings) -> list[dict[str, Any]]:
    """Read what people were told."""
    path = settings.state_dir / "alerts.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def rows(path: Path, table: str) -> int:
    """Count the rows of a table."""
    with sqlite3.connect(path) as database:
        (number,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - our own names
    database.close()
    return int(number)


def switches(left: Left) -> list[dict[str, Any]]:
    """Read the actions that the world holds, whatever we believe of them."""
    database = sqlite3.connect(switchboard_path(left.feed, left.settings))
    found = database.execute("SELECT key, action, reverted FROM switches ORDER BY rowid").fetchall()
    database.close()
    return [{"key": key, **json.loads(action), "reverted": bool(reverted)} for key, action, reverted in found]


def decision(kind: str, action: Action | None = None, note: str = "") -> Decision:
    """Decide as Dana does."""
    return Decision.model_validate({"type": kind, "by": "dana", "at": NOON, "note": note, "action": action})


def plan(action: Action = REROUTE) -> Plan:
    """Propose an action."""
    saved = Interval(low=1.0, mean=2.0, high=3.0)
    return Plan(action=action, payments_saved=saved, expires_after_s=600.0, reason="Because.")


def verdict(ruling: Ruling) -> Verdict:
    """Rule on it."""
    return Verdict(ruling=ruling, risk="low", confidence=0.9, checks=(), sentence="So it is ruled.")
