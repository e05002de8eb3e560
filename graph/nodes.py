"""What each node of the crew does: fetch what an agent needs, let it decide, keep what it says.

Nodes are functions of the state and the services; `graph/crew.py` binds them to LangGraph.
"""

from langgraph.types import interrupt

from graph.facts import Traffic, facts_of, planned_at, routes_for, traffic_in
from graph.interrupts import ask_payload, read_answer
from graph.lessons import lesson_of
from graph.services import Services
from graph.state import (
    CrewState,
    Said,
    decision_in,
    diagnosis_in,
    finding_in,
    lessons_in,
    plan_in,
    verdict_in,
)
from graph.watching import find, hold_evidence
from payments.action import ActionKind, Effect, Outcome, Ruling
from payments.alert import AlertMessage
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.incident import SCHEMA_VERSION, Incident, Intervention, Status


def _said(services: Services, agent: str, words: str) -> list[Said]:
    return [Said(agent=agent, at=services.clock().isoformat(), said=words)]


def _incident(state: CrewState, services: Services) -> Incident:
    return services.incidents.get(state["incident_id"])


def _save(incident: Incident, services: Services, **changes: object) -> None:
    """Keep a changed incident; a change that is already there is written again, harmlessly."""
    update = {**changes, "updated_at": max(services.clock(), incident.updated_at)}
    services.incidents.save(incident.model_copy(update=update))


def monitor(state: CrewState, services: Services) -> CrewState:
    """Look at the next increment; pass on when the run is about an incident that is open already.

    An earlier run on the same thread may have left a human's answer: it is no answer to this one.
    """
    asks_to_look = state.get("scenario") or state.get("window")
    is_open = "incident_id" in state and (state.get("outcome") or (state.get("finding") and not asks_to_look))
    found = CrewState(schema_version=SCHEMA_VERSION) if is_open else find(state, services)
    found["decision"] = found["receipt"] = None
    return found


def analyst(state: CrewState, services: Services) -> CrewState:
    """Name the cause, with similar past incidents at hand."""
    incident, finding = _incident(state, services), finding_in(state)
    evidence = hold_evidence(incident, services)
    lessons = services.lessons.recall(services.analyst.describe(evidence))
    planned = planned_at(finding.at, state, services)
    diagnosis = services.analyst.analyse(evidence, lessons, planned, finding.at, services.window_s)
    _save(incident, services, diagnosis=diagnosis)
    return CrewState(
        lessons=[lesson.model_dump(mode="json") for lesson in lessons],
        diagnosis=diagnosis.model_dump(mode="json"),
        traffic=Traffic.of(evidence, finding, services.window_s).model_dump(mode="json"),
        path=_said(services, "analyst", diagnosis.sentence),
    )


def planner(state: CrewState, services: Services) -> CrewState:
    """Propose exactly one action."""
    diagnosis, traffic = diagnosis_in(state), traffic_in(state)
    routes = routes_for(diagnosis.culprit, state, services)
    plan = services.planner.plan(
        diagnosis, routes, lessons_in(state), services.window_s, traffic.attempts_per_window
    )
    _save(_incident(state, services), services, plan=plan)
    return CrewState(
        plan=plan.model_dump(mode="json"),
        traffic=traffic.model_copy(update={"routes": routes}).model_dump(mode="json"),
        path=_said(services, "planner", plan.reason),
    )


def risk_officer(state: CrewState, services: Services) -> CrewState:
    """Compare the plan with every guardrail; a human's answer goes through the same checks."""
    verdict = services.risk_officer.review(facts_of(state, services))
    waits = verdict.ruling is Ruling.ASK and decision_in(state) is None
    status = Status.WAITING if waits else Status.OPEN
    _save(_incident(state, services), services, verdict=verdict, plan=plan_in(state), status=status)
    return CrewState(
        verdict=verdict.model_dump(mode="json"), path=_said(services, "risk_officer", verdict.sentence)
    )


def alert(state: CrewState, services: Services) -> CrewState:
    """Tell the people on duty, once per incident and matter."""
    incident = _incident(state, services)
    message = alert_message(incident, state)
    services.alerts.send(message)
    return CrewState(path=_said(services, "alert", message.title))


def ask(state: CrewState, services: Services) -> CrewState:
    """Wait for a human. Nothing may happen before the interrupt: on resume the node runs again."""
    answer = interrupt(ask_payload(state))
    decision = read_answer(answer, plan_in(state), services.clock())
    said = _said(services, decision.by, f"{decision.type} {decision.note}".strip())
    if decision.action is None:
        return CrewState(decision=decision.model_dump(mode="json"), path=said)
    diagnosis, traffic = diagnosis_in(state), traffic_in(state)
    plan = services.planner.replan(
        diagnosis,
        decision.action,
        traffic.routes,
        lessons_in(state),
        services.window_s,
        traffic.attempts_per_window,
    )
    return CrewState(decision=decision.model_dump(mode="json"), plan=plan.model_dump(mode="json"), path=said)


def act(state: CrewState, services: Services) -> CrewState:
    """Carry out the action, once, through the outbox."""
    incident, plan = _incident(state, services), plan_in(state)
    key = action_key(incident)
    if services.stopped():
        return _not_done(services, "The kill switch is on: nothing was changed.")
    try:
        receipt = services.outbox.execute(key, incident.id, plan.action, plan.expires_after_s)
    except OutcomeUnknownError as error:
        return _not_done(services, f"It is not known whether the action was carried out: {error}")
    except ActuatorError as error:
        return _not_done(services, f"The action was not carried out: {error}")
    services.incidents.start_intervention(
        Intervention(
            key=key,
            incident_id=incident.id,
            feed=incident.feed,
            action=plan.action,
            started_at=receipt.effective_at,
            expires_at=receipt.expires_at,
        )
    )
    _save(incident, services, status=Status.ACTING, decision=decision_in(state), executed=True)
    return CrewState(
        receipt=receipt.model_dump(mode="json"),
        path=_said(services, "act", f"{plan.action.kind} in force until {receipt.expires_at:%H:%M:%S}"),
    )


def learn(state: CrewState, services: Services) -> CrewState:
    """Keep what came of it as a lesson, and the incident under watch until it is over."""
    incident = _incident(state, services)
    given = state.get("outcome")
    outcome = Outcome.model_validate(given) if given else _nothing_done(state)
    learned = incident.model_copy(
        update={
            "outcome": outcome,
            "decision": decision_in(state) or incident.decision,
            "status": Status.WATCHED,
        }
    )
    if learned.diagnosis is not None:
        services.lessons.remember(lesson_of(learned))
    _save(learned, services)
    return CrewState(outcome=outcome.model_dump(mode="json"), path=_said(services, "learn", outcome.sentence))


def action_key(incident: Incident) -> str:
    """Give the idempotency key of the incident's one action."""
    return f"{incident.id}:1"


def _not_done(services: Services, sentence: str) -> CrewState:
    outcome = Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)
    return CrewState(outcome=outcome.model_dump(mode="json"), path=_said(services, "act", sentence))


def _nothing_done(state: CrewState) -> Outcome:
    decision, verdict = decision_in(state), verdict_in(state)
    if decision is not None and decision.type == "reject":
        sentence = f"{decision.by} rejected the proposal{': ' + decision.note if decision.note else ''}."
    elif verdict.ruling is Ruling.BLOCK:
        sentence = f"The guardrails forbade the proposal: {verdict.sentence}"
    elif plan_in(state).action.kind is ActionKind.ALERT:
        sentence = f"Operators were told, no traffic was touched. {plan_in(state).reason}"
    else:
        sentence = f"Nothing was done. {plan_in(state).reason}"
    return Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)


def alert_message(incident: Incident, state: CrewState) -> AlertMessage:
    """Say what people must know now, under a key that is sent once."""
    verdict, plan, outcome = verdict_in(state), plan_in(state), state.get("outcome")
    if outcome:
        matter, text = "failed", Outcome.model_validate(outcome).sentence
    elif verdict.ruling is Ruling.ASK and not state.get("decision"):
        matter = "ask"
        text = (
            f"{plan.reason} {verdict.sentence} Decide with run.py approve, edit or reject {incident.id[:8]}."
        )
    else:
        matter = "approved" if verdict.ruling is Ruling.ASK else verdict.ruling.value
        text = f"{plan.reason} {verdict.sentence}"
    return AlertMessage(
        dedup_key=f"{incident.id}:{matter}",
        incident_id=incident.id,
        at=incident.updated_at,
        severity="critical" if verdict.risk == "high" or matter == "failed" else "warning",
        title=diagnosis_in(state).sentence,
        text=text,
    )
