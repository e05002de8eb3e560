"""What makes a human's answer acceptable, and what it changes in the run.

Both ways to answer go through here, the command line and an inbox that resumes the run itself: first the
answer is checked, then it is on disk, then anything may follow from it.
"""

from graph.facts import facts_of, traffic_in, traffic_now
from graph.fitting import fitted
from graph.interrupts import read_answer
from graph.services import Services
from graph.state import (
    CrewState,
    approvers_in,
    diagnosis_in,
    lessons_in,
    plan_in,
    question_in,
)
from guardrails.facts import person
from payments.decision import Decision
from payments.errors import RefusedError
from payments.verdict import Check, Ruling, Verdict

NOTE_CHARACTERS_AT_MOST = 1_000
NAME_CHARACTERS_AT_MOST = 100

APPROVING = frozenset({"approve", "edit"})
"""Answers that let something happen."""


def take(answer: object, state: CrewState, services: Services) -> Decision:
    """Accept an answer to the question of the state and keep it; one that is on record already stands.

    Raises:
        RefusedError: the answer makes no sense or may not be given; nothing was kept.
    """
    incident_id, question = state["incident_id"], question_in(state)
    standing = services.incidents.decision(incident_id, question)
    if standing is not None:
        return standing
    decision = read_answer(answer, plan_in(state), services.clock(), question)
    keep(decision, state, services)
    return decision


def keep(decision: Decision, state: CrewState, services: Services) -> None:
    """Check a decision on the question of the state, then write it to disk.

    Raises:
        RefusedError: it may not be given, or somebody was quicker; nothing was kept.
    """
    _refuse_another_question(decision, state)
    refuse_long_words(decision.note, decision.by)
    if decision.type in APPROVING:
        _refuse_the_same_person(decision, state)
        _refuse_forbidden(decision, state, services)
    services.incidents.record_decision(state["incident_id"], decision)


def answered(decision: Decision, state: CrewState, services: Services) -> CrewState:
    """Give what a decision changes in the state: traffic as it is now, and what is approved, fitted to it."""
    traffic = traffic_now(state, services)
    changes = CrewState(
        decision=decision.model_dump(mode="json"),
        answers=[*state.get("answers", []), decision.model_dump(mode="json")],
        question=question_in(state) + 1,
        refused=None,
        traffic=traffic.model_dump(mode="json"),
    )
    plan = plan_in(state)
    approved = fitted(decision.action or plan.action, traffic_in(state).routes, traffic.routes)
    if decision.type in APPROVING and approved != plan.action:
        situation = traffic.situation(diagnosis_in(state), lessons_in(state), services.window_s)
        plan = services.planner.replan(situation, approved)
        changes["plan"] = plan.model_dump(mode="json")
    return changes


def after_a_note(verdict: Verdict, decision: Decision | None) -> Verdict:
    """Ask again after a human's note, whatever the crew could now do alone: somebody is looking at it."""
    if decision is None or decision.type != "respond" or verdict.ruling is not Ruling.ACT:
        return verdict
    sentence = f"{decision.by} answered with a note, so the crew has planned again and asks again."
    check = Check(name="note", passed=False, sentence=sentence, on_failure="ask")
    asks = {"ruling": Ruling.ASK, "checks": (*verdict.checks, check)}
    return verdict.model_copy(update={**asks, "sentence": f"A human must decide: {sentence}"})


def refuse_long_words(note: str, name: str) -> None:
    """Refuse words that no record should carry.

    Raises:
        RefusedError: the note or the name is too long; the message says by how much.
    """
    for what, text, limit in (
        ("note", note, NOTE_CHARACTERS_AT_MOST),
        ("name", name, NAME_CHARACTERS_AT_MOST),
    ):
        if len(text) > limit:
            msg = f"the {what} has {len(text):,} characters, at most {limit:,} are kept: shorten it"
            raise RefusedError(msg)


def _refuse_another_question(decision: Decision, state: CrewState) -> None:
    if decision.question != question_in(state):
        msg = (
            f"incident {state['incident_id'][:8]} asks question {question_in(state)} now, "
            f"not {decision.question}: the proposal has changed, look at it before you decide"
        )
        raise RefusedError(msg)


def _refuse_the_same_person(decision: Decision, state: CrewState) -> None:
    behind = approvers_in(state)
    if person(decision.by) in {person(name) for name in behind}:
        msg = (
            f"incident {state['incident_id'][:8]} needs a second person: {decision.by!r} stands behind this "
            "proposal already; somebody else must approve it"
        )
        raise RefusedError(msg)


def _refuse_forbidden(decision: Decision, state: CrewState, services: Services) -> None:
    changed: CrewState = {**state, **answered(decision, state, services)}
    verdict = services.risk_officer.review(facts_of(changed, services))
    if verdict.ruling is Ruling.BLOCK:
        short_id = state["incident_id"][:8]
        raise RefusedError(f"incident {short_id} still waits, nothing was decided. {verdict.sentence}")
