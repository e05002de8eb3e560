"""What may be done: five kinds of action, and no other."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from payments.quantity import Fraction
from payments.segment import Segment

LEAST_SHARE = 0.01
"""Least share of a path that a reroute may move: below it nobody could measure what it does."""


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
