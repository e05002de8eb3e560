"""Records of the audit log as people read them."""

import json
from dataclasses import dataclass
from typing import get_args

from console.terminal.audit import grounds_words
from payments.audit import AuditEvent, AuditRecord


@dataclass(frozen=True)
class Logged:
    """One record, in a line and in full."""

    record: AuditRecord
    grounds: str
    whole: str
    """All that it holds, as JSON in ASCII."""


def row_of(record: AuditRecord) -> Logged:
    """Prepare a record for a list."""
    whole = json.dumps(record.model_dump(mode="json"), ensure_ascii=True, indent=2)
    return Logged(record, grounds_words(record), whole)


def events() -> tuple[str, ...]:
    """Name what a record may be about."""
    return get_args(AuditEvent)
