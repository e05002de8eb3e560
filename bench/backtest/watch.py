"""Incidents as the crew keeps them: opened by a finding, looked away from while they last, then closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.analyst import Analyst
from agents.monitor.recovery import recovery_log_evidence
from graph.services import Monitor
from graph.settling import QUIET_AFTER_S, RECOVERY_LOG_EVIDENCE, fault_rate
from graph.watching import ECHO, SIDE_EFFECTS
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.finding import Finding
from payments.incident import Incident, Status
from payments.observation import Observation
from payments.segment import Segment
from payments.window import Window


@dataclass
class Followed:
    """One incident of the replay."""

    incident: Incident
    evidence: Evidence
    diagnosis: Diagnosis
    ended_at: datetime | None = None
    """End of the increment after which it was seen to be over; None while it lasts."""
    recovery: float = 0.0

    @property
    def finding(self) -> Finding:
        """What the monitor reported."""
        return self.incident.finding

    @property
    def culprit(self) -> Segment:
        """The segment that the analyst names."""
        return self.diagnosis.culprit

    def lasts(self, now: datetime) -> bool:
        """Say whether to look away from it: it is not over, or the retries of its payments still come in."""
        return self.ended_at is None or now < self.ended_at + ECHO


@dataclass
class Lookout:
    """Hands increments to the monitor and follows what it finds."""

    monitor: Monitor
    window_s: float
    tick_s: float
    analyst: Analyst = field(default_factory=Analyst)
    followed: list[Followed] = field(default_factory=list)

    def look(self, window: Window) -> Observation:
        """Observe one increment outside the culprits of the incidents that last; open and close incidents."""
        lasting = [one for one in self.followed if one.lasts(window.end)]
        culprits = tuple(one.culprit for one in lasting if len(one.culprit))
        observation = self.monitor.observe(window, culprits)
        live = [one for one in lasting if one.ended_at is None]
        for one in live:
            self._settle(one, window.end)
        if observation.finding is not None and observation.evidence is not None:
            self._open(observation.finding, observation.evidence, live)
        return observation

    def _open(self, finding: Finding, evidence: Evidence, live: Sequence[Followed]) -> None:
        if live and all(signal.kind in SIDE_EFFECTS for signal in finding.signals):
            return
        diagnosis = self.analyst.analyse(evidence, (), (), finding.at, self.window_s)
        if any(_covers(one.culprit, diagnosis.culprit) for one in live):
            return
        incident = Incident(
            id=str(len(self.followed) + 1),
            feed="backtest",
            status=Status.OPEN,
            opened_at=finding.at,
            updated_at=finding.at,
            finding=finding,
            diagnosis=diagnosis,
        )
        self.followed.append(Followed(incident, evidence, diagnosis))

    def _settle(self, one: Followed, now: datetime) -> None:
        here = self.monitor.tally(one.culprit, now - timedelta(seconds=self.tick_s))
        rate = fault_rate(one.incident)
        one.recovery = max(0.0, one.recovery + recovery_log_evidence(here, rate))
        quiet = rate is None and now - one.incident.opened_at >= timedelta(seconds=QUIET_AFTER_S)
        if quiet or one.recovery >= RECOVERY_LOG_EVIDENCE:
            one.ended_at = now


def _covers(known: Segment, new: Segment) -> bool:
    """Say whether a new finding is part of a known fault; one of all payments hides only its like."""
    return known.contains(new) and (len(known) > 0 or len(new) == 0)
