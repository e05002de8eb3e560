"""What a past incident teaches."""

from collections.abc import Mapping

from pydantic import AwareDatetime, BaseModel, ConfigDict

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.outcome import Effect
from payments.quantity import Fraction
from payments.segment import Segment

_TARGET = "target:"
"""Before the name of a route in a lesson's shape."""


def shown_by(targets: Mapping[str, bool]) -> dict[str, float]:
    """Put what targets showed as features of a lesson's shape: 1 for a sound one, 0 for one that left.

    >>> shown_by({"northpay": True, "zenpay": False})
    {'target:northpay': 1.0, 'target:zenpay': 0.0}
    """
    return {f"{_TARGET}{name}": float(sound) for name, sound in targets.items()}


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

    @property
    def targets(self) -> dict[str, float]:
        """What each target of a reroute showed: 1 a sound one, 0 one that left as bad."""
        named = (name for name in self.shape if name.startswith(_TARGET))
        return {name.removeprefix(_TARGET): self.shape[name] for name in named}

    @property
    def has_bad_target(self) -> bool:
        """True when a target left as bad."""
        return not all(self.targets.values())
