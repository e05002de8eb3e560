"""A scenario says what may go wrong; with a world and a seed it becomes one fault, whose truth is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from payments.action import ActionKind
from payments.incident import Category, Maintenance
from payments.segment import Segment
from simulator.traffic.effects import Effect
from simulator.traffic.topology import Topology

ONSET_S = 60.0
"""From the live start to the onset, so that an incident shows within the first minutes."""
DURATION_S = 45 * 60.0


@dataclass(frozen=True)
class Fault:
    """The ground truth of one run: what is wrong, where, when, and what would be right to do."""

    name: str
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

    def active(self, at: datetime) -> tuple[Effect, ...]:
        """Give the effects that hold at an instant."""
        if not self.starts_at <= at < self.ends_at:
            return ()
        since_s = (at - self.starts_at).total_seconds()
        return tuple(effect for effect in self.effects if effect.holds(since_s))


@dataclass(frozen=True)
class Scenario:
    """One named cause, as data."""

    name: str
    description: str
    category: Category
    right_actions: frozenset[ActionKind]
    wrong_actions: frozenset[ActionKind]
    culprits: Callable[[Topology], Sequence[Segment]]
    """The segments that may be struck in a world."""
    effects: Callable[[Segment], tuple[Effect, ...]]
    """What happens when this segment is struck."""
    duration_s: float = DURATION_S
    planned: str | None = None
    """The calendar's note, when the downtime is known beforehand."""

    def draw(self, topology: Topology, rng: np.random.Generator) -> Fault:
        """Choose the culprit and fix the times."""
        candidates = self.culprits(topology)
        culprit = candidates[int(rng.integers(len(candidates)))]
        start = topology.config.start + timedelta(seconds=ONSET_S)
        end = start + timedelta(seconds=self.duration_s)
        return Fault(
            name=self.name,
            description=self.description,
            category=self.category,
            culprit=culprit,
            right_actions=self.right_actions,
            wrong_actions=self.wrong_actions,
            effects=self.effects(culprit),
            starts_at=start,
            ends_at=end,
            planned=Maintenance(segment=culprit, start=start, end=end, note=self.planned)
            if self.planned
            else None,
        )
