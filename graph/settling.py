"""What is under way between two runs: interventions that help, harm or expire, and faults that end."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.monitor.recovery import recovery_log_evidence
from agents.planner.rollout import Undo
from graph.apart import Apart
from graph.ending import OVER, Ended, close, end, unmeasured
from graph.facts import seen
from graph.lately import EXPIRED, NO_TARGET, NOT_HELPED
from graph.measuring import Watching, may_stay, measured, told
from graph.resuming import Resuming
from graph.reviewing import Reviewing
from graph.rollout import Rollout, tell_people
from graph.runs import Runs
from graph.services import Senses, Services
from graph.unfinished import is_unfinished, take_up
from payments.decision import Decision
from payments.errors import ActuatorError, RefusedError
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.outcome import Effect, Outcome
from payments.tally import Tally

RECOVERY_LOG_EVIDENCE = 6.9
"""Natural logarithm of 1,000: how much likelier normal must be than the fault before it counts as over."""

SHOWN_EVERY, SHOWN_OVER = timedelta(seconds=60), timedelta(seconds=180)
"""How often it is looked whether a fault has become worse since its diagnosis, and over how long."""
SHOWN_SD = 4.0
"""Standard deviations (of a Poisson count, one added) by which failures must exceed the expected then."""

QUIET_AFTER_S = 900.0
"""A fault without excess failures (a surge, say) is over when it has not shown itself for this long."""

ACTING_KEPT_EVERY = timedelta(seconds=60)
"""How much of what was seen of an action may be lost in a crash: it then counts as not seen."""


@dataclass
class Watch:
    """What was seen of one incident, in this process; what was seen of its action is kept with that."""

    since: datetime
    recovery: float = 0.0
    """Log evidence that the fault is over, at most what counts as over: what comes back shows soon."""
    gone: bool = False
    """Whether the fault was seen to be over, and has not come back."""
    gone_since: datetime | None = None
    """When that evidence began to grow: the likeliest end of the fault (Page 1954)."""
    shown: float = 0.0
    """Highest failure rate since, for a fault may fail no payment, or few, while it begins."""
    looked_at: datetime | None = None
    """When the failure rate was last looked at."""
    kept_at: datetime | None = None
    """When figures that change all the time were last kept with the incident, by the feed's clock."""
    acting: Intervention | None = None
    """The action in force with all that was seen of it."""
    acting_kept_at: datetime | None = None
    """When that was last kept, by the feed's clock."""

    def as_seen(self, intervention: Intervention) -> Intervention:
        """Give an action in force with what was seen of it since it was kept."""
        if self.acting is None or self.acting.key != intervention.key:
            return intervention
        return intervention.model_copy(update={"seen": self.acting.seen, "evidence": self.acting.evidence})


@dataclass
class Settling:
    """Follows the live incidents of one feed, tick by tick."""

    services: Services
    senses: Senses
    runs: Runs
    watches: dict[str, Watch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.watching = Watching(self.services, self.senses)
        self.apart = Apart(self.services, self.senses)
        self.rollout = Rollout(self.runs)
        self.reviewing = Reviewing(self.runs, self.senses)
        self.resuming = Resuming(self.runs, self.senses)

    def settle(self, now: datetime) -> list[str]:
        """Look at every live incident after an increment; gives what people should hear."""
        feed, incidents = self.senses.source.feed, self.services.incidents
        live = incidents.live(feed)  # before the actions: who reads of an incident that acts finds its action
        active = latest(incidents.active_interventions(feed))
        events = []
        for incident in live:
            watch = self.watches.setdefault(incident.id, Watch(now))
            self._look(incident, watch, now)
            said = self._conclude(incident, active.get(incident.id), watch, now)
            if said:
                events.append(f"incident {incident.id[:8]}: {said}")
        return events

    def _look(self, incident: Incident, watch: Watch, now: datetime) -> None:
        since = now - timedelta(seconds=self.senses.source.tick_s)
        (here,) = self.apart.tallies([incident.culprit], incident, since)
        if watch.looked_at is None or now - watch.looked_at >= SHOWN_EVERY:
            watch.looked_at = now
            lately = self.senses.monitor.tally(incident.culprit, max(now - SHOWN_OVER, watch.since))
            watch.shown = max(watch.shown, failing(lately) or 0.0)
        rate = max(fault_rate(incident) or 0.0, watch.shown) or None
        grown = watch.recovery + recovery_log_evidence(here, rate)
        watch.recovery = min(max(0.0, grown), RECOVERY_LOG_EVIDENCE)
        if watch.recovery == 0.0:
            watch.gone, watch.gone_since = False, now
        elif watch.recovery >= RECOVERY_LOG_EVIDENCE:
            watch.gone = True

    def _conclude(
        self, incident: Incident, intervention: Intervention | None, watch: Watch, now: datetime
    ) -> str | None:
        over = self._is_over(incident, watch, now)
        if intervention is not None:
            return self._conclude_intervention(incident, intervention, watch, now, over=over)
        if not over:
            self._still_there(incident, watch, now)
            looking = self.reviewing if incident.status is Status.WAITING else self.resuming
            return looking.look_again(incident, now)
        if incident.status is Status.WAITING:
            return self._withdraw(incident, now)
        return self._close(incident, OVER, now)

    def _finish_first(self, incident: Incident) -> str | None:
        """Take up a run that another process left, before its action or incident ends.

        Else the answer that somebody gave would be with no incident, and an action on no record.
        """
        try:
            return f"taken up again: {take_up(incident, self.runs)}"
        except RefusedError:
            return None  # it is no crash: that process is still at work

    def _conclude_intervention(
        self, incident: Incident, intervention: Intervention, watch: Watch, now: datetime, *, over: bool
    ) -> str | None:
        intervention = self._look_at_action(incident, intervention, watch, now)
        outcome = measured(incident, intervention)
        ended = _ended(intervention, outcome, now, over=over)
        if ended is None:
            helps = outcome is not None and outcome.effect is Effect.HELPED
            on_trust = outcome is None and may_stay(incident, intervention)
            said = self.rollout.advance(incident, intervention, now, helps=helps, on_trust=on_trust)
            if not isinstance(said, Undo):
                news = self._tell(incident, intervention, outcome, watch, now)
                return ". ".join(filter(None, (said, news))) or None
            ended = _undone(said, outcome)
        return self._end(incident, intervention, ended, now)

    def _look_at_action(
        self, incident: Incident, intervention: Intervention, watch: Watch, now: datetime
    ) -> Intervention:
        """Take in the last increment; what was seen is kept now and then, and always before a change."""
        seen = watch.acting = self.watching.look(incident, watch.as_seen(intervention), now)
        if watch.acting_kept_at is None or now - watch.acting_kept_at >= ACTING_KEPT_EVERY:
            watch.acting_kept_at = now
            self.services.incidents.keep_intervention(seen)
        return seen

    def _tell(
        self,
        incident: Incident,
        intervention: Intervention,
        outcome: Outcome | None,
        watch: Watch,
        now: datetime,
    ) -> str | None:
        """Say once that an action helps, and keep its figures fresh, once a window."""
        if outcome is None:
            return None
        is_news = incident.outcome is None
        if not self._is_due(watch, now) and not is_news:
            return None
        said = self._said(incident, intervention, outcome, now)
        self.runs.change(incident.id, lambda now_known: now_known.model_copy(update={"outcome": said}))
        return said.sentence if is_news else None

    def _said(
        self, incident: Incident, intervention: Intervention, outcome: Outcome, now: datetime
    ) -> Outcome:
        carried_out = self.services.actuator.changes_traffic
        return told(incident, intervention, outcome, now, carried_out=carried_out)

    def _end(self, incident: Incident, intervention: Intervention, ended: Ended, now: datetime) -> str | None:
        self.services.incidents.keep_intervention(intervention)
        if is_unfinished(incident, self.runs):
            return self._finish_first(incident)
        outcome = self._said(incident, intervention, ended.outcome, now)
        said = Ended(outcome, ended.because, over=ended.over)
        try:
            return end(incident, intervention, said, now, self.runs)
        except RefusedError as error:
            return f"cannot be undone yet, will be tried again: {error}"
        except ActuatorError as error:
            text = f"It was to be undone ({ended.because}) and cannot be yet; it ends by itself at "
            text += f"{intervention.expires_at:%H:%M:%S} at the latest. {error}"
            tell_people(incident, f"{intervention.key}:not undone", text, self.services)
            return f"cannot be undone yet, will be tried again: {error}"

    def _is_due(self, watch: Watch, now: datetime) -> bool:
        """Say once a window that figures are to be kept."""
        if watch.kept_at is not None and (now - watch.kept_at).total_seconds() < self.services.window_s:
            return False
        watch.kept_at = now
        return True

    def _still_there(self, incident: Incident, watch: Watch, now: datetime) -> None:
        """Keep with a waiting question that its fault goes on, so that it may still be answered."""
        if incident.status is not Status.WAITING or not self._is_due(watch, now):
            return
        try:
            with self.runs.holding(incident.id):
                current = self.services.incidents.get(incident.id)
                if current.status is Status.WAITING:
                    self.services.incidents.save(seen(current, now, self.senses, self.services))
        except RefusedError:
            watch.kept_at = None  # somebody is just deciding: the next increment will do

    def _withdraw(self, incident: Incident, now: datetime) -> str | None:
        """Nobody needs to decide on a fault that is over: answer in their place, on record."""
        decision = Decision(
            type="ignore",
            question=incident.question,
            by="crew",
            at=now,
            note="the fault was over before anybody decided",
        )
        try:
            self.services.incidents.record_decision(incident.id, decision)
            self.runs.resume(incident.id, decision)
        except RefusedError:
            # A human was quicker, or another process is at work on it: an answer on record finds its way.
            return None
        return self._close(self.services.incidents.get(incident.id), decision.note, now)

    def _close(self, incident: Incident, because: str, now: datetime) -> str | None:
        if is_unfinished(incident, self.runs):
            return self._finish_first(incident)
        try:
            with self.runs.holding(incident.id):
                current = self.services.incidents.get(incident.id)
                if current.status is not incident.status:
                    return None  # another process has gone on with it: the next increment will do
                close(current, because, now, self.services, recovered=True)
        except RefusedError:
            return None
        self.watches.pop(incident.id, None)
        return f"closed, {because}"

    def _is_over(self, incident: Incident, watch: Watch, now: datetime) -> bool:
        if watch.gone:
            calm = timedelta(seconds=self.services.rollout.calm_before_end_s)
            return now - (watch.gone_since or watch.since) >= calm
        without_excess = fault_rate(incident) is None and not watch.shown
        return without_excess and now - watch.since >= timedelta(seconds=QUIET_AFTER_S)


def _ended(intervention: Intervention, outcome: Outcome | None, now: datetime, *, over: bool) -> Ended | None:
    """Say whether an action ends now, whatever its rollout says."""
    if over:
        because = OVER
    elif outcome is not None and outcome.effect in NOT_HELPED:
        because = f"the action {outcome.effect.value.replace('_', ' ')}"
    elif now >= intervention.expires_at:
        because = EXPIRED
    else:
        return None
    return Ended(outcome or unmeasured(because), because, over=over)


def _undone(undo: Undo, outcome: Outcome | None) -> Ended:
    """End an action that no target is left for: the payments moved had it worse than they should."""
    saved = outcome.payments_saved if outcome else None
    harmed = Outcome(effect=Effect.HARMED, payments_saved=saved, sentence=f"Harmed: {undo.because}.")
    return Ended(harmed, NO_TARGET, over=False)


def latest(interventions: Iterable[Intervention]) -> dict[str, Intervention]:
    """Give the intervention of each incident; of two, as after a crash between both, the one begun last."""
    return {one.incident_id: one for one in sorted(interventions, key=lambda one: one.started_at)}


def fault_rate(incident: Incident) -> float | None:
    """Give the failure rate of the culprit during the fault; None when it is not above the expected one."""
    return _excess_rate(incident.diagnosis.tally if incident.diagnosis else Tally())


def failing(tally: Tally) -> float | None:
    """Give the failure rate of payments that fail by more than chance explains; None when they do not."""
    beyond = tally.failures + tally.pending - tally.expected_failures - tally.expected_pending
    if beyond <= SHOWN_SD * math.sqrt(tally.expected_failures + tally.expected_pending + 1.0):
        return None
    return _excess_rate(tally)


def _excess_rate(tally: Tally) -> float | None:
    if tally.attempts == 0 or tally.failures + tally.pending <= 1.2 * tally.expected_failures:
        return None
    return (tally.failures + tally.pending) / tally.attempts
