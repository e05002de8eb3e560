"""On duty: one cycle after the other, and everything that lives longer than one run through the graph.

A cycle looks at one increment (uncheckpointed), hands a new incident to the crew (checkpointed, one thread an
incident), and settles what is under way: interventions that go on, help, harm or expire, and faults that are
over; also what nobody watches any more, of any feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from graph.baselines import keep, take_up
from graph.crew import CrewGraph, compile_crew
from graph.describe import describe
from graph.recovery import Recovery
from graph.report import CycleReport
from graph.runs import Runs
from graph.services import Senses, Services
from graph.settling import Settling
from graph.state import CrewState, fresh
from graph.sweeping import Sweeping
from payments.errors import RefusedError
from payments.incident import Summary

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
    watcher: CrewGraph = field(default_factory=compile_crew)

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
        state = cast("CrewState", self.watcher.invoke(fresh(watch=True), context=self.services))
        if state.get("ended"):
            return None
        self.cycles += 1
        # First what is new: the recovery would take a run that is about to begin for one that never began.
        events = [self._handle(state)] if state.get("finding") else []
        events += self.recovery.go_on()
        now = Summary.model_validate(state["summary"]).end
        events += self.settling.settle(now)
        events += self.sweeping.sweep(now)
        if self.cycles % KEEP_EVERY == 0:
            keep(self.senses)
        live = self.services.incidents.live(self.senses.source.feed)
        threshold = self.confidence_threshold
        return describe(self.cycles, state, live, confidence_threshold=threshold, events=events)

    def _handle(self, state: CrewState) -> str:
        incident_id = state["incident_id"]
        given = fresh(incident_id=incident_id, finding=state["finding"], path=state["path"])
        try:
            said = self.runs.begin(incident_id, given)
        except RefusedError as error:
            said = str(error)  # the recovery of another watch is at work on it
        return f"incident {incident_id[:8]} opened: {said}"
