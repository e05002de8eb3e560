"""What a crash left behind: runs cut short or never begun, answers that never arrived, actions in doubt.

Looked for at the start of a watch and once a minute of the feed's clock, for other processes die too.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from graph.doubts import Doubts
from graph.finishing import end_replaced, finish, undone
from graph.runs import Runs
from graph.services import Incidents
from graph.unfinished import is_unfinished, take_up
from payments.errors import NotFoundError, RefusedError
from payments.incident import Incident, Status

RunsOf = Callable[[str], AbstractContextManager[Runs]]
"""Opens the runs of a feed, which reach the traffic of that feed and of no other.

Raises:
    NotFoundError: the feed is gone.
"""

LIVE_AT_MOST = 10_000

LOOK_EVERY_S = 60.0


@dataclass
class Recovery:
    """Takes up unfinished runs and settles actions in doubt, of whatever feed.

    What another process is at work on is tried again at the next call.
    """

    incidents: Incidents
    runs: Runs
    runs_of: RunsOf
    left: tuple[Incident, ...] = ()
    doubts: Doubts = field(default_factory=Doubts)
    looked_at: datetime | None = None
    told: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, incidents: Incidents, runs: Runs, runs_of: RunsOf) -> "Recovery":
        """Make the recovery of a watch; nothing is looked for before the first call."""
        return cls(incidents, runs, runs_of)

    def go_on(self) -> list[str]:
        """Take up what is left; gives what people should hear."""
        is_due = self._is_due()
        if is_due:
            self.left = self._unfinished()
        said = self._take_up_left()
        return [*said, *self._settle_doubts(), *self._finish()] if is_due else said

    def _is_due(self) -> bool:
        now, before = self.runs.services.clock(), self.looked_at
        # Either way, for a clock may be set back.
        if before is not None and abs((now - before).total_seconds()) < LOOK_EVERY_S:
            return False
        self.looked_at = now
        return True

    def _unfinished(self) -> tuple[Incident, ...]:
        statuses = [status for status in Status if status is not Status.CLOSED]
        live = self.incidents.list(statuses, limit=LIVE_AT_MOST)
        return tuple(incident for incident in live if is_unfinished(incident, self.runs))

    def _take_up_left(self) -> list[str]:
        said, busy = [], []
        for incident in self.left:
            try:
                words = self._in_feed(incident.feed, partial(take_up, incident))
            except RefusedError:
                busy.append(incident)
                continue
            if words:
                said.append(f"incident {incident.id[:8]} taken up again: {words}")
        self.left = tuple(busy)
        return self._new(said)

    def _settle_doubts(self) -> list[str]:
        """Settle what no run will settle by itself."""
        unfinished, said = {incident.id for incident in self.left}, []
        for key, incident_id in self.doubts.keys(self.runs.services):
            if incident_id in unfinished:
                continue
            try:
                said.append(self._settle(key, incident_id))
            except RefusedError:
                self.looked_at = None  # somebody is at work on it now: look again at the next call
        return self._new(words for words in said if words)

    def _settle(self, key: str, incident_id: str) -> str:
        try:
            feed = self.incidents.get(incident_id).feed
        except NotFoundError as error:
            return f"action {key} is in doubt, and {error}"
        words = self._in_feed(feed, lambda runs: self.doubts.settle(key, incident_id, runs))
        return f"incident {incident_id[:8]}: {words}" if words else ""

    def _finish(self) -> list[str]:
        """Finish what was undone and not learned from."""
        services, said = self.runs.services, []
        end_replaced(services)
        for intervention, because in undone(services):
            try:
                words = self._in_feed(intervention.feed, finish(intervention, because))
            except RefusedError:
                self.looked_at = None
                continue
            said += [f"incident {intervention.incident_id[:8]}: {words}"] if words else []
        return said

    def _in_feed(self, feed: str, do: Callable[[Runs], str]) -> str:
        try:
            with self.runs_of(feed) as runs:
                return do(runs)
        except NotFoundError as error:
            return f"it cannot go on, {error}"

    def _new(self, said: Iterable[str]) -> list[str]:
        """Leave out what was said before."""
        new = [words for words in said if words not in self.told]
        self.told.update(new)
        return new
