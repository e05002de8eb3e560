"""Actions past their expiry that nobody ends, of any feed: whoever began them may be gone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from graph.ending import Ended, end, incident_of, unmeasured
from graph.lately import EXPIRED
from graph.measuring import measured, told
from graph.recovery import RunsOf
from graph.runs import Runs
from graph.services import Services
from payments.errors import ActuatorError, NotFoundError, RefusedError
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.outcome import Outcome

GRACE = timedelta(seconds=60)
"""How long after its expiry, by the wall clock, its own process may still end an action."""

NOBODY = "the action expired while nobody watched its feed"
GONE = "the world in which it was carried out is gone"


@dataclass
class Sweeping:
    """Ends what is past its expiry; the receiver has let it lapse by then, and this is what is kept of it.

    Feeds keep different times, and a simulated world stands still when its process dies. So each action is
    given a latest end by the wall clock when it is first seen here, which its own watch stays ahead of.
    """

    runs: Runs
    runs_of: RunsOf
    wall_clock: Callable[[], datetime]
    feed: str
    again_at: dict[str, datetime] = field(default_factory=dict)
    """By key: when to try again what could not be undone."""

    def sweep(self, now: datetime | None = None) -> list[str]:
        """Look at every action in force; `now` is this feed's clock. Gives what people should hear."""
        said = []
        for intervention in self.runs.services.incidents.active_interventions():
            if intervention.lapses_at is None:
                self._give_an_end(intervention)
            elif self._is_past(intervention, now):
                words = self._end(intervention)
                said += [f"incident {intervention.incident_id[:8]}: {words}"] if words else []
        return said

    def _give_an_end(self, intervention: Intervention) -> None:
        life = intervention.expires_at - intervention.started_at
        stamped = {"lapses_at": self.wall_clock() + life + GRACE}
        self.runs.services.incidents.keep_intervention(intervention.model_copy(update=stamped))

    def _is_past(self, intervention: Intervention, now: datetime | None) -> bool:
        if self.wall_clock() < self.again_at.get(intervention.key, self.wall_clock()):
            return False
        if intervention.feed == self.feed:
            return now is not None and now >= intervention.expires_at + GRACE
        return intervention.lapses_at is not None and self.wall_clock() >= intervention.lapses_at

    def _end(self, intervention: Intervention) -> str:
        services = self.runs.services
        incident = incident_of(intervention, services)
        try:
            with self.runs_of(intervention.feed) as runs:
                return _undo(incident, intervention, runs)
        except NotFoundError:
            services.incidents.end_intervention(intervention.key, services.clock(), GONE)
            return self._close_gone(incident, intervention)
        except (ActuatorError, RefusedError) as error:
            self.again_at[intervention.key] = self.wall_clock() + GRACE
            return f"is past its expiry and cannot be undone yet: {error}"

    def _close_gone(self, incident: Incident | None, intervention: Intervention) -> str:
        if incident is not None and incident.status is not Status.CLOSED:
            outcome = _outcome(incident, intervention, self.runs.services, GONE)
            closed = {"status": Status.CLOSED, "closed_because": GONE, "outcome": outcome}
            self.runs.services.incidents.save(incident.model_copy(update=closed))
        return f"closed, {GONE}"


def _undo(incident: Incident | None, intervention: Intervention, runs: Runs) -> str:
    services, now = runs.services, runs.services.clock()
    if incident is None or incident.status is Status.CLOSED:
        services.outbox.revert(intervention.key, EXPIRED)
        services.incidents.end_intervention(intervention.key, now, EXPIRED)
        return f"{EXPIRED}; undone"
    outcome = _outcome(incident, intervention, services, NOBODY)
    return end(incident, intervention, Ended(outcome, NOBODY, over=False, watched=False), now, runs)


def _outcome(incident: Incident, intervention: Intervention, services: Services, because: str) -> Outcome:
    found = measured(incident, intervention)
    if found is None:
        return unmeasured(because)
    carried_out = services.actuator.changes_traffic
    return told(incident, intervention, found, intervention.expires_at, carried_out=carried_out)
