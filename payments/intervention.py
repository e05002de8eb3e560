"""An action in force, and what was seen while it was."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt

from payments.action import Action
from payments.quantity import Fraction
from payments.tally import Tally


class Stretch(BaseModel):
    """What was seen of an intervention while one action was in force."""

    model_config = ConfigDict(frozen=True)

    source: Tally = Tally()
    """What stayed on the old path."""
    target: Tally = Tally()
    """The same demand on the other routes."""
    moved: NonNegativeFloat = 0.0
    """Payments that the action moved, as estimated from those that stayed and the limits."""
    extent: Fraction = 1.0
    """Share of the goal that was in force."""
    seconds: NonNegativeFloat = 0.0

    def __add__(self, other: "Stretch") -> "Stretch":
        return Stretch(
            source=self.source + other.source,
            target=self.target + other.target,
            moved=self.moved + other.moved,
            extent=self.extent,
            seconds=self.seconds + other.seconds,
        )


class TargetEvidence(BaseModel):
    """What a reroute's target showed of itself, in nats (natural logarithms of likelihood ratios)."""

    model_config = ConfigDict(frozen=True)

    sound: float = 0.0
    """For the usual success rate against a much worse one, since the step; negative speaks for the worse."""
    worse: NonNegativeFloat = 0.0
    """For the worse one, since whenever it speaks most for it (a CUSUM)."""
    overloaded: bool = False
    """In the last increment; such an increment says nothing about the route itself."""


class Intervention(BaseModel):
    """An action in force: what to watch, and when it ends by itself."""

    model_config = ConfigDict(frozen=True)

    key: str
    incident_id: str
    feed: str
    action: Action
    """What is in force now: a step on the way to the goal."""
    goal: Action | None = None
    """What the plan wants in the end; None when it is in force at once."""
    step: PositiveInt = 1
    """Number of the step towards the goal."""
    stepped_at: AwareDatetime | None = None
    """When the step began; None: with the intervention."""
    dropped: tuple[str, ...] = ()
    """Targets that left the set."""
    renewals: NonNegativeInt = 0
    begun_at: AwareDatetime | None = None
    """When the first step took effect; None: with this one."""
    started_at: AwareDatetime
    expires_at: AwareDatetime
    lapses_at: AwareDatetime | None = None
    """By the wall clock: when it is over at the latest, though its feed's clock may stand still."""
    ended_at: AwareDatetime | None = None
    ended_because: str | None = None
    seen: tuple[Stretch, ...] = ()
    """What was seen since the first step, one for each action that was in force."""
    evidence: dict[str, TargetEvidence] = {}
    """By target."""
