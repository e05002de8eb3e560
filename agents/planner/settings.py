"""What the planner reckons with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat

from payments.quantity import Fraction

_Share = Annotated[float, Field(gt=0.0, le=1.0)]

OVERLOADED = 0.97
"""Load as a share of the capacity from which a route is overloaded: for the plan and for its rollout."""


class PlannerSettings(BaseModel):
    """Limits that it plans within (the guardrails hold their own), prices, and assumptions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expires_after_s: PositiveFloat = 900.0
    """Life of an action; at least one aggregation window, so that its effect can be seen."""
    probe_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    max_target_load: _Share = 0.95
    max_target_load_when_source_down: _Share = 1.0
    source_down_below: Fraction = 0.8
    max_share_of_total_moved: _Share = 0.5
    """Most of all traffic that one action moves; who wants more edits the proposal."""

    overloaded_from: _Share = OVERLOADED
    """Load as a share of the capacity from which a route's failures say nothing about the route."""
    fails_beyond_overload: Fraction = 0.1
    """Share of attempts that an overloaded route loses beyond its excess load when it fails as well."""
    broken_below_best: Fraction = 0.1
    """A route whose success rate is this far below the best one's is no target."""
    as_good_within_sd: NonNegativeFloat = 1.0
    """Standard deviations of a target's success within which others count as equally good; worse ones get
    only what these cannot take."""
    untested_works: Fraction = 0.5
    """Chance that a route without recent payments works as usual; else it is taken to carry none."""
    success_spread: Fraction = 0.02
    """Standard deviation of a target's success with the moved payments: they are another mix than its own."""
    scope_success_spread: Fraction = 0.005
    """The same where it is known how payments of this mix usually fare there."""
    dead_below: Fraction = 0.02
    """Success rate below which a path carries nothing worth keeping."""

    slow_lost: NonNegativeFloat = 1.0
    """Payments lost until the expiry for each attempt that is slowed when a choking route is found.

    The middle between 0.18, if it chokes no further (18 % of shoppers leave when a page is too slow:
    Forrester Consulting, 2009, in Radware's survey of slow checkouts, 2013), and 1.8, if it goes on until
    attempts time out (mean of the simulator's brown-outs, seeds 7400 to 7411).
    """
    slow_lost_deviation: NonNegativeFloat = 0.8
    people_arrive_after_s: PositiveFloat = 1200.0
    """Mean time until alerted people have done something, exponentially distributed."""
    fault_lasts_s: PositiveFloat = 2700.0
    """Mean time that a fault goes on by itself, exponentially distributed."""

    cost_of_waking_people: NonNegativeFloat = 5.0
    """In payments."""
    friction: Fraction = 0.002
    """Share of moved payments lost by the move: stored tokens, half-done authentications."""
    margin_bps: PositiveFloat = 1000.0
    """Margin of a payment in basis points of its amount; turns fees into payments."""
    retry_fee_minor: NonNegativeFloat = 50.0
    """Fee of an attempt that a scheme does not allow, in minor units of the feed's currency: Visa takes 0.10
    to 0.15 dollars (Payway, 2022), Mastercard 0.50 (TabaPay, 2024); set it for another currency."""
    codes_bind_from: Fraction = 0.05
    """Share of the declines that a code makes up from which its scheme's limit binds the retry policy."""
    critical_above: NonNegativeFloat = 1000.0
    """Payments at stake until the expiry from which an alert is critical."""
