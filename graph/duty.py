"""On duty: one cycle after the other, and everything that lives longer than one run through the graph.

A cycle looks at one increment (uncheckpointed), hands a new incident to the crew (checkpointed, one thread an
incident), and settles what is under way: interventions that expire, help or harm, and faults that are over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from graph.crew import CrewGraph, compile_crew
from graph.describe import describe
from graph.report import CycleReport
from graph.runs import Runs
from graph.services import Senses, Services
from graph.settling import Settling
from graph.state import CrewState, fresh
from payments.incident import Incident, Summary


@dataclass
class Duty:
    """Watches one feed. `events` are what people should hear of in this cycle."""

    services: Services
    runs: Runs
    senses: Senses
    cycles: int = 0
    watcher: CrewGraph = field(default_factory=compile_crew)

    def __post_init__(self) -> None:
        """Take up the interventions of this feed that an earlier process left in force."""
        self.settling = Settling(self.services, self.senses, self.runs)

    def learn_history(self) -> Iterator[int]:
        """Teach the monitor what the source has of the past; yields the number of increments so far."""
        for number, window in enumerate(self.senses.source.history(), start=1):
            self.senses.monitor.learn(window)
            yield number

    def cycle(self) -> CycleReport | None:
        """Do one cycle; None at the end of the source."""
        state: CrewState = self.watcher.invoke(fresh(watch=True), context=self.services)  # type: ignore[assignment]
        if state.get("ended"):
            return None
        self.cycles += 1
        events = []
        if state.get("finding"):
            events.append(self._handle(state))
        summary = Summary.model_validate(state["summary"])
        events += self.settling.settle(summary.end)
        return describe(self.cycles, state, summary, self._live(), self.services, tuple(events))

    def _handle(self, state: CrewState) -> str:
        incident_id = state["incident_id"]
        said = self.runs.start(incident_id, fresh(incident_id=incident_id, finding=state["finding"], path=state["path"]))
        return f"incident {incident_id[:8]} opened: {said}"

    def _live(self) -> tuple[Incident, ...]:
        return self.services.incidents.live(self.senses.source.feed)


def now_of(summary: Summary) -> datetime:
    """Give the feed's clock: the end of what was observed last."""
    return summary.end
