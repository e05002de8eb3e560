"""What the crew believes against what the switch did: every difference is counted and named."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from simulator.traffic.switch_ledger import Entry, Ledger
from tools.database import open_database

Record = Mapping[str, Any]

_CARRIED_OUT = {"done", "replaced", "reverted"}
_NEVER_CARRIED_OUT = {"failed"}

_NAMES = re.compile(r"'[^']*'|\d{4}-\d\d-\d\dT\S+")
"""Keys and instants in a sentence."""


@dataclass
class Reckoning:
    """Every difference in words, by kind; and how much there was to differ."""

    incidents: int = 0
    actions: int = 0
    decisions: int = 0
    given_up: dict[str, int] = field(default_factory=dict)
    """Actions that were decided and not carried out, by the reason on record, such as being too late."""
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    decisions_lost: list[str] = field(default_factory=list)
    incidents_lost: list[str] = field(default_factory=list)
    reverts_missed: list[str] = field(default_factory=list)


def reckon(state: Path, database: str | None = None) -> Reckoning:
    """Compare the records of a crew, in its state folder or a database, with the ledger of its switch."""
    with _opened(state, database) as connection:
        incidents = {row["id"]: json.loads(row["body"]) for row in _all(connection, "incidents")}
        decisions = [
            json.loads(row["body"]) | {"incident_id": row["incident_id"]}
            for row in _all(connection, "decisions")
        ]
        interventions = [json.loads(row["body"]) for row in _all(connection, "interventions")]
        outbox = {row["key"]: row for row in _all(connection, "outbox")}
        lines = [bytes(row["line"]).decode() for row in _all(connection, "audit")] if database else []
    ledger = Ledger(state / "simulator" / "switch.db").entries()
    found = Reckoning(incidents=len(incidents), actions=len(outbox), decisions=len(decisions))
    found.given_up = Counter(
        _NAMES.sub("...", row["error"]) for row in outbox.values() if row["state"] in _NEVER_CARRIED_OUT
    )
    found.doubled += _doubled(ledger, outbox)
    found.lost += _lost(ledger, outbox, incidents)
    found.reverts_missed += _missed(ledger, outbox, interventions)
    found.decisions_lost += _undelivered(decisions, incidents)
    found.incidents_lost += _unsettled(incidents, _spoken_of(state, lines, ledger))
    return found


def is_under_way(state: Path, database: str | None = None) -> bool:
    """Say whether any incident is not closed yet."""
    with _opened(state, database) as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM incidents WHERE status <> 'closed'")))


@contextmanager
def _opened(state: Path, database: str | None) -> Iterator[Connection]:
    engine = open_database(database or state / "payops.db")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _all(connection: Connection, table: str) -> Sequence[Record]:
    rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()  # noqa: S608 - our names
    return [dict(row) for row in rows]


def _doubled(ledger: Sequence[Entry], outbox: Mapping[str, Record]) -> Iterator[str]:
    """Name what began twice, was begun by nobody, or began beside or after another of its incident."""
    in_force: dict[str, str] = {}
    begun: set[str] = set()
    for entry in ledger:
        incident = entry.key.rpartition(":")[0]
        if entry.event != "began":
            in_force.pop(incident, None)
            continue
        if entry.key in begun:
            yield f"{entry.key} began twice"
        if entry.key not in outbox:
            yield f"{entry.key} began and was never intended"
        if incident in in_force:
            yield f"{entry.key} began while {in_force[incident]} was in force"
        in_force[incident] = entry.key
        begun.add(entry.key)


def _lost(
    ledger: Sequence[Entry], outbox: Mapping[str, Record], incidents: Mapping[str, Record]
) -> Iterator[str]:
    begun = {entry.key: entry.action for entry in ledger if entry.event == "began"}
    for key, row in outbox.items():
        if row["state"] in _CARRIED_OUT and key not in begun:
            yield f"{key} is {row['state']} on record and never began"
        if (
            row["state"] in _CARRIED_OUT
            and key in begun
            and json.loads(begun[key]) != json.loads(row["action"])
        ):
            yield f"{key} is another action on record than at the switch"
        if row["state"] in _NEVER_CARRIED_OUT and key in begun:
            yield f"{key} is {row['state']} on record and began"
        if row["state"] in {"intended", "unknown"}:
            yield f"{key} is still {row['state']}"
    intended = {row["incident_id"] for row in outbox.values()}
    for incident in incidents.values():
        if _was_to_act(incident) and incident["id"] not in intended and not incident.get("outcome"):
            yield f"{incident['id']} was to be acted on, and nothing was intended"


def _was_to_act(incident: Record) -> bool:
    verdict, plan = incident.get("verdict"), incident.get("plan")
    touches = plan is not None and plan["action"]["kind"] not in {"alert_operators", "take_no_action"}
    return bool(touches and verdict is not None and verdict["ruling"] == "act")


def _missed(
    ledger: Sequence[Entry], outbox: Mapping[str, Record], interventions: Sequence[Record]
) -> Iterator[str]:
    ended = {entry.key for entry in ledger if entry.event in {"ended", "lapsed"}}
    begun = {entry.key for entry in ledger if entry.event == "began"}
    for key in sorted(begun - ended):
        yield f"{key} is in force at the end"
    for key, row in outbox.items():
        if row["state"] in {"done", "reverting"}:
            yield f"{key} is {row['state']} on record at the end"
    watched = {one["key"]: one for one in interventions}
    for key in sorted(begun - set(watched)):
        yield f"{key} was never under watch"
    for key, one in watched.items():
        if one.get("ended_at") is None:
            yield f"{key} is still watched as if it were in force"


def _undelivered(decisions: Sequence[Record], incidents: Mapping[str, Record]) -> Iterator[str]:
    """Name decisions on disk that never reached their incident."""
    for decision in decisions:
        incident = incidents[decision["incident_id"]]
        kept = incident.get("decision")
        later = incident.get("question", 1) > decision.get("question", 1)
        if not later and (kept is None or kept["at"] != decision["at"]):
            yield f"{incident['id']}: {decision['type']} by {decision['by']} is not with the incident"


def _unsettled(incidents: Mapping[str, Record], known: AbstractSet[str]) -> Iterator[str]:
    for incident in incidents.values():
        if incident["status"] != "closed":
            yield f"{incident['id']} is {incident['status']} at the end"
    for incident_id in sorted(known - incidents.keys()):
        yield f"{incident_id} was spoken of and is not in the store"


def _spoken_of(state: Path, audit: Sequence[str], ledger: Sequence[Entry]) -> AbstractSet[str]:
    """Give every incident that people were told of, that is on record, or that something was done for."""
    files = [line for name in ("alerts.jsonl", "audit.jsonl") for line in _lines(state / name)]
    lines = [*files, *audit]
    told = {str(found) for line in lines if (found := _incident_of(json.loads(line)))}
    return told | {entry.key.rpartition(":")[0] for entry in ledger}


def _incident_of(line: Record) -> object:
    return line.get("incident_id") or line.get("record", {}).get("incident_id")


def _lines(path: Path) -> Sequence[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else ()
