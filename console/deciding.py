"""The commands that decide; `run.py` names them, this carries them out."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from console.compose import deciding, now, open_memory
from console.settings import Settings, load_settings
from console.terminal.clean import one_line
from payments.action import ACTION, Action
from payments.errors import InputError, RefusedError
from payments.incident import Decision, Incident, Status

NEEDS_NO_WORLD = frozenset({"reject", "ignore"})
"""Decisions that let nothing happen, so that they can be taken on a world that is gone."""


CHANGEABLE = frozenset({"share", "to", "max_attempts", "backoff_s"})
"""Parameters that `run.py edit` has options for."""


@dataclass(frozen=True)
class Answer:
    """What a person gave beside the decision itself."""

    incident_id: str
    by: str
    note: str
    question: int | None
    """The question that is answered; None for the one that is asked now."""


def decide(
    answer: Answer, kind: Literal["approve", "reject", "respond", "ignore"], config: Path | None
) -> None:
    """Take a decision and say what came of it."""
    if kind == "respond" and not answer.note.strip():
        msg = "nothing to respond: say in --note what the crew should know"
        raise InputError(msg)
    settings = load_settings(config)
    incident = _incident(answer.incident_id, settings)
    _take(incident, _decision(answer, kind, incident), settings)


def edit(answer: Answer, changes: Mapping[str, Any], config: Path | None) -> None:
    """Approve with other parameters."""
    if not changes:
        msg = "nothing to edit: give at least one of --share, --to, --max-attempts, --backoff"
        raise InputError(msg)
    settings = load_settings(config)
    incident = _incident(answer.incident_id, settings)
    _take(incident, _decision(answer, "edit", incident, edited(incident, changes)), settings)


def _incident(incident_id: str, settings: Settings) -> Incident:
    with open_memory(settings) as memory:
        return memory.incidents.get(incident_id)


def _decision(answer: Answer, kind: str, incident: Incident, action: Action | None = None) -> Decision:
    if not answer.by.strip():
        msg = "--by is empty: name who decides, for it goes on record"
        raise InputError(msg)
    return Decision.model_validate(
        {
            "type": kind,
            "question": answer.question or incident.question,
            "by": answer.by,
            "at": now(),
            "note": answer.note,
            "action": action,
        }
    )


def _take(incident: Incident, decision: Decision, settings: Settings) -> None:
    from graph.approvals import decide as take_decision

    with deciding(incident.feed, settings, acts=decision.type not in NEEDS_NO_WORLD) as crew:
        said = take_decision(incident.id, decision, crew.services, crew)
        after = crew.services.incidents.get(incident.id)
    sys.stdout.write(one_line(f"{incident.id[:8]} {_what_now(after, said)}") + "\n")


def _what_now(incident: Incident, said: str) -> str:
    """Say where the incident stands: what was done last, or what is asked now."""
    if incident.status is not Status.WAITING or incident.plan is None or incident.verdict is None:
        return f"is {incident.status.value}: {said}"
    asks = f"{incident.plan.reason} {incident.verdict.sentence}"
    return f"is {incident.status.value}, question {incident.question}: {asks}"


def edited(incident: Incident, changes: Mapping[str, Any]) -> Action:
    """Lay changed parameters over the proposed action.

    Raises:
        InputError: the proposal has no such parameter, or the value is out of range.
        RefusedError: there is no proposal to edit.
    """
    if incident.plan is None:
        msg = f"incident {incident.id[:8]} has no proposal to edit"
        raise RefusedError(msg)
    proposed = incident.plan.action
    given = dict(changes)
    if "to" in given:
        given["to"] = _targets(given["to"])
    unknown = sorted(given.keys() - type(proposed).model_fields.keys())
    if unknown:
        known = ", ".join(sorted(CHANGEABLE & type(proposed).model_fields.keys())) or "nothing to change"
        msg = f"{proposed.kind.value} has no {', '.join(unknown)}; it has {known}"
        raise InputError(msg)
    try:
        return ACTION.validate_python({**proposed.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{first['loc'][-1]}: {first['msg']}, got {first['input']!r}"
        raise InputError(msg) from error


def _targets(pairs: list[str]) -> dict[str, float]:
    targets = {}
    for pair in pairs:
        name, _, fraction = pair.partition("=")
        try:
            targets[name] = float(fraction)
        except ValueError as error:
            msg = f"--to {pair!r} is not ROUTE=FRACTION, such as unipay=0.5"
            raise InputError(msg) from error
    total = sum(targets.values())
    if abs(total - 1.0) > 1e-6:  # noqa: PLR2004 - room for decimal fractions such as 0.1 + 0.9
        msg = f"the fractions of --to add up to {total:g}, they must add up to 1"
        raise InputError(msg)
    return targets
