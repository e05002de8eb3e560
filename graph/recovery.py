"""What a crash left behind: runs cut short, runs never begun, and answers that never arrived."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from graph.runs import Runs
from graph.services import Incidents
from graph.state import fresh
from payments.errors import NotFoundError, RefusedError
from payments.incident import Incident, Status

RunsOf = Callable[[str], AbstractContextManager[Runs]]
"""Opens the runs of a feed, which reach the traffic of that feed and of no other.

Raises:
    NotFoundError: the feed is gone.
"""

LIVE_AT_MOST = 10_000


@dataclass
class Recovery:
    """Takes up unfinished runs; one that another process is still at work on is tried again later."""

    left: tuple[Incident, ...]
    runs_of: RunsOf

    @classmethod
    def of(cls, incidents: Incidents, runs: Runs, runs_of: RunsOf) -> "Recovery":
        """Look through all live incidents, of whatever feed, for unfinished runs."""
        statuses = [status for status in Status if status is not Status.CLOSED]
        live = incidents.list(statuses, limit=LIVE_AT_MOST)
        return cls(tuple(incident for incident in live if is_unfinished(incident, runs)), runs_of)

    def go_on(self) -> list[str]:
        """Take up what is left; gives what people should hear."""
        said, busy = [], []
        for incident in self.left:
            try:
                words = self._take_up(incident)
            except RefusedError:
                busy.append(incident)
                continue
            if words:
                said.append(f"incident {incident.id[:8]} taken up again: {words}")
        self.left = tuple(busy)
        return said

    def _take_up(self, incident: Incident) -> str:
        try:
            with self.runs_of(incident.feed) as runs:
                return take_up(incident, runs)
        except NotFoundError as error:
            return f"it cannot go on, {error}"


def is_unfinished(incident: Incident, runs: Runs) -> bool:
    """Say whether the incident's run has something left to do that needs no human."""
    if runs.waits(incident.id):
        return runs.services.incidents.decision(incident.id) is not None
    never_begun = incident.status is Status.OPEN and not runs.has_begun(incident.id)
    return never_begun or runs.is_cut_short(incident.id)


def take_up(incident: Incident, runs: Runs) -> str:
    """Go on where the run stopped, and hand it the human's answer if there is one; gives the last thing said.

    Raises:
        RefusedError: another process is at work on the incident.
    """
    said = ""
    if runs.is_cut_short(incident.id):
        said = runs.go_on(incident.id)
    elif incident.status is Status.OPEN and not runs.has_begun(incident.id):
        finding = incident.finding.model_dump(mode="json")
        said = runs.start(incident.id, fresh(incident_id=incident.id, finding=finding))
    decision = runs.services.incidents.decision(incident.id)
    if decision is not None and runs.waits(incident.id):
        said = runs.resume(incident.id, decision)
    return said
