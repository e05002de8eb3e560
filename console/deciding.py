"""How people decide, on the command line and in the browser: one way for both, and the commands for it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from console.compose import deciding, open_memory
from console.outside import now
from console.settings import Settings, load_settings
from console.telemetry import telemetry_of
from console.terminal.clean import one_line
from payments.action import ACTION, Action
from payments.decision import Decision
from payments.errors import InputError, RefusedError
from payments.incident import Incident, Status
from tools.ports import UNTOLD, Telemetry

NEEDS_NO_WORLD = frozenset({"reject", "ignore"})
"""Decisions that let nothing happen, so that they can be taken on a world that is gone."""

ROUNDING = 1e-6
"""Room for decimal fractions such as 0.1 + 0.9."""

CHANGEABLE = frozenset({"share", "to", "max_attempts", "backoff_s"})
"""Parameters that `run.py edit` has options for."""

Kind = Literal["approve", "edit", "reject", "respond", "ignore"]


@dataclass(frozen=True)
class Answer:
    """What a person gave beside the decision itself."""

    incident_id: str
    by: str
    note: str
    question: int | None
    """The question that is answered; None for the one that is asked now."""


@dataclass(frozen=True)
class Taken:
    """What came of a decision."""

    incident: Incident
    said: str
    """The last thing that was said in the incident's run."""


def take(
    answer: Answer,
    kind: Kind,
    changes: Mapping[str, Any],
    settings: Settings,
    telemetry: Telemetry = UNTOLD,
) -> Taken:
    """Take a decision and let follow what follows; the changes go with an edit.

    Raises:
        InputError: what was given is out of range, or nobody is named.
        NotFoundError: there is no such incident, or its world is gone.
        RefusedError: the decision may not be taken, or not any more.
    """
    from graph.approvals import decide as take_decision

    with open_memory(settings) as memory:
        incident = memory.incidents.get(answer.incident_id)
    action = edited(incident, changes) if kind == "edit" else None
    decision = _decision(answer, kind, incident, action)
    acts = kind not in NEEDS_NO_WORLD
    with deciding(incident.feed, settings, acts=acts, telemetry=telemetry) as crew:
        said = take_decision(incident.id, decision, crew.services, crew)
        return Taken(crew.services.incidents.get(incident.id), said)


def decide(
    answer: Answer, kind: Literal["approve", "reject", "respond", "ignore"], config: Path | None
) -> None:
    """Take a decision and say what came of it."""
    settings = load_settings(config)
    with telemetry_of(settings) as telemetry:
        taken = take(answer, kind, {}, settings, telemetry)
    _say(taken)


def edit(answer: Answer, changes: Mapping[str, Any], config: Path | None) -> None:
    """Approve with other parameters; targets come as ROUTE=FRACTION."""
    if not changes:
        msg = "nothing to edit: give at least one of --share, --to, --max-attempts, --backoff"
        raise InputError(msg)
    given = {**changes, "to": _targets(changes["to"])} if "to" in changes else changes
    settings = load_settings(config)
    with telemetry_of(settings) as telemetry:
        taken = take(answer, "edit", given, settings, telemetry)
    _say(taken)


def take_back(
    incident_id: str, by: str, note: str, settings: Settings, telemetry: Telemetry = UNTOLD
) -> Taken:
    """Undo what is in force for an incident.

    Raises:
        InputError: nobody is named.
        NotFoundError: there is no such incident, or its world is gone.
        RefusedError: nothing is in force, or another process is at work on the incident.
        ActuatorError: it cannot be undone now.
    """
    from graph.undoing import undo as take_it_back

    with open_memory(settings) as memory:
        incident = memory.incidents.get(incident_id)
    with deciding(incident.feed, settings, telemetry=telemetry) as crew:
        said = take_it_back(incident.id, by, note, crew)
        return Taken(crew.services.incidents.get(incident.id), said)


def undo(incident_id: str, by: str, note: str, config: Path | None) -> None:
    """Undo what is in force for an incident and say where it stands."""
    settings = load_settings(config)
    with telemetry_of(settings) as telemetry:
        taken = take_back(incident_id, by, note, settings, telemetry)
    _say(taken)


def _decision(answer: Answer, kind: Kind, incident: Incident, action: Action | None = None) -> Decision:
    if not answer.by.strip():
        msg = "nobody is named who decides: give --by, for it goes on record"
        raise InputError(msg)
    if kind == "respond" and not answer.note.strip():
        msg = "nothing to respond: say in the note what the crew should know"
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


def _say(taken: Taken) -> None:
    sys.stdout.write(one_line(f"{taken.incident.id[:8]} {what_now(taken)}") + "\n")


def what_now(taken: Taken) -> str:
    """Say where the incident stands: what was done last, or what is asked now."""
    incident = taken.incident
    if incident.status is not Status.WAITING or incident.plan is None or incident.verdict is None:
        return f"is {incident.status.value}: {taken.said}"
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
    unknown = sorted(changes.keys() - type(proposed).model_fields.keys())
    if unknown:
        known = ", ".join(sorted(CHANGEABLE & type(proposed).model_fields.keys())) or "nothing to change"
        msg = f"{proposed.kind.value} has no {', '.join(unknown)}; it has {known}"
        raise InputError(msg)
    _refuse_parts(changes.get("to"))
    try:
        return ACTION.validate_python({**proposed.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{first['loc'][-1]}: {first['msg']}, got {first['input']!r}"
        raise InputError(msg) from error


def _refuse_parts(targets: Mapping[str, float] | None) -> None:
    if targets is None:
        return
    total = sum(targets.values())
    if not abs(total - 1.0) <= ROUNDING:
        msg = f"the fractions of the targets add up to {total:g}, they must add up to 1"
        raise InputError(msg)


def _targets(pairs: Sequence[str]) -> dict[str, float]:
    targets = {}
    for pair in pairs:
        name, _, fraction = pair.partition("=")
        try:
            targets[name] = float(fraction)
        except ValueError as error:
            msg = f"--to {pair!r} is not ROUTE=FRACTION, such as unipay=0.5"
            raise InputError(msg) from error
    return targets
