"""On duty: one cycle after the other, and everything that lives longer than one run through the graph.

A cycle lets the monitor look at one increment, hands a new incident to the crew (checkpointed, one thread an
incident), and settles what is under way: interventions that go on, help, harm or expire, and faults that are
over; also what nobody watches any more, of any feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from graph.baselines import keep, take_up
from graph.describe import describe
from graph.publishing import publish
from graph.recovery import Recovery
from graph.report import CycleReport
from graph.runs import Runs
from graph.services import Senses, Services
from graph.settling import Settling
from graph.sweeping import Sweeping
from graph.watching import begin_with, opened_by, tick
from payments.errors import RefusedError
from payments.incident import Incident
from payments.observation import Observation

KEEP_EVERY = 120
"""Cycles after which what was learned is kept: ten minutes of 5 s."""


@dataclass
class Duty:
    """Watches one feed."""

    services: Services
    runs: Runs
    senses: Senses
    confidence_threshold: float
    recovery: Recovery
    cycles: int = 0

    def __post_init__(self) -> None:
        self.settling = Settling(self.services, self.senses, self.runs)
        feed = self.senses.source.feed
        self.sweeping = Sweeping(self.runs, self.recovery.runs_of, self.runs.wall_clock, feed)

    def learn_history(self) -> Iterator[int]:
        """Teach the monitor what is kept and what the source has of the past; yields the increments."""
        take_up(self.senses)
        for number, window in enumerate(self.senses.source.history(), start=1):
            self.senses.monitor.learn(window)
            yield number

    def cycle(self) -> CycleReport | None:
        """Do one cycle; None at the end of the source."""
        with self.services.telemetry.span("cycle"):
            return self._cycle()

    def _cycle(self) -> CycleReport | None:
        observation, feed = self._observed(), self.senses.source.feed
        if observation is None:
            return None
        self.cycles += 1
        opened, now = opened_by(observation, feed, self.services), observation.summary.end
        # First what is new: the recovery would take a run that is about to begin for one that never began.
        events = [self._handle(opened)] if opened else []
        events += self.recovery.go_on()
        with self.services.telemetry.span("settling"):
            events += self.settling.settle(now)
        events += self.sweeping.sweep(now)
        if self.cycles % KEEP_EVERY == 0:
            keep(self.senses)
        live, threshold = self.services.incidents.live(feed), self.confidence_threshold
        report = describe(self.cycles, observation, live, confidence_threshold=threshold, events=events)
        publish(report, self.senses, self.services.mode)
        return report

    def _observed(self) -> Observation | None:
        with self.services.telemetry.span("monitor"):
            return tick(self.senses, self.services)

    def rest(self, now: datetime) -> list[str]:
        """Look after what needs no increment while the source has none; gives what people should hear.

        `now` is the wall clock, which the clock of a live feed follows.
        """
        return [*self.recovery.go_on(), *self.sweeping.sweep(now)]

    def _handle(self, incident: Incident) -> str:
        try:
            said = self.runs.begin(incident.id, begin_with(incident))
        except RefusedError as error:
            said = str(error)  # the recovery of another watch is at work on it
        return f"incident {incident.id[:8]} opened: {said}"
