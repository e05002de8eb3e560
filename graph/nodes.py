"""What each node of the crew does: fetch what an agent needs, let it decide, keep what it says.

Nodes are functions of the state and the services; `graph/crew.py` binds them to LangGraph.
"""

from langgraph.types import interrupt

from agents.planner.rollout import first_number, first_step
from graph.answers import APPROVING, after_a_note, answered, take
from graph.auditing import answer, compared, digest, grounds, note, proposal, refusal
from graph.facts import facts_of
from graph.interrupts import ask_payload
from graph.lessons import lesson_of
from graph.services import Services
from graph.state import (
    CrewState,
    Said,
    approvers_in,
    decision_in,
    diagnosis_in,
    lessons_in,
    plan_in,
    question_in,
    verdict_in,
)
from graph.telling import alert_message, nothing_done
from graph.thinking import diagnosed, planned
from graph.watching import find, hold_evidence
from payments.errors import ActuatorError, OutcomeUnknownError, RefusedError
from payments.incident import SCHEMA_VERSION, Incident, Status
from payments.intervention import Intervention
from payments.outcome import Effect, Outcome
from payments.verdict import Mode, Ruling, Verdict


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

    An earlier run on the same thread may have left a human's answers: they are no answers to this one.
    """
    asks_to_look = state.get("scenario") or state.get("window")
    is_open = "incident_id" in state and (state.get("outcome") or (state.get("finding") and not asks_to_look))
    found = CrewState(schema_version=SCHEMA_VERSION) if is_open else find(state, services)
    found["decision"] = found["receipt"] = found["refused"] = None
    found["answers"] = []
    return found


def analyst(state: CrewState, services: Services) -> CrewState:
    """Name the cause from the newest evidence; after the crew's own review once more."""
    incident = _incident(state, services)
    changes = diagnosed(state, hold_evidence(incident, services), services)
    diagnosis = diagnosis_in(changes)
    _save(incident, services, diagnosis=diagnosis)
    changes["decision"] = changes["opinion"] = None
    changes["path"] = _said(services, "analyst", diagnosis.sentence)
    return changes


def planner(state: CrewState, services: Services) -> CrewState:
    """Propose exactly one action; after a human's note once more, with the routes as they are now."""
    incident, changes = _incident(state, services), planned(state, services)
    plan = plan_in(changes)
    _save(incident, services, plan=plan)
    asked_for = {"diagnosis": grounds(diagnosis_in(state)), "plan": proposal(plan)}
    note(services, incident, "proposed", part=str(question_in(state)), actor="planner", inputs=asked_for)
    changes["path"] = _said(services, "planner", plan.reason)
    return changes


def risk_officer(state: CrewState, services: Services) -> CrewState:
    """Compare the plan with every guardrail; a human's answer goes through the same checks."""
    reviewed = services.risk_officer.review(facts_of(state, services))
    verdict = after_a_note(reviewed, decision_in(state))
    ruled = _incident(state, services).model_copy(update={"verdict": verdict, "plan": plan_in(state)})
    _save(ruled, services, approvers=approvers_in(state), **_asked(verdict, state))
    ruling = {"plan": proposal(plan_in(state)), "verdict": compared(verdict)}
    note(services, ruled, "ruled", part=str(question_in(state)), actor="risk_officer", inputs=ruling)
    return CrewState(
        verdict=verdict.model_dump(mode="json"), path=_said(services, "risk_officer", verdict.sentence)
    )


def _asked(verdict: Verdict, state: CrewState) -> dict[str, object]:
    """Give what changes with the incident when a human is asked, and when nobody is."""
    if verdict.ruling is Ruling.ASK and verdict.mode is not Mode.SHADOW:
        return {"status": Status.WAITING, "question": question_in(state)}
    return {"status": Status.OPEN}


def alert(state: CrewState, services: Services) -> CrewState:
    """Tell the people on duty, once per incident and matter."""
    incident = _incident(state, services)
    message = alert_message(incident, state)
    services.alerts.send(message)
    return CrewState(path=_said(services, "alert", message.title))


def second_opinion(state: CrewState, services: Services) -> CrewState:
    """Ask a language model, when all is ruled on and done; after a human's yes there is nothing to add."""
    decision = decision_in(state)
    if decision is not None and decision.type in APPROVING:
        return CrewState()
    if services.adviser is None:  # what another process was told was perhaps about another plan
        return CrewState(opinion=None) if state.get("opinion") else CrewState()
    opinion = services.adviser.advise(
        state["incident_id"], diagnosis_in(state), plan_in(state), verdict_in(state), lessons_in(state)
    )
    return CrewState(opinion=opinion.model_dump(mode="json"))


def ask(state: CrewState, services: Services) -> CrewState:
    """Wait for a human. Nothing may happen before the interrupt: on resume the node runs again."""
    given = interrupt(ask_payload(state))
    incident = _incident(state, services)
    try:
        decision = take(given, state, services)
    except RefusedError as error:
        return _ask_again(incident, given, str(error), services)
    part, words = str(decision.question), f"{decision.type} {decision.note}".strip()
    note(services, incident, "decided", part=part, actor=decision.by, inputs=answer(decision))
    changes = answered(decision, state, services)
    changes["path"] = _said(services, decision.by, words)
    return changes


def _ask_again(incident: Incident, given: object, because: str, services: Services) -> CrewState:
    """Keep the question open, and say to the next who is asked why the last answer did not count."""
    refusal(services, incident, given, because)
    return CrewState(decision=None, refused=because, path=_said(services, "human_checkpoint", because))


def act(state: CrewState, services: Services) -> CrewState:
    """Carry out the action, or its first step, once, through the outbox."""
    incident, plan = _incident(state, services), plan_in(state)
    key, settings = action_key(incident), services.rollout
    step = first_number(plan.action, diagnosis_in(state).attempts_per_window / services.window_s, settings)
    action = first_step(plan.action, settings, step)
    if services.stopped():
        return _not_done(services, "The kill switch is on: nothing was changed.")
    forbidden = _forbidden_by_now(key, state, services)
    if forbidden:
        return _not_done(services, f"The action was not carried out. {forbidden}")
    try:
        receipt = services.outbox.execute(key, incident.id, action, plan.expires_after_s)
    except OutcomeUnknownError as error:
        return _not_done(services, f"It is not known whether the action was carried out: {error}")
    except ActuatorError as error:
        return _not_done(services, f"The action was not carried out: {error}")
    services.incidents.start_intervention(
        Intervention(
            key=key,
            incident_id=incident.id,
            feed=incident.feed,
            action=action,
            goal=plan.action,
            step=step,
            started_at=receipt.effective_at,
            expires_at=receipt.expires_at,
        )
    )
    _save(incident, services, status=Status.ACTING, decision=decision_in(state), executed=True)
    in_force = {"action": action.model_dump(mode="json"), "receipt": receipt.model_dump(mode="json")}
    note(services, incident, "acted", part=key, actor="act", after=in_force, revert_handle=key)
    how = "in force" if services.actuator.changes_traffic else "only recorded, not carried out,"
    return CrewState(
        receipt=receipt.model_dump(mode="json"),
        path=_said(services, "act", f"{action.kind} {how} until {receipt.expires_at:%H:%M:%S}"),
    )


def _forbidden_by_now(key: str, state: CrewState, services: Services) -> str | None:
    """Rule once more right before the write: a crash may have put a day between the ruling and this.

    What was begun already is finished, and ends with its expiry.
    """
    if services.outbox.next_key(state["incident_id"]) != key:
        return None
    verdict = services.risk_officer.review(facts_of(state, services))
    return None if verdict.ruling is Ruling.ACT else verdict.sentence


def learn(state: CrewState, services: Services) -> CrewState:
    """Keep what came of it as a lesson, and the incident under watch until it is over."""
    incident = _incident(state, services)
    given = state.get("outcome")
    outcome = Outcome.model_validate(given) if given else nothing_done(state)
    kept = services.incidents.decision(incident.id, incident.question)
    decision = decision_in(state) or incident.decision or kept
    changed = {"outcome": outcome, "decision": decision, "status": Status.WATCHED}
    learned = incident.model_copy(update=changed)
    if learned.diagnosis is not None and (decision is None or decision.type != "ignore"):
        done = services.incidents.interventions(incident.id)
        services.lessons.remember(lesson_of(learned, done), lessons_in(state))
    _save(learned, services)
    came = outcome.model_dump(mode="json")
    note(services, learned, "outcome", part=digest(came), actor="learn", inputs=came)
    return CrewState(outcome=came, path=_said(services, "learn", outcome.sentence))


def action_key(incident: Incident) -> str:
    """Give the idempotency key of the incident's one action."""
    return f"{incident.id}:1"


def _not_done(services: Services, sentence: str) -> CrewState:
    outcome = Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)
    return CrewState(outcome=outcome.model_dump(mode="json"), path=_said(services, "act", sentence))
