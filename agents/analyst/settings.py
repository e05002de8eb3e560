"""What the analyst reckons with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from payments.quantity import Fraction


class AnalystSettings(BaseModel):
    """Limits of the search and what counts as a change; score means nats above the description's price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attributes: Annotated[int, Field(ge=1, le=4)] = 3
    """Attributes that a culprit's description may combine."""
    min_score: PositiveFloat = 4.0
    min_lift: Annotated[float, Field(gt=1.0)] = 1.15
    """Observed over expected from which an excess matters at all."""
    min_excess_rate: Fraction = 0.01
    """Excess over attempts from which an excess matters at all."""
    complement_z: PositiveFloat = 3.0
    share_needed: Fraction = 0.9
    """Share of the excess that one culprit has to explain."""
    baseline_error: Fraction = 0.03
    """Relative error of the learned rates that no number of attempts averages out."""
    volume_error: Fraction = 0.1
    """Relative error of the forecast of attempts."""
    repeats_after_s: NonNegativeFloat = 30.0
    """Time that failed payments take to come again."""
    evidence_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 0.7
    """Power put on the likelihoods, because features that are not independent count twice."""
    scope_weight: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """The same for the scope, which rests on where payments fail and where not, and on nothing else."""
    code_votes: PositiveFloat = 4.0
    """Independent observations that the codes of an incident count for."""
    excess_per_vote: PositiveFloat = 4.0
    lesson_bound: NonNegativeFloat = 0.7
    """Most that lessons may move the log odds of a cause."""
    max_confidence: Fraction = 0.99
    shown_hypotheses: PositiveInt = 5
