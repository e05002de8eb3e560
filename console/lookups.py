"""What is looked up on the command line: read, and printed as a table or as JSON."""

import json as json_format
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.console import RenderableType

from console.advising import open_model_calls
from console.compose import open_memory
from console.settings import load_settings


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
    from console.looking import look_up

    incident, history = look_up(incident_id, load_settings(config))
    if json:
        _print_json({**_plain(incident), **_plain(history)})
        return
    from console.terminal.tables import incident_page

    _print(incident_page(incident, history=history))


def report(since: str | None, config: Path | None, *, json: bool) -> None:
    """Print what the crew did or would have done, and what came of it."""
    from console.terminal.spans import span_of
    from graph.track_record import track_record

    span, settings = span_of(since) if since is not None else None, load_settings(config)
    with open_model_calls(settings) as calls:
        total = calls.total()
    with open_memory(settings) as memory:
        incidents = memory.incidents.list(limit=None)
        decisions = {incident.id: memory.incidents.decisions(incident.id) for incident in incidents}
    record = track_record(incidents, decisions, span)
    if json:
        _print_json({**_plain(record), "language_model": asdict(total)})
        return
    from console.terminal.opinion import total_line
    from console.terminal.record import record_table

    _print(record_table(record))
    if total.wanted:
        _print(total_line(total))


def lessons(
    query: str | None, limit: int, labels: Mapping[str, str], config: Path | None, *, json: bool
) -> None:
    """Print past incidents, the most similar or the newest first."""
    with open_memory(load_settings(config)) as memory:
        known = memory.lessons
        found = known.search(query, limit, **labels) if query else known.all(limit, **labels)
    if json:
        _print_json([_plain(lesson) for lesson in found])
        return
    from console.terminal.tables import lessons_table

    _print(lessons_table(found))


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json")


def _print_json(value: object) -> None:
    sys.stdout.write(json_format.dumps(value, ensure_ascii=True, indent=2) + "\n")


def _print(renderable: RenderableType) -> None:
    from console.terminal.draw import console_on

    console_on(sys.stdout).print(renderable)
