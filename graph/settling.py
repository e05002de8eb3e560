"""What is under way between two runs: interventions that help, harm or expire, and faults that end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.monitor.effect import measure
from agents.monitor.recovery import recovery_log_evidence
from graph.facts import NOT_HELPED
from graph.runs import Runs
from graph.services import Senses, Services
from graph.state import fresh
from payments.action import Action, Effect, Outcome, Reroute, Suppress
from payments.errors import ActuatorError, RefusedError
from payments.incident import Decision, Incident, Intervention, Status, Tally
from payments.segment import Segment, role_of

RECOVERY_LOG_EVIDENCE = 6.9
"""Natural logarithm of 1,000: how much likelier normal must be than the fault before it counts as over."""

OVER = "the fault is over"

QUIET_AFTER_S = 900.0
"""A fault without excess failures (a surge, say) is over when it has not shown itself for this long."""


@dataclass
class Watch:
    """What was seen of one incident, in this process."""

    since: datetime
    recovery: float = 0.0
    told_at: datetime | None = None
    """When the effect of the action was last said, by the feed's clock."""
    source: Tally = field(default_factory=Tally)
    """The untouched share, since the action."""
    target: Tally = field(default_factory=Tally)
    """The same demand on the other routes, since the action."""


@dataclass(frozen=True)
class Ended:
    """Why an intervention ends, and what it brought."""

    outcome: Outcome
    because: str
    over: bool
    """The fault itself is over."""


@dataclass
class Settling:
    """Follows the live incidents of one feed, tick by tick."""

    services: Services
    senses: Senses
    runs: Runs
    watches: dict[str, Watch] = field(default_factory=dict)

    def settle(self, now: datetime) -> list[str]:
        """Look at every live incident after an increment; gives what people should hear."""
        feed, incidents = self.senses.source.feed, self.services.incidents
        active = {found.incident_id: found for found in incidents.active_interventions(feed)}
        events = []
        for incident in incidents.live(feed):
            watch = self.watches.setdefault(incident.id, Watch(now))
            intervention = active.get(incident.id)
            self._look(incident, intervention, watch, now)
            said = self._conclude(incident, intervention, watch, now)
            if said:
                events.append(f"incident {incident.id[:8]}: {said}")
        return events

    def _look(
        self, incident: Incident, intervention: Intervention | None, watch: Watch, now: datetime
    ) -> None:
        since = now - timedelta(seconds=self.senses.source.tick_s)
        count = self.senses.monitor.tally
        here = count(incident.culprit, since)
        watch.recovery = max(0.0, watch.recovery + recovery_log_evidence(here, fault_rate(incident)))
        if intervention is not None and intervention.started_at <= since:
            watch.source += here
            routes = [route.name for route in self.senses.catalog.routes(intervention.action.scope)]
            for segment in target_segments(intervention.action, routes):
                watch.target += count(segment, since)

    def _conclude(
        self, incident: Incident, intervention: Intervention | None, watch: Watch, now: datetime
    ) -> str | None:
        over = self._is_over(incident, watch, now)
        if intervention is not None:
            return self._conclude_intervention(incident, intervention, watch, now, over=over)
        if not over or incident.status is Status.ACTING:
            return None
        if incident.status is Status.WAITING:
            return self._withdraw(incident, now)
        return self._close(incident, OVER, now, recovered=True)

    def _conclude_intervention(
        self, incident: Incident, intervention: Intervention, watch: Watch, now: datetime, *, over: bool
    ) -> str | None:
        outcome = self._measure(incident, intervention, watch)
        if over:
            because = OVER
        elif outcome is not None and outcome.effect in NOT_HELPED:
            because = f"the action {outcome.effect.value.replace('_', ' ')}"
        elif now >= intervention.expires_at:
            because = "the action expired"
        else:
            return self._tell(incident, outcome, watch, now)
        ended = Ended(outcome or _unmeasured(because), because, over=over)
        return self._end(incident, intervention, ended, now)

    def _tell(self, incident: Incident, outcome: Outcome | None, watch: Watch, now: datetime) -> str | None:
        """Say once that an action helps, and keep its figures fresh, once a window."""
        if outcome is None:
            return None
        if watch.told_at is None or (now - watch.told_at).total_seconds() >= self.services.window_s:
            watch.told_at = now
            self.services.incidents.save(incident.model_copy(update={"outcome": outcome}))
        return outcome.sentence if incident.outcome is None else None

    def _measure(self, incident: Incident, intervention: Intervention, watch: Watch) -> Outcome | None:
        before = incident.diagnosis.tally if incident.diagnosis else Tally()
        return measure(intervention.action, before=before, source=watch.source, target=watch.target)

    def _end(self, incident: Incident, intervention: Intervention, ended: Ended, now: datetime) -> str:
        try:
            self.services.outbox.revert(intervention.key, ended.because)
        except ActuatorError as error:
            return f"cannot be undone yet, will be tried again: {error}"
        told = ended.outcome.model_copy(update={"reverted_because": ended.because})
        self.runs.start(incident.id, fresh(incident_id=incident.id, outcome=told.model_dump(mode="json")))
        # After the lesson: a crash in between repeats both, and both may be repeated.
        self.services.incidents.end_intervention(intervention.key, now, ended.because)
        if told.effect not in NOT_HELPED:
            learned = self.services.incidents.get(incident.id)
            self._close(learned, ended.because, now, recovered=ended.over)
        return f"{ended.because}; undone. {told.sentence}"

    def _withdraw(self, incident: Incident, now: datetime) -> str | None:
        """Nobody needs to decide on a fault that is over: answer in their place, on record."""
        decision = Decision(
            type="reject", by="crew", at=now, note="the fault was over before anybody decided"
        )
        try:
            self.services.incidents.record_decision(incident.id, decision)
        except RefusedError:
            return None  # a human was quicker, and their answer is on its way
        self.runs.resume(incident.id, decision)
        return self._close(self.services.incidents.get(incident.id), decision.note, now, recovered=True)

    def _close(self, incident: Incident, because: str, now: datetime, *, recovered: bool) -> str:
        closed = {
            "status": Status.CLOSED,
            "closed_because": because,
            "recovered": recovered,
            "updated_at": now,
        }
        self.services.incidents.save(incident.model_copy(update=closed))
        self.watches.pop(incident.id, None)
        return f"closed, {because}"

    def _is_over(self, incident: Incident, watch: Watch, now: datetime) -> bool:
        if watch.recovery >= RECOVERY_LOG_EVIDENCE:
            return True
        without_excess = fault_rate(incident) is None
        return without_excess and now - watch.since >= timedelta(seconds=QUIET_AFTER_S)


def fault_rate(incident: Incident) -> float | None:
    """Give the failure rate of the culprit during the fault; None when it is not above the expected one."""
    tally = incident.diagnosis.tally if incident.diagnosis else Tally()
    if tally.attempts == 0 or tally.failures + tally.pending <= 1.2 * tally.expected_failures:
        return None
    return (tally.failures + tally.pending) / tally.attempts


def target_segments(action: Action, routes: Sequence[str]) -> tuple[Segment, ...]:
    """Give the segments on the other routes that take what the action moves."""
    route = next((name for name in action.scope.names() if role_of(name) == "route"), None)
    if route is None:
        return ()
    demand = action.scope.without(route).root
    match action:
        case Reroute(to=targets):
            takers = list(targets)
        case Suppress():
            takers = [name for name in routes if name != action.scope.get(route)]
        case _:
            takers = []
    return tuple(Segment({**demand, route: taker}) for taker in takers)


def _unmeasured(because: str) -> Outcome:
    sentence = f"The effect was not measured before the end: {because}."
    return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)
