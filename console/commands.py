"""The commands that look things up and decide; `run.py` names them, this carries them out."""

import json as json_format
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from rich.console import RenderableType

from console.compose import deciding, now, open_memory
from console.settings import Settings, load_settings
from console.terminal.clean import one_line
from payments.action import ACTION, Action
from payments.errors import InputError, RefusedError
from payments.incident import Decision, Incident

GRAPHS = Path(__file__).parent.parent / "langgraph.json"
"""What LangGraph's server serves."""


def scenarios(*, json: bool) -> None:
    """Print the scenarios of the simulator."""
    from console.terminal.tables import ScenarioRow, scenarios_table
    from simulator.traffic.faults import scenarios as known

    rows = [
        ScenarioRow(name, fault.category.value, ", ".join(sorted(fault.right_actions)), fault.description)
        for name, fault in known().items()
    ]
    if json:
        _print_json([row._asdict() for row in rows])
        return
    _print(scenarios_table(rows))


def inbox(config: Path | None, *, json: bool) -> None:
    """Print what waits for a human."""
    with open_memory(load_settings(config)) as memory:
        waiting = memory.incidents.undecided()
    if json:
        _print_json([_plain(incident) for incident in waiting])
        return
    from console.terminal.tables import inbox_table

    _print(inbox_table(waiting))


def show(incident_id: str, config: Path | None, *, json: bool) -> None:
    """Print all that is known of an incident."""
    incident = _incident(incident_id, load_settings(config))
    if json:
        _print_json(_plain(incident))
        return
    from console.terminal.tables import incident_page

    _print(incident_page(incident))


def decide(
    incident_id: str, kind: Literal["approve", "reject"], by: str, note: str, config: Path | None
) -> None:
    """Take a decision and say what came of it."""
    settings = load_settings(config)
    incident = _incident(incident_id, settings)
    _take(incident, Decision(type=kind, by=by, at=now(), note=note), settings)


def edit(incident_id: str, changes: Mapping[str, Any], by: str, note: str, config: Path | None) -> None:
    """Approve with other parameters."""
    if not changes:
        msg = "nothing to edit: give at least one of --share, --to, --max-attempts, --backoff"
        raise InputError(msg)
    settings = load_settings(config)
    incident = _incident(incident_id, settings)
    action = edited(incident, changes)
    _take(incident, Decision(type="edit", by=by, at=now(), note=note, action=action), settings)


def _incident(incident_id: str, settings: Settings) -> Incident:
    with open_memory(settings) as memory:
        return memory.incidents.get(incident_id)


def _take(incident: Incident, decision: Decision, settings: Settings) -> None:
    from graph.approvals import decide as take_decision

    if not decision.by.strip():
        msg = "--by is empty: name who decides, for it goes on record"
        raise InputError(msg)
    with deciding(incident.feed, settings, acts=decision.type != "reject") as crew:
        said = take_decision(incident.id, decision, crew.services, crew)
        after = crew.services.incidents.get(incident.id)
    sys.stdout.write(one_line(f"{incident.id[:8]} is {after.status.value}: {said}") + "\n")


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
        fields = sorted(type(proposed).model_fields.keys() - {"kind", "scope"})
        known = ", ".join(fields) or "no parameters"
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


def lessons(query: str | None, limit: int, config: Path | None, *, json: bool) -> None:
    """Print past incidents, the most similar or the newest first."""
    with open_memory(load_settings(config)) as memory:
        found = memory.lessons.search(query, limit) if query else memory.lessons.all(limit)
    if json:
        _print_json([_plain(lesson) for lesson in found])
        return
    from console.terminal.tables import lessons_table

    _print(lessons_table(found))


def studio(port: int) -> None:
    """Replace this process by LangGraph's development server, offline and on loopback."""
    environment = {
        **os.environ,
        "LANGGRAPH_NO_VERSION_CHECK": "true",
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGSMITH_TRACING": "false",
    }
    program = Path(sys.executable).with_name("langgraph")
    if not program.exists():
        msg = "LangGraph's server is not installed: run `make venv` first (it is optional for its licence)"
        raise InputError(msg)
    arguments = ["dev", "--config", str(GRAPHS), "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--no-browser", "--no-reload"]
    os.execve(program, [str(program), *arguments], environment)  # noqa: S606 - our own interpreter's neighbour


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json")


def _print_json(value: object) -> None:
    sys.stdout.write(json_format.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _print(renderable: RenderableType) -> None:
    from console.terminal.draw import console_on

    console_on(sys.stdout).print(renderable)
