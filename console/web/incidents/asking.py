"""The question to a person: what may be answered by whom, what may be changed, and reading the answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from console.standing import History, age_limit_s, question_words
from console.web.access.people import Person, Role
from guardrails.facts import person as same_person
from payments.action import Action, AdjustRetryPolicy, Reroute
from payments.errors import InputError
from payments.incident import Incident, Status

TARGET = "to-"
"""How the fields of targets begin; what follows is the target's place in the proposal, never its name."""

PERCENT, ROUNDING = 100.0, 0.25
"""Of 100: by how much rounded percentages may miss their sum."""


@dataclass(frozen=True)
class Field:
    """A number that may be changed, within its bounds."""

    name: str
    label: str
    unit: str
    value: str
    low: str
    high: str
    step: str


@dataclass(frozen=True)
class Ask:
    """What a person may answer now."""

    question: int
    lines: tuple[str, ...]
    fields: tuple[Field, ...]
    not_at_all: str = ""
    """Why this person may not decide; empty when they may."""
    no_approval: str = ""
    """Why they may not approve; empty when they may."""
    no_reply: str = ""
    """Why the crew cannot be asked again."""


def ask_of(incident: Incident, history: History, who: Person) -> Ask | None:
    """Give the question that an incident asks; None when it asks none, or was just answered."""
    answered = any(one.question == incident.question for one in history.decisions)
    if incident.status is not Status.WAITING or incident.plan is None or answered:
        return None
    gone = "" if history.now else "Its simulated world is gone, so nothing can be changed in it any more."
    return Ask(
        question=incident.question,
        lines=tuple(question_words(incident, history.now)),
        fields=tuple(_fields(incident.plan.action)),
        not_at_all="" if who.may(Role.APPROVER) else f"You look as {who.role.words}: an approver decides.",
        no_approval=gone or _stands_behind(incident, who) or _too_old(incident, history.now),
        no_reply=gone,
    )


def changes_in(form: Mapping[str, str], action: Action) -> dict[str, Any]:
    """Read what a person changed; a field that was left as it was shown keeps its exact value.

    Raises:
        InputError: a field holds no number, or the parts do not add up to 100 %.
    """
    changed = {
        field.name: _number(form[field.name], field)
        for field in _fields(action)
        if form.get(field.name, field.value).strip() != field.value
    }
    parts = {name for name in changed if name.startswith(TARGET)}
    changes: dict[str, Any] = {name: value for name, value in changed.items() if name not in parts}
    if "share" in changes:
        changes["share"] /= PERCENT
    if isinstance(action, Reroute) and parts:
        changes["to"] = _parts(action, changed)
    return changes


def _stands_behind(incident: Incident, who: Person) -> str:
    if same_person(who.name) not in {same_person(name) for name in incident.approvers}:
        return ""
    return "You stand behind this proposal already: somebody else must approve it too."


def _too_old(incident: Incident, now: datetime | None) -> str:
    limit, seen = age_limit_s(incident), incident.seen_at or incident.finding.at
    if now is None or limit is None or (now - seen).total_seconds() <= limit:
        return ""
    return "The proposal is too old to be approved: ask again, or reject it."


def _fields(action: Action) -> Iterator[Field]:
    match action:
        case Reroute():
            low, high = _bounds(Reroute, "share")
            share = percent_of(action.share)
            yield Field(
                "share", "Share to move", "%", share, f"{PERCENT * low:g}", f"{PERCENT * high:g}", "any"
            )
            for place, (route, part) in enumerate(action.to.items() if len(action.to) > 1 else ()):
                yield Field(f"{TARGET}{place}", f"of it to {route}", "%", percent_of(part), "0", "100", "any")
        case AdjustRetryPolicy():
            yield _plain("max_attempts", "Attempts in all", "", action.max_attempts, "1")
            yield _plain("backoff_s", "Pause between them", "s", action.backoff_s, "any")
        case _:
            return


def _plain(name: str, label: str, unit: str, value: float, step: str) -> Field:
    low, high = _bounds(AdjustRetryPolicy, name)
    return Field(name, label, unit, f"{value:g}", f"{low:g}", f"{high:g}", step)


def _bounds(model: type[BaseModel], name: str) -> tuple[float, float]:
    """Give the least and the greatest value that a field of an action takes."""
    rules = model.model_fields[name].metadata
    low = next(rule.ge for rule in rules if hasattr(rule, "ge"))
    high = next(rule.le for rule in rules if hasattr(rule, "le"))
    return float(low), float(high)


def percent_of(fraction: float) -> str:
    """Write a fraction as the number of per cent that a form shows."""
    return f"{PERCENT * fraction:.1f}".removesuffix(".0")


def _number(text: str, field: Field) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f"{field.label} is {text[:40]!r}, which is no number") from error


def _parts(action: Reroute, changed: Mapping[str, float]) -> dict[str, float]:
    shown = {route: float(percent_of(part)) for route, part in action.to.items()}
    parts = {
        route: changed.get(f"{TARGET}{place}", part) for place, (route, part) in enumerate(shown.items())
    }
    total = sum(parts.values())
    if not abs(total - PERCENT) <= ROUNDING:
        raise InputError(f"the parts of the targets add up to {total:g} %, they must add up to 100 %")
    return {route: part / total for route, part in parts.items() if part}
