"""The one action that is proposed, what it should bring, and what it was preferred to."""

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveFloat

from payments.action import Action
from payments.money import Currency


class Interval(BaseModel):
    """A central estimate with its 90 % interval."""

    model_config = ConfigDict(frozen=True)

    low: float
    mean: float
    high: float


class Expectation(BaseModel):
    """What an action promises while it is in force and the fault lasts, so that it can be held to it."""

    model_config = ConfigDict(frozen=True)

    success_rate: Interval
    """Of the attempts that the action touches."""
    success_rate_without: Interval
    """Of the same attempts, were nothing done."""
    saved_per_min: Interval
    """Payments saved a minute, the action at its full extent."""
    tells_after_s: PositiveFloat
    """Seconds in force from which the attempts suffice to tell whether the promise is kept."""


class Candidate(BaseModel):
    """One action on the planner's scale."""

    model_config = ConfigDict(frozen=True)

    action: Action
    payments_saved: Interval
    """Expected over the expiry, against doing nothing."""
    money_saved_minor: Interval | None = None
    """The same in minor units of the plan's currency, fees taken off; None without amounts."""
    reason: str


class Plan(BaseModel):
    """The one action proposed, what it should bring, and what it was preferred to."""

    model_config = ConfigDict(frozen=True)

    action: Action
    payments_saved: Interval
    expires_after_s: PositiveFloat
    """The action undoes itself after this long unless renewed."""
    reason: str
    alternatives: tuple[Candidate, ...] = ()
    money_saved_minor: Interval | None = None
    """Expected over the expiry, against doing nothing, fees taken off; None without amounts."""
    currency: Currency | None = None
    """Of the money; None when the feed does not tell."""
    expects: Expectation | None = None
    """None for an action that touches no payment: it promises nothing that could be measured."""
    fees_minor: NonNegativeFloat | None = None
    """Extra fees expected over the expiry, of routes and of schemes, in minor units; None without amounts."""
