"""What the planner reckons with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat

from payments.action import Fraction


class PlannerSettings(BaseModel):
    """Limits that it plans within (the guardrails hold their own) and prices, all in payments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expires_after_s: PositiveFloat = 900.0
    """Life of an action; at least one aggregation window, so that its effect can be seen."""
    probe_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    max_target_load: Annotated[float, Field(gt=0.0, le=1.0)] = 0.95
    max_target_load_when_source_down: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    source_down_below: Fraction = 0.8
    broken_below_best: Fraction = 0.1
    """A route whose success rate is this far below the best one's is no target."""
    dead_below: Fraction = 0.02
    """Success rate below which a path carries nothing worth keeping."""
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
    critical_above: NonNegativeFloat = 1000.0
    """Payments at stake until the expiry from which an alert is critical."""
