"""Alarms, and how long they are held back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.monitor.kinds import Kind
from agents.monitor.streams import Flags

CLEAR_BY = 10.0
"""Nats above the threshold from which nothing is gained by waiting."""


@dataclass(frozen=True)
class Alarm:
    """A stream whose evidence is above the threshold."""

    kind: Kind
    stream: int
    score: float
    tilt: float
    """The tilt with the most evidence: how far the logarithm of the odds has moved."""


@dataclass
class Gate:
    """Holds alarms near the threshold back for a few increments, so that there is more to reason on."""

    release_ticks: int
    waited: int = 0
    held: dict[tuple[Kind, int], Alarm] = field(default_factory=dict)

    def pass_on(self, alarms: Sequence[Alarm], threshold: float) -> tuple[Alarm, ...]:
        """Take this increment's alarms; give all held ones, strongest first, once they are clear or due."""
        for alarm in alarms:
            last = self.held.get((alarm.kind, alarm.stream))
            if last is None or alarm.score > last.score:
                self.held[alarm.kind, alarm.stream] = alarm
        if not self.held:
            return ()
        ranked = sorted(self.held.values(), key=lambda alarm: -alarm.score)
        if ranked[0].score < threshold + CLEAR_BY and self.waited < self.release_ticks:
            self.waited += 1
            return ()
        self.forget_all()
        return tuple(ranked)

    def forget(self, streams: Flags) -> None:
        """Drop what is held of the marked streams."""
        self.held = {key: alarm for key, alarm in self.held.items() if not streams[alarm.stream]}
        if not self.held:
            self.waited = 0

    def forget_all(self) -> None:
        """Drop all that is held."""
        self.held, self.waited = {}, 0
