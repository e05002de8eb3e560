"""What a past incident teaches."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.outcome import Effect
from payments.quantity import Fraction
from payments.segment import Segment


class Lesson(BaseModel):
    """A past incident as the memory returns it: what it looked like, what was done, what came of it."""

    model_config = ConfigDict(frozen=True)

    incident_id: str
    at: AwareDatetime
    cause: str
    category: Category
    culprit: Segment
    shape: dict[str, Fraction]
    action: ActionKind
    effect: Effect
    payments_saved: float | None
    decided_by: str
    rejected: bool = False
    """True when a human said no to the action."""
    text: str
    similarity: Fraction | None = None
    """Cosine similarity to what was asked for; None when not the answer to a query."""
