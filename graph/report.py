"""What one cycle says, typed: the source of the plain, the JSON and the live view."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt

from payments.action import Action
from payments.diagnosis import Category, EvidenceItem
from payments.incident import Incident, Status
from payments.observation import Summary
from payments.outcome import Effect
from payments.quantity import Fraction
from payments.segment import Segment
from payments.verdict import Mode, Ruling, Verdict

APPROVAL_REQUIRED = "Human approval required before acting."


class RiskAssessment(BaseModel):
    """The risk officer's word on the proposed action."""

    model_config = ConfigDict(frozen=True)

    ruling: Ruling
    risk: Literal["low", "medium", "high"]
    sentence: str
    failed_checks: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict) -> "RiskAssessment":
        """Shorten a verdict."""
        return cls(
            ruling=verdict.ruling,
            risk=verdict.risk,
            sentence=verdict.sentence,
            failed_checks=tuple(check.sentence for check in verdict.failed),
        )


class IncidentBrief(BaseModel):
    """An incident in one line."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: Status
    culprit: Segment
    cause: str | None
    category: Category | None
    confidence: Fraction | None
    since: AwareDatetime
    proposed: Action | None
    executed: bool
    """True when the actuator has confirmed the action."""
    effect: Effect | None
    payments_saved: float | None
    mode: Mode = Mode.AUTOPILOT
    """In which it was ruled on; in shadow nothing is done, only recorded."""

    @classmethod
    def of(cls, incident: Incident) -> "IncidentBrief":
        """Shorten an incident."""
        diagnosis, outcome = incident.diagnosis, incident.outcome
        saved = outcome.payments_saved if outcome else None
        return cls(
            id=incident.id,
            status=incident.status,
            culprit=incident.culprit,
            cause=diagnosis.cause if diagnosis else None,
            category=diagnosis.category if diagnosis else None,
            confidence=diagnosis.confidence if diagnosis else None,
            since=incident.finding.since,
            proposed=incident.plan.action if incident.plan else None,
            executed=incident.executed,
            effect=outcome.effect if outcome else None,
            payments_saved=saved.mean if saved else None,
            mode=incident.verdict.mode if incident.verdict else Mode.AUTOPILOT,
        )


class CycleReport(BaseModel):
    """One cycle: the top live incident if there is one, else the quiet traffic."""

    model_config = ConfigDict(frozen=True)

    cycle: NonNegativeInt
    at: AwareDatetime
    """End of the increment that the cycle looked at, by the feed's clock."""
    window: Summary
    diagnosis: str
    evidence: tuple[EvidenceItem, ...]
    proposed_action: Action
    risk_assessment: RiskAssessment
    confidence_score: Fraction
    recommendation: str | None = None
    incident: IncidentBrief | None = None
    other_incidents: tuple[IncidentBrief, ...] = ()
    events: tuple[str, ...] = ()
    """What happened in this cycle: an incident opened, an action taken, an outcome."""
    notes: tuple[str, ...] = ()
    """What was wrong with the input."""
