"""From what a diagnosis rests on to the probability that it is right, as fitted on simulated incidents."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log, log1p

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

VERSION = 2
"""Of the form of the model."""

_ODDS_AT_MOST = 6.0
"""Log odds beyond which a table's figures are not to be believed."""


@dataclass(frozen=True)
class Grounds:
    """What a confidence rests on: the larger each of them, the surer."""

    category: float
    """Log odds of the category against all others; 0 when nothing is in excess, for something was found."""
    culprit: float
    """Log odds of the culprit against other descriptions."""
    narrower: float
    """Natural logarithm of 1 + the nats against the nearest narrower description."""
    wider: float
    """The same against the nearest wider one."""
    explained: float
    """Share of the excess in the culprit and in the other faults named, 0 to 1."""
    excess: float
    """Natural logarithm of 1 + the payments in excess."""

    def weaker(self, other: "Grounds") -> "Grounds":
        """Give the weaker of each: what names two faults is no surer than of either."""
        return Grounds(**{name: min(value, getattr(other, name)) for name, value in vars(self).items()})


class Belief(BaseModel):
    """A logistic model none of whose weights is negative: more grounds never make a diagnosis less sure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    weights: Mapping[str, NonNegativeFloat]
    """By the name of each of the grounds that count."""

    def probability(self, given: Grounds) -> float:
        """Give the probability of being right."""
        odds = self.bias + sum(weight * float(getattr(given, name)) for name, weight in self.weights.items())
        return 1.0 / (1.0 + exp(-odds))


class Calibration(BaseModel):
    """One model for the category and one for the culprit, which are right or wrong for their own reasons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: NonNegativeInt
    seeds: str
    """Of the simulated incidents that it was fitted on."""
    episodes: NonNegativeInt
    category: Belief
    culprit: Belief

    def probability(self, given: Grounds) -> float:
        """Give the probability that category and culprit are both right."""
        return self.category.probability(given) * self.culprit.probability(given)


@cache
def calibration() -> Calibration:
    """Read the fitted model; `python -m bench diagnosis --fit` writes it anew."""
    text = files("agents.analyst").joinpath("calibration.json").read_text(encoding="utf-8")
    return Calibration.model_validate_json(text)


def log_amount(amount: float) -> float:
    """Give ln(1 + amount); 0 for what is not above 0."""
    return log1p(max(0.0, amount))


def log_odds(probability: float) -> float:
    """Give ln(p / (1 - p)), bounded."""
    if probability <= 0.0 or probability >= 1.0:
        return _ODDS_AT_MOST if probability >= 1.0 else -_ODDS_AT_MOST
    return max(-_ODDS_AT_MOST, min(_ODDS_AT_MOST, log(probability / (1.0 - probability))))
