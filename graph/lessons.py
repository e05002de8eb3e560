"""An incident as the lesson that it leaves."""

from payments.incident import Incident, Lesson


def lesson_of(incident: Incident) -> Lesson:
    """Make the lesson of an incident that has a diagnosis, a plan and an outcome."""
    diagnosis, plan, outcome = incident.diagnosis, incident.plan, incident.outcome
    if diagnosis is None or plan is None or outcome is None:
        missing = [n for n in ("diagnosis", "plan", "outcome") if getattr(incident, n) is None]
        msg = f"incident {incident.id} has no {', '.join(missing)} yet: there is nothing to learn"
        raise ValueError(msg)
    saved = outcome.payments_saved
    return Lesson(
        incident_id=incident.id,
        at=incident.finding.at,
        cause=diagnosis.cause,
        category=diagnosis.category,
        culprit=diagnosis.culprit,
        shape=diagnosis.shape,
        action=plan.action.kind,
        effect=outcome.effect,
        payments_saved=saved.mean if saved else None,
        decided_by=incident.decision.by if incident.decision else "crew",
        rejected=incident.decision is not None and incident.decision.type == "reject",
        text=f"{diagnosis.sentence} {plan.reason} {outcome.sentence}",
    )
