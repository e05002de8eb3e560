"""The question to a human and the answer, in the forms that LangGraph's inboxes speak.

Out: `action_requests` and `review_configs` (current form), with `arguments` beside `args`, and beside them
`action_request`, `config` and `description` (first form of Agent Inbox, the only one with a button for each
of accept, edit, respond and ignore).
In: `{"decisions": [...]}` (current), `[{"type": "accept" | ...}]` (Agent Inbox, edited values as strings) or
our own `Decision` as JSON. All three end as one `Decision`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from graph.state import CrewState, Json, answers_in, diagnosis_in, plan_in, question_in, verdict_in
from payments.action import ACTION, Action
from payments.decision import Decision
from payments.errors import RefusedError
from payments.plan import Plan

_TYPES = {
    "approve": "approve", "accept": "approve", "edit": "edit", "reject": "reject", "ignore": "ignore",
    "response": "respond", "respond": "respond",
}  # fmt: skip
_ALLOWED = ["approve", "edit", "reject", "respond", "ignore"]
_CONFIG = dict.fromkeys(("allow_accept", "allow_edit", "allow_respond", "allow_ignore"), True)


def ask_payload(state: CrewState) -> Json:
    """Make the card that a human decides on: a pure function of the state, so it is the same on every run."""
    plan, diagnosis, verdict = plan_in(state), diagnosis_in(state), verdict_in(state)
    name, args = plan.action.kind.value, plan.action.model_dump(mode="json", exclude={"kind"})
    description, opinion = _description(state), state.get("opinion") or {}
    return {
        "incident_id": state["incident_id"],
        "question": question_in(state),
        "confidence": diagnosis.confidence,
        "failed_checks": [check.sentence for check in verdict.failed],
        "answers": [answer.words for answer in answers_in(state)],
        "refused": state.get("refused"),
        "opinion": opinion,
        "action_requests": [{"name": name, "args": args, "arguments": args, "description": description}],
        "review_configs": [{"action_name": name, "allowed_decisions": _ALLOWED}],
        "action_request": {"action": name, "args": args},
        "config": _CONFIG,
        "description": description,
    }


def _description(state: CrewState) -> str:
    """Say what happened, what is proposed and why it is asked; above it, what came of the last answer."""
    refused = state.get("refused")
    first = [f"Not accepted: {refused}"] if refused else []
    earlier = [f"{answer.words}{': ' if answer.note else ''}{answer.note}" for answer in answers_in(state)]
    sentences = (diagnosis_in(state).sentence, plan_in(state).reason, verdict_in(state).sentence)
    summary = (state.get("opinion") or {}).get("summary")
    plainly = [f"In the words of a language model, which decides nothing: {summary}"] if summary else []
    return "\n\n".join([*first, *sentences, *earlier, *plainly])


def read_answer(answer: object, plan: Plan, at: datetime, question: int = 1) -> Decision:
    """Read a human's answer of any of the three forms; one that names no question answers this one.

    Raises:
        RefusedError: the answer is of no known form, or its edited action is not valid.
    """
    given = _first(answer)
    kind = _TYPES.get(str(given.get("type")))
    if kind is None:
        msg = f"answer of type {given.get('type')!r} is not one of {sorted(set(_TYPES))}"
        raise RefusedError(msg)
    decided = {
        "type": kind,
        "question": given.get("question") or question,
        "by": given.get("by") or "studio",
        "at": given.get("at") or at,
        "note": _note(given),
        "action": _edited(given, plan) if kind == "edit" else None,
    }
    try:
        return Decision.model_validate(decided)
    except ValidationError as error:
        msg = f"answer with {_first_problem(error)}"
        raise RefusedError(msg) from error


def _first(answer: object) -> Mapping[str, Any]:
    if isinstance(answer, str):
        answer = {"type": answer}
    if isinstance(answer, Mapping) and isinstance(answer.get("decisions"), Sequence):
        answer = answer["decisions"]
    if isinstance(answer, Sequence) and answer:
        answer = answer[0]
    if not isinstance(answer, Mapping):
        msg = f"answer {answer!r} is neither a decision nor a list of decisions"
        raise RefusedError(msg)
    return answer


def _note(given: Mapping[str, Any]) -> str:
    for place in ("note", "message"):
        if isinstance(given.get(place), str):
            return str(given[place])
    return given["args"] if isinstance(given.get("args"), str) else ""


def _edited(given: Mapping[str, Any], plan: Plan) -> Action:
    """Lay the edited arguments over the proposed action; strings become numbers where the field is one."""
    change = _changes(given, plan)
    proposed = plan.action.model_dump(mode="json")
    given_back = {name: _unfolded(value, proposed.get(name)) for name, value in change.items()}
    whole = {**proposed, **given_back}
    _refuse_another_kind(whole["kind"], plan)
    try:
        return ACTION.validate_python(whole, strict=False)
    except ValidationError as error:
        msg = f"edited {_first_problem(error)}"
        raise RefusedError(msg) from error


def _changes(given: Mapping[str, Any], plan: Plan) -> Mapping[str, Any]:
    edit = given.get("action") or given.get("edited_action") or given.get("args")
    if not isinstance(edit, Mapping):
        msg = f"an edit carries the edited arguments as an object, got {edit!r}"
        raise RefusedError(msg)
    _refuse_another_kind(edit.get("name") or edit.get("action") or plan.action.kind.value, plan)
    change = edit.get("args") or edit.get("arguments") or edit
    if not isinstance(change, Mapping):
        msg = f"edited arguments must be an object, got {change!r}"
        raise RefusedError(msg)
    return change


def _refuse_another_kind(name: object, plan: Plan) -> None:
    kind = plan.action.kind.value
    if name != kind:
        msg = f"an edit changes the arguments of {kind}, it cannot make it {name!r}: reject the proposal"
        raise RefusedError(msg)


def _unfolded(value: object, proposed: object) -> object:
    """Read an object that came back as text, as Agent Inbox sends it; what is no JSON stays text."""
    if not isinstance(value, str) or not isinstance(proposed, Mapping):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}, got {first['input']!r}"
