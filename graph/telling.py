"""What people are told of an incident, and what is said of one in which nothing was done."""

from graph.state import CrewState, decision_in, diagnosis_in, plan_in, question_in, verdict_in
from payments.action import ActionKind
from payments.alert import AlertMessage
from payments.decision import Decision
from payments.incident import Incident
from payments.outcome import Effect, Outcome
from payments.verdict import Ruling

_DID = {"reject": "rejected the proposal", "ignore": "left the proposal undecided"}


def alert_message(incident: Incident, state: CrewState) -> AlertMessage:
    """Say what people must know now, under a key that is sent once."""
    verdict = verdict_in(state)
    matter, text = _matter(incident, state)
    return AlertMessage(
        dedup_key=f"{incident.id}:{matter}",
        incident_id=incident.id,
        at=incident.updated_at,
        severity="critical" if verdict.risk == "high" or matter == "failed" else "warning",
        title=diagnosis_in(state).sentence,
        text=text,
    )


def _matter(incident: Incident, state: CrewState) -> tuple[str, str]:
    verdict, outcome = verdict_in(state), state.get("outcome")
    text = f"{plan_in(state).reason} {verdict.sentence}"
    if outcome:
        return "failed", Outcome.model_validate(outcome).sentence
    if verdict.ruling is Ruling.ASK:
        number = question_in(state)
        decide = f"Decide with run.py approve, edit, reject, respond or ignore {incident.id[:8]}."
        return "ask" if number == 1 else f"ask:{number}", f"{text} {decide}"
    if verdict.ruling is Ruling.ACT and decision_in(state) is not None:
        return "approved", text
    return verdict.ruling.value, text


def nothing_done(state: CrewState) -> Outcome:
    """Say why no traffic was touched."""
    sentence = _refused_by(decision_in(state)) or _left_by_the_crew(state)
    return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)


def _refused_by(decision: Decision | None) -> str | None:
    did = _DID.get(decision.type) if decision else None
    if decision is None or did is None:
        return None
    return f"{decision.by} {did}{': ' if decision.note else ''}{decision.note}."


def _left_by_the_crew(state: CrewState) -> str:
    verdict, plan = verdict_in(state), plan_in(state)
    match verdict.ruling:
        case Ruling.BLOCK:
            return f"The guardrails forbade the proposal: {verdict.sentence}"
        case Ruling.ASK:
            return f"In {verdict.mode} mode nobody is asked and nothing is done. {verdict.sentence}"
        case Ruling.ACT if plan.action.kind is ActionKind.ALERT:
            return f"Operators were told, no traffic was touched. {plan.reason}"
        case Ruling.ACT:
            return f"Nothing was done. {plan.reason}"
