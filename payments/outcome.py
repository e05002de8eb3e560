"""What became of an action: the receiver's word on it, and what it turned out to do."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from payments.plan import Interval


class Receipt(BaseModel):
    """The receiver's word on an action: what it holds under our idempotency key."""

    model_config = ConfigDict(frozen=True)

    key: str
    actuator: str
    effective_at: AwareDatetime
    """By the receiver's clock."""
    expires_at: AwareDatetime
    reverted: bool = False


class Effect(StrEnum):
    """What an intervention turned out to do."""

    HELPED = "helped"
    NO_EFFECT = "no_effect"
    HARMED = "harmed"
    NOT_MEASURED = "not_measured"


class Outcome(BaseModel):
    """What came of an incident's action, measured against the untouched share."""

    model_config = ConfigDict(frozen=True)

    effect: Effect
    payments_saved: Interval | None
    reverted_because: str | None = None
    sentence: str
