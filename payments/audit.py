"""What goes on record of every decision and of its consequences."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from payments.verdict import Mode

AuditEvent = Literal[
    "proposed",
    "ruled",
    "decided",
    "acted",
    "stepped",
    "renewed",
    "reverted",
    "outcome",
    "refused",
    "reconciled",
    "stopped",
    "released",
]
"""What a record is about; `stopped` and `released` are the kill switch."""


class AuditRecord(BaseModel):
    """One decision or its consequence: on what grounds, under which limits, by whom, and what changed."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Identity of what happened: of two records with one id the first stands."""
    at: AwareDatetime
    incident_id: str = ""
    """Empty for what concerns no incident."""
    feed: str = ""
    event: AuditEvent
    actor: str
    """Who proposed, decided or acted: a role of the crew, or the name of a human."""
    inputs: dict[str, JsonValue] = {}
    """What it rests on: figures of the evidence, confidence, checks."""
    policy: str = ""
    """Version and digest of the limits in force."""
    mode: Mode = Mode.AUTOPILOT
    before: JsonValue = None
    """What was in force."""
    after: JsonValue = None
    """What is in force now."""
    revert_handle: str | None = None
    """The key under which it can be undone."""
