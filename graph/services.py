"""Everything a node may call, handed in through LangGraph's runtime context; no module globals."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy.typing as npt

from guardrails.facts import Facts
from payments.action import Action, Plan, Receipt, Route, Verdict
from payments.incident import (
    Decision,
    Diagnosis,
    Evidence,
    Incident,
    Intervention,
    Lesson,
    Maintenance,
    Observation,
    Signature,
    Status,
    Tally,
)
from payments.segment import Segment
from payments.window import Window
from tools.ports import Actuator, AlertSink, Calendar, RouteCatalog, Source


class Monitor(Protocol):
    """Watches the increments."""

    def learn(self, window: Window) -> None:
        """Take in a past increment, without looking for changes."""

    def observe(self, window: Window, known: Sequence[Segment] = ()) -> Observation:
        """Look for changes outside the known culprits, then learn."""

    def tally(self, segment: Segment, since: datetime | None = None) -> Tally:
        """Count a segment over the last minutes."""

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """Give what was learned, to be kept."""

    def restore(self, saved: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what was kept."""

    def note(self, sentence: str) -> None:
        """Tell people something with the next observation."""


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

    def plan(
        self,
        diagnosis: Diagnosis,
        routes: Sequence[Route],
        lessons: Sequence[Lesson],
        window_s: float,
        total_attempts_per_window: float,
    ) -> Plan:
        """Choose exactly one action."""

    def replan(  # noqa: PLR0917 - the words of `plan`, with the action
        self,
        diagnosis: Diagnosis,
        action: Action,
        routes: Sequence[Route],
        lessons: Sequence[Lesson],
        window_s: float,
        total_attempts_per_window: float,
    ) -> Plan:
        """Say what exactly this action would bring; for an action that a human edited."""


class RiskOfficer(Protocol):
    """Says what may happen."""

    def review(self, facts: Facts) -> Verdict:
        """Compare the plan with every guardrail."""


class Incidents(Protocol):
    """The truth about incidents, decisions and interventions, on disk."""

    def open(self, incident: Incident, evidence: Evidence | None) -> None:
        """Keep a new incident with the evidence that opened it."""

    def save(self, incident: Incident) -> None:
        """Keep the incident as it is now."""

    def get(self, incident_id: str) -> Incident:
        """Give an incident by its id or a unique prefix."""

    def evidence(self, incident_id: str) -> Evidence | None:
        """Give the evidence that opened the incident."""

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
        """Keep the one decision on an incident; a second one is refused."""

    def decision(self, incident_id: str) -> Decision | None:
        """Give the decision on an incident."""

    def lease(
        self, incident_id: str, owner: str, seconds: float, now: datetime
    ) -> AbstractContextManager[None]:
        """Let one process at a time work on an incident."""

    def start_intervention(self, intervention: Intervention) -> None:
        """Keep an action that is in force."""

    def active_interventions(self, feed: str | None = None) -> tuple[Intervention, ...]:
        """Give the actions in force."""

    def end_intervention(self, key: str, at: datetime, because: str) -> None:
        """Keep that an action is over."""


class Lessons(Protocol):
    """Past incidents and what came of them."""

    def remember(self, lesson: Lesson) -> None:
        """Keep a lesson, once per incident."""

    def recall(self, signature: Signature, k: int = 5) -> tuple[Lesson, ...]:
        """Give the most similar past incidents."""


class Baselines(Protocol):
    """What monitors have learned, kept between runs."""

    def save(self, feed: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Keep arrays in place of the ones before."""

    def load(self, feed: str) -> dict[str, npt.NDArray[Any]] | None:
        """Give what was kept."""

    def set_aside(self, feed: str) -> object:
        """Put out of the way what nobody can use; gives where it lies now."""


class Outbox(Protocol):
    """The only way to the actuator: once per key, whatever crashes."""

    def execute(self, key: str, incident_id: str, action: Action, expires_after_s: float) -> Receipt:
        """Carry out an action exactly once."""

    def revert(self, key: str, because: str) -> Receipt:
        """Undo an action."""


@dataclass(frozen=True)
class Senses:
    """What a process that watches has, and one that only decides has not."""

    source: Source
    monitor: Monitor
    catalog: RouteCatalog
    calendar: Calendar
    baselines: Baselines | None = None
    """Where to keep what the monitor learns; None to forget it."""


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
    senses: Senses | None = None
    simulate: Callable[[str, int], Senses] | None = None
    """Opens a simulated scenario by name and seed; for Studio."""
