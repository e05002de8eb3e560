"""Reports and incidents that the tests of the console draw."""

from datetime import UTC, datetime, timedelta

from graph.report import APPROVAL_REQUIRED, CycleReport, IncidentBrief, RiskAssessment
from payments.action import Action, NoAction, Reroute
from payments.decision import Decision
from payments.diagnosis import Category, Diagnosis, EvidenceItem, Hypothesis
from payments.finding import Finding, Signal
from payments.incident import Incident, Status
from payments.lesson import Lesson
from payments.observation import Summary
from payments.outcome import Effect, Outcome
from payments.plan import Candidate, Interval, Plan
from payments.segment import Segment
from payments.tally import Tally
from payments.verdict import Check, Ruling, Verdict

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HOSTILE = "[red]x[/red]\x1b[2J\r\n\u202eevil\u2028{boom} [/]"
INCIDENT_ID = "3f2a91c0-0000-5000-8000-000000000000"
CULPRIT = Segment.of(psp="northpay")
REROUTE = Reroute(
    scope=CULPRIT, from_route="northpay", to={"swiftgate": 0.6, "unipay": 0.4}, share=0.98
)  # fmt: skip
EVIDENCE = (
    EvidenceItem(id="e1", label="technical failures", observed=231, expected=4.25),
    EvidenceItem(id="e2", label="success rate", observed=0.1234, expected=0.938, unit="fraction"),
)


def summary(cycle: int = 0, success_rate: float | None = 0.938) -> Summary:
    """Make the last minute's figures."""
    end = NOON + timedelta(seconds=5 * cycle)
    successes = round(12_000 * (success_rate or 0))
    return Summary(
        start=end - timedelta(seconds=60), end=end, attempts=12_000, successes=successes,
        failures=12_000 - successes, pending=0, success_rate=success_rate, expected_success_rate=0.94,
        latency_p50_ms=210.0, latency_p95_ms=890.0, top_codes=(("91", 212), ("U30", 31)),
    )  # fmt: skip


def quiet(cycle: int = 0) -> CycleReport:
    """Make a cycle in which nothing is wrong."""
    return CycleReport(
        cycle=cycle,
        at=NOON + timedelta(seconds=5 * cycle),
        window=summary(cycle),
        diagnosis="Traffic is as expected.",
        evidence=(),
        proposed_action=NoAction(scope=Segment({}), reason="nothing is wrong"),
        risk_assessment=RiskAssessment(ruling=Ruling.ACT, risk="low", sentence="Nothing to do."),
        confidence_score=0.99,
    )


def brief(
    status: Status = Status.ACTING,
    *,
    culprit: Segment = CULPRIT,
    proposed: Action = REROUTE,
    executed: bool = True,
) -> IncidentBrief:
    """Make an incident in one line."""
    return IncidentBrief(
        id=INCIDENT_ID, status=status, culprit=culprit, cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM, confidence=0.93, since=NOON,
        proposed=proposed, executed=executed, effect=None, payments_saved=None,
    )  # fmt: skip


def acting(cycle: int = 1) -> CycleReport:
    """Make a cycle with an incident on which the crew acts alone."""
    return quiet(cycle).model_copy(
        update={
            "window": summary(cycle, 0.713),
            "diagnosis": "Network or system failure: psp=northpay fails technically since 12:00:00.",
            "evidence": EVIDENCE,
            "proposed_action": REROUTE,
            "risk_assessment": RiskAssessment(
                ruling=Ruling.ACT, risk="medium", sentence="Every check passed."
            ),
            "confidence_score": 0.93,
            "incident": brief(),
            "events": ("Incident 3f2a91c0 opened.",),
        }
    )


def waiting(cycle: int = 1) -> CycleReport:
    """Make a cycle with an incident just below the threshold, which waits for a human."""
    failed = "Confidence 0.79 is below the threshold 0.80."
    return acting(cycle).model_copy(
        update={
            "risk_assessment": RiskAssessment(
                ruling=Ruling.ASK, risk="high", sentence="A human decides.", failed_checks=(failed,)
            ),
            "confidence_score": 0.7999,
            "recommendation": APPROVAL_REQUIRED,
            "incident": brief(Status.WAITING, executed=False),
        }
    )


def hostile(cycle: int = 1) -> CycleReport:
    """Make a cycle in which every text is an attack on the terminal."""
    culprit = Segment({"merchant": HOSTILE})
    item = EvidenceItem(id=HOSTILE, label=HOSTILE, observed=float("inf"), expected=0.5, unit=HOSTILE)
    proposed = Reroute(scope=culprit, from_route=HOSTILE, to={HOSTILE: 1.0}, share=1.0)
    return waiting(cycle).model_copy(
        update={
            "diagnosis": HOSTILE,
            "evidence": (item,),
            "proposed_action": proposed,
            "incident": brief(Status.WAITING, culprit=culprit, proposed=proposed),
            "other_incidents": (brief(culprit=culprit, proposed=proposed),),
            "risk_assessment": RiskAssessment(
                ruling=Ruling.ASK, risk="high", sentence=HOSTILE, failed_checks=(HOSTILE, "other" + HOSTILE)
            ),
            "window": summary(cycle).model_copy(update={"top_codes": ((HOSTILE, 3),)}),
            "events": (HOSTILE,),
            "notes": (HOSTILE,),
        }
    )


def diagnosis(culprit: Segment = CULPRIT, text: str = "psp=northpay fails technically.") -> Diagnosis:
    """Make a diagnosis with two hypotheses."""
    return Diagnosis(
        at=NOON, since=NOON, culprit=culprit, cause="psp_outage", category=Category.NETWORK_OR_SYSTEM,
        confidence=0.7999, shape={"technical": 0.97}, evidence=EVIDENCE, share_explained=0.96,
        complement_normal=True, tally=Tally(attempts=500, failures=300), attempts_per_window=1_234.5,
        sentence=text,
        hypotheses=(
            Hypothesis(cause="issuer_outage", category=Category.ISSUER, culprit=culprit, probability=0.04,
                       speaks_against=("Every issuer fails alike.",)),
            Hypothesis(cause="psp_outage", category=Category.NETWORK_OR_SYSTEM, culprit=culprit,
                       probability=0.93, speaks_for=("Only this route fails.", text)),
        ),
    )  # fmt: skip


def plan(action: Action = REROUTE) -> Plan:
    """Make a plan with one alternative."""
    return Plan(
        action=action, payments_saved=Interval(low=80, mean=120.4, high=160), expires_after_s=900,
        reason="The other routes have room.",
        alternatives=(
            Candidate(action=NoAction(scope=CULPRIT, reason="wait"),
                      payments_saved=Interval(low=0, mean=0, high=0), reason="Saves nothing."),
        ),
    )  # fmt: skip


def incident(status: Status = Status.WAITING, culprit: Segment = CULPRIT) -> Incident:
    """Make an incident that waits for a human."""
    verdict = Verdict(
        ruling=Ruling.ASK, risk="high", confidence=0.7999, sentence="A human decides.",
        checks=(
            Check(name="confidence", passed=False, sentence="Confidence 0.79 is below 0.80.",
                  on_failure="ask", measured=0.7999, limit=0.8),
            Check(name="volume", passed=True, sentence="1234 payments are within 5000.", on_failure="ask",
                  measured=1234, limit=5000),
        ),
    )  # fmt: skip
    signal = Signal(kind="technical", segment=culprit, onset=NOON, observed=231, expected=4.25, attempts=500,
                    log_evidence=41.5)  # fmt: skip
    return Incident(
        id=INCIDENT_ID, feed="simulator:psp_outage:7", status=status, opened_at=NOON, updated_at=NOON,
        finding=Finding(at=NOON, since=NOON, signals=(signal,), threshold=12.0, ticks_learned=900),
        diagnosis=diagnosis(culprit), plan=plan(), verdict=verdict,
    )  # fmt: skip


def closed() -> Incident:
    """Make an incident that is over, decided by an edit."""
    edited = REROUTE.model_copy(update={"share": 0.1})
    return incident(Status.CLOSED).model_copy(
        update={
            "decision": Decision(type="edit", by="asha", at=NOON, note="gently", action=edited),
            "outcome": Outcome(
                effect=Effect.HELPED, payments_saved=Interval(low=8, mean=12, high=16),
                reverted_because="it expired", sentence="The moved share succeeded at 93 %.",
            ),
            "closed_because": "the rate is back to normal",
        }
    )  # fmt: skip


def lesson(culprit: Segment = CULPRIT, text: str = "A reroute helped.") -> Lesson:
    """Make a lesson."""
    return Lesson(
        incident_id="aa11bb22-0000-5000-8000-000000000000", at=NOON, cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM, culprit=culprit, shape={}, action=REROUTE.kind,
        effect=Effect.HELPED, payments_saved=42.0, decided_by="crew", text=text, similarity=0.91,
    )  # fmt: skip
