"""Everything a node may call, handed in through LangGraph's runtime context; no module globals."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy.typing as npt
from pydantic import BaseModel

from agents.planner.rollout import RolloutSettings
from agents.planner.situation import Situation
from guardrails.facts import Facts
from payments.action import Action
from payments.audit import AuditRecord
from payments.decision import Decision
from payments.diagnosis import Diagnosis, Signature
from payments.evidence import Evidence
from payments.incident import Incident, Status
from payments.intent import Reconciled, Unsettled
from payments.intervention import Intervention
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from payments.observation import Observation
from payments.outcome import Receipt
from payments.plan import Plan
from payments.pulse import Pulse
from payments.segment import Segment
from payments.tally import Tally
from payments.verdict import Check, Mode, Verdict
from payments.window import Window
from tools.ports import UNTOLD, Actuator, AlertSink, Calendar, RouteCatalog, Source, Telemetry


class Monitor(Protocol):
    """Watches the increments."""

    def learn(self, window: Window) -> None:
        """Take in a past increment, without looking for changes."""

    def observe(
        self, window: Window, known: Sequence[Segment] = (), side_effects: Collection[str] = ()
    ) -> Observation:
        """Look for changes outside the known culprits, and for more than side effects; then learn."""

    def tallies(self, segments: Sequence[Segment], since: datetime | None = None) -> tuple[Tally, ...]:
        """Count several segments in one pass over the increments."""

    def attempts(self, segments: Sequence[Segment], since: datetime) -> tuple[int, ...]:
        """Count the attempts of several segments over the kept increments."""

    def tally(self, segment: Segment, since: datetime | None = None) -> Tally:
        """Count a segment over the last minutes."""

    def usual_success(self, segment: Segment, attribute: str) -> Mapping[str, float]:
        """Say how a segment's payments usually fare under each value of an attribute."""

    def look_again(self, since: datetime, known: Sequence[Segment] = ()) -> Evidence | None:
        """Gather what is kept since an instant, outside some culprits; None when nothing is."""

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """Give what was learned, to be kept."""

    def restore(self, saved: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what was kept."""

    def note(self, sentence: str) -> None:
        """Tell people something with the next observation."""

    def pulse(self) -> Pulse | None:
        """Roll up the increment taken last, for people to look at."""


class Analyst(Protocol):
    """Names the cause."""

    def describe(self, evidence: Evidence) -> Signature:
        """Say what the incident looks like."""

    def analyse(
        self,
        evidence: Evidence,
        lessons: Sequence[Lesson],
        planned: Sequence[Maintenance],
        at: datetime,
        window_s: float,
    ) -> Diagnosis:
        """Say where, what and how sure."""


class Planner(Protocol):
    """Proposes one action."""

    def plan(self, situation: Situation) -> Plan:
        """Choose exactly one action."""

    def replan(self, situation: Situation, action: Action) -> Plan:
        """Say what exactly this action would bring; for an action that a human edited."""


class RiskOfficer(Protocol):
    """Says what may happen."""

    def review(self, facts: Facts) -> Verdict:
        """Compare the plan with every guardrail."""

    def holds_back(self, facts: Facts) -> Check | None:
        """Give what forbids to extend or renew an action in force."""


class Incidents(Protocol):
    """The truth about incidents, decisions and interventions, on disk."""

    def open(self, incident: Incident, evidence: Evidence | None) -> None:
        """Keep a new incident with the evidence that opened it."""

    def save(self, incident: Incident) -> None:
        """Keep the incident as it is now."""

    def get(self, incident_id: str) -> Incident:
        """Give an incident by its id or a unique prefix."""

    def evidence(self, incident_id: str) -> Evidence | None:
        """Give the evidence that the incident was diagnosed from last."""

    def renew_evidence(self, incident_id: str, evidence: Evidence) -> None:
        """Keep newer evidence of an incident in place of what it has."""

    def live(self, feed: str) -> tuple[Incident, ...]:
        """Give the incidents of a feed that are not closed."""

    def unsettled(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give the live incidents of a feed and those that recovered since an instant."""

    def list(
        self, statuses: Sequence[Status] | None = None, feed: str | None = None, limit: int = 100
    ) -> tuple[Incident, ...]:
        """Give incidents, newest first."""

    def recent(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give the incidents of a feed opened since an instant."""

    def record_decision(self, incident_id: str, decision: Decision) -> None:
        """Keep the one decision on the question that it names; a second one is refused."""

    def decision(self, incident_id: str, question: int) -> Decision | None:
        """Give the decision on a question of an incident."""

    def decisions(self, incident_id: str) -> tuple[Decision, ...]:
        """Give all decisions on an incident, in the order of its questions."""

    def lease(
        self, incident_id: str, owner: str, seconds: float, now: datetime
    ) -> AbstractContextManager[None]:
        """Let one process at a time work on an incident."""

    def start_intervention(self, intervention: Intervention) -> None:
        """Keep an action that is in force."""

    def keep_intervention(self, intervention: Intervention) -> None:
        """Keep what was seen of an action that is in force."""

    def active_interventions(self, feed: str | None = None) -> tuple[Intervention, ...]:
        """Give the actions in force."""

    def interventions(self, incident_id: str) -> tuple[Intervention, ...]:
        """Give all that was ever in force for an incident, the earliest first."""

    def interventions_of(self, feed: str) -> tuple[Intervention, ...]:
        """Give all that was ever in force on a feed, the earliest first."""

    def end_intervention(self, key: str, at: datetime, because: str) -> None:
        """Keep that an action is over."""


class Audit(Protocol):
    """Where everything that was decided or done goes on record."""

    def append(self, record: AuditRecord) -> None:
        """Keep a record; of several with one id the first stands."""


class Lessons(Protocol):
    """Past incidents and what came of them."""

    def remember(self, lesson: Lesson, recalled: Sequence[Lesson] = ()) -> None:
        """Keep a lesson, once per incident, and what it says of those that its incident was given."""

    def recall(self, signature: Signature, k: int = 8, at: datetime | None = None) -> tuple[Lesson, ...]:
        """Give the most similar past incidents, at the hour of an instant if it is known."""


class Baselines(Protocol):
    """What monitors have learned, kept between runs."""

    def save(self, feed: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep arrays in place of the ones before."""

    def load(self, feed: str) -> dict[str, npt.NDArray[Any]] | None:
        """Give what was kept."""

    def set_aside(self, feed: str) -> object:
        """Put out of the way what nobody can use; gives where it lies now."""


class Board(Protocol):
    """Where people look at what happens, while it happens."""

    def publish(self, feed: str, pulse: Pulse, said: str) -> None:
        """Keep an increment with what was said of it, as JSON."""


class Outbox(Protocol):
    """The only way to the actuator: once per key, whatever crashes."""

    def execute(
        self,
        key: str,
        incident_id: str,
        action: Action,
        expires_after_s: float,
        replaces: str | None = None,
    ) -> Receipt:
        """Carry out an action exactly once, in place of another one if a key is given."""

    def revert(self, key: str, because: str) -> Receipt:
        """Undo an action and whatever took its place."""

    def undone_because(self, key: str) -> str | None:
        """Say why an action was undone; None when it was not, as far as is on record."""

    def next_key(self, incident_id: str) -> str:
        """Give the first key of an incident that stands for nothing yet."""

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Give what was to be done or undone and has no result."""

    def in_force(self) -> tuple[Reconciled, ...]:
        """Give what was carried out and not undone, as far as is on record."""

    def reconcile(self, key: str) -> Reconciled:
        """Find out what became of it, and finish an undoing."""


class Adviser(Protocol):
    """Says what a language model thinks of what was ruled on; nothing is done about what it says."""

    def advise(
        self, incident_id: str, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson]
    ) -> BaseModel:
        """Give the opinion, or the reason why there is none, as a plain value."""


@dataclass(frozen=True)
class Senses:
    """What a process that watches has, and one that only decides has not."""

    source: Source
    monitor: Monitor
    catalog: RouteCatalog
    calendar: Calendar
    baselines: Baselines | None = None
    """Where to keep what the monitor learns; None to forget it."""
    board: Board | None = None
    """Where to publish each increment; None where nobody looks."""


@dataclass(frozen=True)
class Services:
    """The adapters and agents of one process."""

    analyst: Analyst
    planner: Planner
    risk_officer: RiskOfficer
    incidents: Incidents
    lessons: Lessons
    outbox: Outbox
    actuator: Actuator
    alerts: AlertSink
    audit: Audit
    stopped: Callable[[], bool]
    """Reads the kill switch."""
    clock: Callable[[], datetime]
    """The feed's clock where there is a feed, else the wall clock; UTC."""
    new_id: Callable[[], str]
    compare: Callable[[Window], Observation]
    """Looks for changes within one pasted window, each cell against all others."""
    window_s: float
    owner: str
    """Name of this process in leases."""
    mode: Mode = Mode.AUTOPILOT
    """How far the crew may go on the feed at hand."""
    rollout: RolloutSettings = field(default_factory=RolloutSettings)
    """By which steps a reroute reaches its goal, and how long an action may go on."""
    senses: Senses | None = None
    adviser: Adviser | None = None
    """None where no language model is set up."""
    telemetry: Telemetry = UNTOLD
    """Who hears how the crew works; by default nobody."""
    simulate: Callable[[str, int], Senses] | None = None
    """Opens a simulated scenario by name and seed; for Studio."""
