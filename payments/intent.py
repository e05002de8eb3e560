"""What was to be done to traffic and has no result: how it is named, and what is found out about it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from payments.action import Action
from payments.outcome import Receipt


class Found(StrEnum):
    """What the receiver of an action says about it, once it is asked."""

    APPLIED = "applied"
    UNDONE = "undone"
    NOT_APPLIED = "not_applied"
    """Nothing was carried out so far; a request still on its way may yet arrive until the intent is over."""
    UNKNOWN = "unknown"
    """The receiver does not say."""


class Unsettled(BaseModel):
    """An action that was to be done or undone, without a result."""

    model_config = ConfigDict(frozen=True)

    key: str
    incident_id: str


class Reconciled(BaseModel):
    """What became of it."""

    model_config = ConfigDict(frozen=True)

    key: str
    incident_id: str
    action: Action
    replaces: str | None = None
    """Key of the action whose place it took, or was to take."""
    found: Found
    sentence: str
    receipt: Receipt | None = None
    """What the receiver holds; None when it holds nothing or does not say."""
