"""Runs of the checkpointed crew: started, continued after a crash, resumed with a human's answer.

Each incident is one LangGraph thread, and one process at a time works on it (a lease in the incident store,
for LangGraph itself does not lock a thread). What a run needs is looked up under the lease: before it,
another process may be about to change it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from graph.crew import STEPS_AT_MOST, CrewGraph
from graph.services import Services
from graph.state import CrewInput, CrewState
from payments.decision import Decision
from payments.errors import RefusedError
from payments.incident import Incident

LEASE_S = 30.0
"""How long a process may hold an incident; a run takes well under a second."""


class Standing(NamedTuple):
    """How far a run has come."""

    begun: bool
    """It has a checkpoint."""
    waits: bool
    """It stands at a question."""
    cut_short: bool
    """A crash left it between two nodes."""


@dataclass(frozen=True)
class Runs:
    """The crew's runs of one process."""

    crew: CrewGraph
    services: Services
    wall_clock: Callable[[], datetime]

    def start(self, incident_id: str, given: CrewInput) -> str:
        """Run the crew from the start on this incident; gives the last thing said.

        Raises:
            RefusedError: another process is at work on the incident.
        """
        with self.holding(incident_id):
            return self._invoke(incident_id, given)

    def begin(self, incident_id: str, given: CrewInput) -> str:
        """Run the crew on a new incident, once: the recovery of another watch may have been quicker.

        Raises:
            RefusedError: another process is at work on the incident.
        """
        with self.holding(incident_id):
            if self.has_begun(incident_id):
                return "another process has begun its run"
            return self._invoke(incident_id, given)

    def resume(self, incident_id: str, decision: Decision) -> str:
        """Answer the run's pending question.

        Raises:
            RefusedError: the run waits for no answer, or another process is at work on the incident.
        """
        with self.holding(incident_id):
            waiting = self.crew.get_state(_config(incident_id)).interrupts
            if not waiting:
                msg = f"incident {incident_id[:8]} waits for no decision"
                raise RefusedError(msg)
            return self._invoke(
                incident_id, Command(resume={waiting[0].id: decision.model_dump(mode="json")})
            )

    def waits(self, incident_id: str) -> bool:
        """Say whether the run stands at a question."""
        return self.standing(incident_id).waits

    def is_cut_short(self, incident_id: str) -> bool:
        """Say whether a crash left the run between two nodes."""
        return self.standing(incident_id).cut_short

    def go_on(self, incident_id: str) -> str:
        """Continue a run that a crash cut short; gives the last thing said, nothing if it has ended.

        Raises:
            RefusedError: another process is at work on the incident.
        """
        with self.holding(incident_id):
            return self._invoke(incident_id, None) if self.is_cut_short(incident_id) else ""

    def has_begun(self, incident_id: str) -> bool:
        """Say whether the run has any checkpoint."""
        return self.standing(incident_id).begun

    def standing(self, incident_id: str) -> Standing:
        """Say how far the run has come, from one look at its checkpoints."""
        state = self.crew.get_state(_config(incident_id))
        begun, waits = state.created_at is not None, bool(state.interrupts)
        # `next` alone does not tell: a run that waits has a next node too.
        return Standing(begun, waits, cut_short=begun and not waits and bool(state.tasks))

    def state(self, incident_id: str) -> CrewState:
        """Give the run's state as it was last checkpointed."""
        return cast("CrewState", self.crew.get_state(_config(incident_id)).values)

    def change(self, incident_id: str, changed: Callable[[Incident], Incident]) -> bool:
        """Change an incident as it stands now, alone; False when another process is at work on it.

        Whoever saves what was read before takes back what another process has saved since.
        """
        incidents = self.services.incidents
        try:
            with self.holding(incident_id):
                incidents.save(changed(incidents.get(incident_id)))
        except RefusedError:
            return False
        return True

    @contextmanager
    def holding(self, incident_id: str) -> Iterator[None]:
        """Work on an incident alone.

        Raises:
            RefusedError: another process is at work on it.
        """
        services = self.services
        with services.incidents.lease(incident_id, services.owner, LEASE_S, self.wall_clock()):
            yield

    def _invoke(self, incident_id: str, given: CrewInput | Command[Any] | None) -> str:
        with self.services.telemetry.span("run", incident_id):
            self.crew.invoke(given, _config(incident_id), context=self.services, durability="sync")
        path = self.state(incident_id).get("path", [])
        return path[-1]["said"] if path else ""


def _config(incident_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": incident_id}, "recursion_limit": STEPS_AT_MOST}
