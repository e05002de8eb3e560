"""A scenario says what may go wrong; with a world and a seed it becomes a fault, whose truth is known."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.errors import SettingsError
from payments.maintenance import Maintenance
from payments.segment import Segment
from simulator.traffic import culprits
from simulator.traffic.config import WorldConfig
from simulator.traffic.effects import Effect, Fails
from simulator.traffic.topology import Topology

ONSET_S = 60.0
"""From the live start to the onset, so that an incident shows within the first minutes."""
DURATION_S = 45 * 60.0

Candidates = Callable[[Topology], Sequence[Segment]]
"""The segments of a world that may be struck; there is always one."""
Strike = Callable[[Segment], tuple[Effect, ...]]
"""What happens when a segment is struck."""
Mark = Literal["second_fault", "broken_backup", "late_reports"]
"""What makes an episode harder than its kind says."""


def nothing_happens(_segment: Segment) -> tuple[Effect, ...]:
    """Strike without any effect."""
    return ()


@dataclass(frozen=True)
class Backup:
    """How a route fails payments that are moved onto it; its own payments are served as ever."""

    share: float
    codes: Mapping[str, float]
    latency_ms: float
    at_door: bool
    """Refuses before it has any work with them."""

    def route(self, culprit: Segment, topology: Topology, rng: np.random.Generator) -> str | None:
        """Draw the route, never the one that is struck; None in a world without another."""
        others = [name for name in topology.routes if name != culprit.role("route")]
        return others[int(rng.integers(len(others)))] if others else None

    def effect(self, route: str) -> Effect:
        """Give what it does, long before the onset already: nobody saw it, for nothing was moved."""
        return Fails(
            Segment.of(psp=route),
            self.share,
            self.codes,
            self.latency_ms,
            at_door=self.at_door,
            moved_only=True,
            from_s=-math.inf,
        )


@dataclass(frozen=True)
class Fault:
    """The ground truth of one run: what is wrong, where, when, and what would be right to do."""

    name: str
    """The cause."""
    description: str
    category: Category
    culprit: Segment
    """Empty for all payments, or for no fault at all."""
    right_actions: frozenset[ActionKind]
    wrong_actions: frozenset[ActionKind]
    effects: tuple[Effect, ...]
    starts_at: datetime
    ends_at: datetime
    planned: Maintenance | None = None
    parts: tuple["Fault", ...] = ()
    """The independent faults that this one is made of, when there are several."""
    kind: str = ""
    """What it is reported under."""
    marks: frozenset[Mark] = frozenset()
    broken_backup: str | None = None
    """A route that refuses what is moved onto it."""

    @property
    def culprits(self) -> tuple[Segment, ...]:
        """What is struck: one segment for each independent fault."""
        return tuple(part.culprit for part in self.parts) or (self.culprit,)

    @property
    def categories(self) -> frozenset[Category]:
        """The categories of the independent faults."""
        return frozenset(part.category for part in self.parts) or frozenset({self.category})

    @property
    def trap(self) -> bool:
        """Whether it only looks as if something had to be done."""
        return self.right_actions == {ActionKind.NONE}

    def active(self, at: datetime, for_s: float) -> tuple[tuple[Effect, float], ...]:
        """Give the effects that hold in a stretch of time, with their mean strengths."""
        if at >= self.ends_at:
            return ()
        since_s = (at - self.starts_at).total_seconds()
        levels = [(effect, effect.level(since_s, for_s)) for effect in self.effects]
        others = (held for part in self.parts for held in part.active(at, for_s))
        return (*((effect, level) for effect, level in levels if level > 0.0), *others)


@dataclass(frozen=True)
class Scenario:
    """One named cause, as data."""

    name: str
    description: str
    category: Category
    right_actions: frozenset[ActionKind]
    wrong_actions: frozenset[ActionKind]
    culprits: Candidates = culprits.everything
    effects: Strike = nothing_happens
    onset_s: float = ONSET_S
    duration_s: float = DURATION_S
    planned: str | None = None
    """The calendar's note, when the downtime is known beforehand."""
    margin_s: float = 0.0
    """By which the calendar announces the downtime too long, at either end."""
    parts: tuple["Scenario", ...] = ()
    """Faults that strike independently, instead of one."""
    kind: str = ""
    """What it is reported under; empty for its name."""
    marks: frozenset[Mark] = frozenset()
    backup: Backup | None = None
    """A route that fails those who flee to it."""
    world: WorldConfig = field(default_factory=WorldConfig)
    """The world that it plays in, unless another is asked for."""

    def draw(self, topology: Topology, rng: np.random.Generator, taken: Sequence[Segment] = ()) -> Fault:
        """Choose the culprit, clear of what is taken, and fix the times."""
        parts = self._parts(topology, rng)
        start = topology.config.start + timedelta(seconds=self.onset_s)
        end = start + timedelta(seconds=self.duration_s)
        culprit = parts[0].culprit if parts else self._culprit(topology, rng, taken)
        broken = self.backup.route(culprit, topology, rng) if self.backup else None
        return Fault(
            name=self.name,
            description=self.description,
            category=self.category,
            culprit=culprit,
            right_actions=self.right_actions,
            wrong_actions=self.wrong_actions,
            effects=(*self.effects(culprit), *self._of_backup(broken)),
            starts_at=min([part.starts_at for part in parts], default=start),
            ends_at=max([part.ends_at for part in parts], default=end),
            planned=self._announced(culprit, start, end),
            parts=parts,
            kind=self.kind or self.name,
            marks=self.marks,
            broken_backup=broken or next((part.broken_backup for part in parts if part.broken_backup), None),
        )

    def _of_backup(self, broken: str | None) -> tuple[Effect, ...]:
        return (self.backup.effect(broken),) if self.backup and broken else ()

    def _announced(self, culprit: Segment, start: datetime, end: datetime) -> Maintenance | None:
        if self.planned is None:
            return None
        margin = timedelta(seconds=self.margin_s)
        return Maintenance(segment=culprit, start=start - margin, end=end + margin, note=self.planned)

    def _parts(self, topology: Topology, rng: np.random.Generator) -> tuple[Fault, ...]:
        parts: list[Fault] = []
        for part in self.parts:
            parts.append(part.draw(topology, rng, [fault.culprit for fault in parts]))
        return tuple(parts)

    def _culprit(self, topology: Topology, rng: np.random.Generator, taken: Sequence[Segment]) -> Segment:
        every = self.culprits(topology)
        free = [segment for segment in every if not any(segment.comparable(other) for other in taken)]
        if not free:
            msg = f"no payments of this world are left that {self.name!r} could strike"
            raise SettingsError(msg)
        return free[int(rng.integers(len(free)))]
