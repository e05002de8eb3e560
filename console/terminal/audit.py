"""The record of every decision as a table."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from console.terminal.draw import Column, literal, table
from payments.audit import AuditRecord

SAYING = ("because", "note", "sentence", "reason", "kind")
"""Fields of a record that people can read, the most telling first."""


def audit_table(records: Sequence[AuditRecord], incident: str | None = None) -> RenderableType:
    """List records, of one incident or of all; `run.py audit --json` has all that each holds."""
    if not records:
        return literal(f"Nothing is on record{f' about {incident!r}' if incident else ' yet'}.")
    columns = (
        Column("when", whole=True),
        Column("incident", whole=True, style="bold"),
        Column("what", whole=True),
        Column("by"),
        Column("mode", whole=True),
        Column("on what grounds"),
    )
    return table(columns, map(_row, records))


def _row(record: AuditRecord) -> tuple[str | Text, ...]:
    return (
        f"{record.at:%Y-%m-%d %H:%M:%S}",
        literal(record.incident_id[:8] or "-"),
        record.event,
        record.actor,
        record.mode.value,
        grounds_words(record),
    )


def grounds_words(record: AuditRecord) -> str:
    """Take the most telling thing that is said for people."""
    held: JsonValue = [record.inputs, record.after]
    return next((text for name in SAYING for text in _said(name, held) if text), "-")


def _said(name: str, value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(text := value.get(name), str):
            yield text
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _said(name, inner)
