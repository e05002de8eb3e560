"""A cycle in words: the top live incident if there is one, else the quiet traffic."""

from collections.abc import Sequence
from math import exp

from graph.report import APPROVAL_REQUIRED, CycleReport, IncidentBrief, RiskAssessment
from payments.action import Action, NoAction
from payments.diagnosis import EvidenceItem
from payments.incident import Incident, Status
from payments.observation import Observation
from payments.segment import Segment
from payments.verdict import Ruling

NOTHING = NoAction(scope=Segment({}), reason="Nothing differs from the learned baseline by more than chance.")
NO_RISK = RiskAssessment(ruling=Ruling.ACT, risk="low", sentence="Nothing is changed.")
TICKS_TO_LEARN = 12
"""A baseline of fewer increments is no baseline yet; the share of them learned bounds the confidence."""


def describe(
    cycle: int,
    observation: Observation,
    live: Sequence[Incident],
    *,
    confidence_threshold: float,
    events: Sequence[str],
) -> CycleReport:
    """Make the report of one cycle."""
    summary = observation.summary
    ranked = sorted(live, key=_urgency)
    spoken = next((incident for incident in ranked if incident.plan and incident.verdict), None)
    if spoken is None:
        sentence, evidence, action, risk, confidence = _quiet(observation)
    else:
        sentence, evidence, action, risk, confidence = _incident(spoken)
    return CycleReport(
        cycle=cycle,
        at=summary.end,
        window=summary,
        diagnosis=sentence,
        evidence=evidence,
        proposed_action=action,
        risk_assessment=risk,
        confidence_score=confidence,
        recommendation=APPROVAL_REQUIRED if confidence < confidence_threshold else None,
        incident=IncidentBrief.of(spoken) if spoken else None,
        other_incidents=tuple(IncidentBrief.of(incident) for incident in ranked if incident is not spoken),
        events=tuple(events),
        notes=observation.notes,
    )


Spoken = tuple[str, tuple[EvidenceItem, ...], Action, RiskAssessment, float]


def _incident(incident: Incident) -> Spoken:
    diagnosis, plan, verdict = incident.diagnosis, incident.plan, incident.verdict
    if diagnosis is None or plan is None or verdict is None:
        msg = f"incident {incident.id} is not diagnosed yet"
        raise ValueError(msg)
    return diagnosis.sentence, diagnosis.evidence, plan.action, RiskAssessment.of(verdict), verdict.confidence


def _quiet(observation: Observation) -> Spoken:
    """Say that nothing is wrong, as surely as the detector can.

    The threshold is the logarithm of the odds against an incident that the false-alarm budget implies, so
    evidence E leaves a probability of 1 / (1 + exp(E - threshold)) for normal traffic.
    """
    summary = observation.summary
    learned = min(1.0, observation.ticks_learned / TICKS_TO_LEARN)
    confidence = learned / (1.0 + exp(min(50.0, observation.log_evidence - observation.threshold)))
    seconds = (summary.end - summary.start).total_seconds()
    rate, expected = summary.success_rate, summary.expected_success_rate
    if learned < 1.0:
        sentence = f"Learning what is normal: {observation.ticks_learned} of {TICKS_TO_LEARN} increments."
    elif rate is None:
        sentence = f"No attempts in the last {seconds:.0f} s."
    else:
        against = "" if expected is None else f", {expected:.1%} expected"
        done = f"{rate:.1%} of {summary.attempts} attempts in the last {seconds:.0f} s succeeded"
        sentence = f"No incident: {done}{against}."
    return sentence, _figures(observation), NOTHING, NO_RISK, round(confidence, 6)


def _figures(observation: Observation) -> tuple[EvidenceItem, ...]:
    summary = observation.summary
    expected = summary.expected_success_rate
    decided = summary.attempts - summary.pending
    items = [
        EvidenceItem(id="e1", label="attempts", observed=summary.attempts, unit="attempts"),
        EvidenceItem(
            id="e2",
            label="failures",
            observed=summary.failures,
            expected=None if expected is None else round(decided * (1 - expected), 1),
        ),
        EvidenceItem(
            id="e3",
            label="strongest log evidence of any segment",
            observed=round(observation.log_evidence, 2),
            expected=round(observation.threshold, 2),
            unit="nats",
        ),
    ]
    if summary.latency_p95_ms is not None:
        items.append(
            EvidenceItem(id="e4", label="latency p95", observed=round(summary.latency_p95_ms), unit="ms")
        )
    return tuple(items)


def _urgency(incident: Incident) -> tuple[int, float]:
    """Waiting for a human first, then what is acted on, then the most excess failures an increment."""
    order = {Status.WAITING: 0, Status.ACTING: 1, Status.OPEN: 2, Status.WATCHED: 3, Status.CLOSED: 4}
    tally = incident.diagnosis.tally if incident.diagnosis else None
    excess = (tally.failures - tally.expected_failures) / max(tally.ticks, 1) if tally else 0.0
    return order[incident.status], -excess
