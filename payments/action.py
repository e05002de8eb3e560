"""What may be proposed, what it is expected to bring, and what became of it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, TypeAdapter

from payments.money import Currency
from payments.segment import Segment

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]

LEAST_SHARE = 0.01
"""Least share of a path that a reroute may move: below it nobody could measure what it does."""


class Mode(StrEnum):
    """How far the crew may go: touch nothing, ask before each action, or act within the guardrails."""

    SHADOW = "shadow"
    COPILOT = "copilot"
    AUTOPILOT = "autopilot"


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
    """Target route -> fraction of the moved payments, the largest first; sums to 1."""
    share: Annotated[float, Field(ge=LEAST_SHARE, le=1.0)]
    """Fraction of the scope's payments on `from_route` that moves; the rest stays as a probe."""
    limits_per_s: dict[str, Annotated[float, Field(gt=0.0, allow_inf_nan=False)]] = {}
    """Target route -> most moved attempts a second that it takes (a token bucket); empty means no limit.

    What exceeds goes to another target with tokens left, most room first, else it stays on `from_route`.
    """


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


_Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Route(BaseModel):
    """What is known about one route (PSP, acquirer, gateway) that could carry payments."""

    model_config = ConfigDict(frozen=True)

    name: str
    capacity_per_s: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None
    """Attempts a second that the route is contracted for; None when unknown."""
    load_per_s: _Amount
    """Attempts a second over the last window."""
    success_rate: Fraction | None
    """Over the last window; None without attempts."""
    scope_success: Fraction | None = None
    """What the payments that were asked about should have there: their usual success on this route, less what
    it loses now beyond chance; None when nobody can say."""
    fee_bps: _Amount = 0.0
    """Fee in basis points of the amount."""
    methods: tuple[str, ...] = ()
    """Methods the route can carry; empty means all."""
    currencies: tuple[Currency, ...] = ()
    """Currencies the route can settle; empty means all."""
    countries: tuple[str, ...] = ()
    """Countries whose payments the route may take; empty means all."""
    committed_share: Fraction | None = None
    """Least share of the month's payments that the contract promises to the route; None without a promise."""
    share_to_date: Fraction | None = None
    """Share of the month's payments that it has had so far; None when nobody counts."""

    def free_per_s(self, load_limit: float) -> float | None:
        """Give the attempts a second that fit below this share of the capacity; None when unknown."""
        if self.capacity_per_s is None:
            return None
        return max(0.0, load_limit * self.capacity_per_s - self.load_per_s)

    def carries(
        self,
        methods: Collection[str],
        countries: Collection[str] | None = None,
        currency: str | None = None,
    ) -> bool:
        """Say whether the route can carry payments of each of these methods and countries in the currency.

        No method or country named means every one there is; None means that nobody asks.
        """
        asked = [(self.methods, methods)]
        asked += [] if countries is None else [(self.countries, countries)]
        asked += [] if currency is None else [(self.currencies, (currency,))]
        return all(not able or (bool(needed) and set(needed) <= set(able)) for able, needed in asked)

    def carries_scope(self, scope: Segment, source: "Route | None", currency: str | None = None) -> bool:
        """Say whether the route can carry what a scope names, and where it is silent all that its source can.

        The currency is that of the feed; None when it is not known.
        """
        method, country = scope.role("method"), scope.role("country")
        methods = (method,) if method is not None else source.methods if source else ()
        countries = (country,) if country is not None else source.countries if source else ()
        return self.carries(methods, countries, currency)


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


class Check(BaseModel):
    """One named rule with the numbers it compared."""

    model_config = ConfigDict(frozen=True)

    name: str
    passed: bool
    sentence: str
    on_failure: Literal["ask", "second", "block"]
    """Who may overrule it: a human (ask), two different ones (second), or nobody (block)."""
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
    policy: str = ""
    """Which limits it was compared with: version and digest of the policy."""
    mode: Mode = Mode.AUTOPILOT

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
