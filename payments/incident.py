"""One fault from its finding to its lesson, with what the agents found, proposed and decided."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, PositiveInt

from payments.decision import Decision
from payments.diagnosis import Diagnosis
from payments.finding import Finding
from payments.outcome import Outcome
from payments.plan import Plan
from payments.route import Route
from payments.segment import Segment
from payments.verdict import Verdict

SCHEMA_VERSION = 1
"""Version of the plain JSON that checkpoints and the incident store hold."""


class Status(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    WAITING = "waiting"
    ACTING = "acting"
    WATCHED = "watched"
    CLOSED = "closed"


class Incident(BaseModel):
    """One fault from its finding to its lesson; the incident store holds the truth."""

    model_config = ConfigDict(frozen=True)

    id: str
    feed: str
    status: Status
    opened_at: AwareDatetime
    updated_at: AwareDatetime
    finding: Finding
    diagnosis: Diagnosis | None = None
    plan: Plan | None = None
    verdict: Verdict | None = None
    decision: Decision | None = None
    question: PositiveInt = 1
    """Number of the question that is asked now, or was asked last."""
    approvers: tuple[str, ...] = ()
    """Who approved or edited so far; the four-eyes rule counts different people."""
    seen_at: AwareDatetime | None = None
    """When a watch last saw the fault go on, by the feed's clock."""
    routes_seen: tuple[Route, ...] = ()
    """The routes as that watch saw them, for a decision in a process that sees none."""
    outcome: Outcome | None = None
    executed: bool = False
    """True once the actuator has confirmed the action."""
    closed_because: str | None = None
    recovered: bool = False
    """True when it was closed because the fault was seen to be over."""
    schema_version: int = SCHEMA_VERSION

    @property
    def culprit(self) -> Segment:
        """The diagnosed culprit, or the strongest signal's segment before the diagnosis."""
        return self.diagnosis.culprit if self.diagnosis else self.finding.signals[0].segment
