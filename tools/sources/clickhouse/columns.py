"""Which column of a file becomes which column of the payments table."""

from collections.abc import Mapping

from payments.errors import BadMapping
from payments.segment import Role, role_of
from tools.sources.mapping import ColumnMap

_OF_ROLE: Mapping[Role, str] = {
    "route": "psp", "issuer": "issuer", "method": "method", "network": "network", "merchant": "merchant",
    "country": "country",
}  # fmt: skip
_OF_KEY = {
    "ts": "time", "payment_id": "payment_id", "attempt_no": "attempt_no", "amount": "amount",
    "currency": "currency", "outcome": "success", "pending": "pending", "code": "code",
    "latency_ms": "latency_ms",
}  # fmt: skip

COLUMNS = (*_OF_KEY, *_OF_ROLE.values())
"""Columns that are staged, in any order."""


def stored_as(mapping: ColumnMap) -> tuple[dict[str, str], list[str]]:
    """Give the column of the file for each column of the table; also what people should know of the rest.

    Raises:
        BadMapping: rows are aggregated, or payments cannot be told apart.
    """
    if mapping.aggregated:
        raise BadMapping(
            f"attempts={mapping.attempts}: only single payments are loaded; replay counted rows with "
            "run.py watch --source FILE."
        )
    if mapping.payment_id is None:
        raise BadMapping(
            "payment_id is not mapped: without it nobody can tell which payments were loaded before; add "
            "payment_id=COLUMN to --map, or replay the file with run.py watch --source FILE."
        )
    named = {column: getattr(mapping, key) for column, key in _OF_KEY.items()}
    stored = {column: name for column, name in named.items() if name is not None}
    notes = []
    for dimension in mapping.dims:
        role = role_of(dimension)
        column = None if role == "other" else _OF_ROLE[role]
        if column is None or column in stored:
            why = "plays no role" if column is None else f"{stored[column]!r} is the {role} already"
            notes.append(f"The dimension {dimension!r} is not stored: {why}.")
        else:
            stored[column] = dimension
    return stored, notes
