"""An incident as the lesson that it leaves."""

from collections.abc import Sequence

from graph.lately import NO_TARGET
from payments.action import Reroute
from payments.incident import Incident
from payments.intervention import Intervention
from payments.lesson import Lesson, shown_by
from payments.outcome import Outcome

SOUND_LOG_EVIDENCE = 1.0
"""Nats from which a target counts as sound in a lesson; one that left counts as bad."""


def lesson_of(incident: Incident, interventions: Sequence[Intervention] = ()) -> Lesson:
    """Make the lesson of an incident that has a diagnosis, a plan and an outcome.

    Args:
        incident: what was found, done and seen.
        interventions: all that was in force for it, the earliest first.
    """
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
        shape={**diagnosis.shape, **shown_by(_targets(interventions, outcome))},
        action=plan.action.kind,
        effect=outcome.effect,
        payments_saved=saved.mean if saved else None,
        decided_by=incident.decision.by if incident.decision else "crew",
        rejected=incident.decision is not None and incident.decision.type == "reject",
        text=f"{diagnosis.sentence} {plan.reason} {outcome.sentence}",
    )


def _targets(interventions: Sequence[Intervention], outcome: Outcome) -> dict[str, bool]:
    """Say which targets proved sound and which bad; nothing of those that showed too little."""
    sound = {
        name
        for one in interventions
        for name, shown in one.evidence.items()
        if shown.sound >= SOUND_LOG_EVIDENCE
    }
    bad = {name for one in interventions for name in one.dropped}
    if interventions and outcome.reverted_because == NO_TARGET:
        last = interventions[-1].action
        bad |= set(last.to) if isinstance(last, Reroute) else set()
    return {name: name not in bad for name in sorted(sound | bad)}
