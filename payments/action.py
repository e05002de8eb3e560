"""What may be proposed, what it is expected to bring, and what became of it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, TypeAdapter

from payments.segment import Segment

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class ActionKind(StrEnum):
    """The five things the crew may propose, and no other."""

    REROUTE = "reroute_traffic"
    RETRY_POLICY = "adjust_retry_policy"
    SUPPRESS = "suppress_failing_path"
    ALERT = "alert_operators"
    NONE = "take_no_action"


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: Segment
    """The payments that the action touches, and no others."""


class Reroute(_Action):
    """Move a share of the scope's payments from one route to others."""

    kind: Literal[ActionKind.REROUTE] = ActionKind.REROUTE
    from_route: str
    to: dict[str, Fraction]
    """Target route -> fraction of the moved payments; sums to 1."""
    share: Annotated[float, Field(gt=0.0, le=1.0)]
    """Fraction of the scope's payments on `from_route` that moves; the rest stays as a probe."""


class AdjustRetryPolicy(_Action):
    """Bound how often a failed payment of the scope is attempted again, and how soon."""

    kind: Literal[ActionKind.RETRY_POLICY] = ActionKind.RETRY_POLICY
    max_attempts: Annotated[int, Field(ge=1, le=10)]
    """Attempts a payment may make in all, the first included."""
    backoff_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class Suppress(_Action):
    """Offer the failing path to no payment until the expiry; other routes take what can be taken."""

    kind: Literal[ActionKind.SUPPRESS] = ActionKind.SUPPRESS


class Alert(_Action):
    """Tell the people on duty; touches no payment."""

    kind: Literal[ActionKind.ALERT] = ActionKind.ALERT
    message: str
    severity: Literal["info", "warning", "critical"] = "warning"


class NoAction(_Action):
    """Leave everything as it is, for a stated reason."""

    kind: Literal[ActionKind.NONE] = ActionKind.NONE
    reason: str


Action = Annotated[Reroute | AdjustRetryPolicy | Suppress | Alert | NoAction, Field(discriminator="kind")]
ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def touches_traffic(action: Action) -> bool:
    """Say whether the action changes what happens to payments."""
    return action.kind in {ActionKind.REROUTE, ActionKind.RETRY_POLICY, ActionKind.SUPPRESS}


class Route(BaseModel):
    """What is known about one route (PSP, acquirer, gateway) that could carry payments."""

    model_config = ConfigDict(frozen=True)

    name: str
    capacity_per_s: PositiveFloat | None
    """Attempts a second that the route is contracted for; None when unknown."""
    load_per_s: NonNegativeFloat
    """Attempts a second over the last window."""
    success_rate: Fraction | None
    """Over the last window; None without attempts."""
    fee_bps: NonNegativeFloat = 0.0
    """Fee in basis points of the amount."""
    methods: tuple[str, ...] = ()
    """Methods the route can carry; empty means all."""

    def free_per_s(self, load_limit: float) -> float | None:
        """Give the attempts a second that fit below this share of the capacity; None when unknown."""
        if self.capacity_per_s is None:
            return None
        return max(0.0, load_limit * self.capacity_per_s - self.load_per_s)

    def carries(self, methods: Collection[str]) -> bool:
        """Say whether the route can carry each of these methods; none named means every method there is."""
        return not self.methods or (bool(methods) and set(methods) <= set(self.methods))


class Interval(BaseModel):
    """A central estimate with its 90 % interval, in payments."""

    model_config = ConfigDict(frozen=True)

    low: float
    mean: float
    high: float


class Candidate(BaseModel):
    """One action on the planner's scale."""

    model_config = ConfigDict(frozen=True)

    action: Action
    payments_saved: Interval
    """Expected over the expiry, against doing nothing."""
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


class Check(BaseModel):
    """One named rule with the numbers it compared."""

    model_config = ConfigDict(frozen=True)

    name: str
    passed: bool
    sentence: str
    on_failure: Literal["ask", "block"]
    """Whether a human may overrule it (ask) or nobody (block)."""
    measured: float | None = None
    limit: float | None = None


class Ruling(StrEnum):
    """What the risk officer lets happen."""

    ACT = "act"
    ASK = "ask"
    BLOCK = "block"


class Verdict(BaseModel):
    """The risk officer's ruling on a plan."""

    model_config = ConfigDict(frozen=True)

    ruling: Ruling
    risk: Literal["low", "medium", "high"]
    confidence: Fraction
    checks: tuple[Check, ...]
    sentence: str

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)


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
