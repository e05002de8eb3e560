"""What an episode has cost so far, item by item, and the reward that follows from it.

The reward is an affine map of the dollars lost over the task's declared worst case, never clamped:
`value = 1 - dollars / worst`. So the policy with the least expected loss also has the most expected reward.
"""

from dataclasses import dataclass
from typing import NamedTuple

from simulator.cases.vocabulary import Act


class Decision(NamedTuple):
    """How one case ended."""

    transaction_id: str
    action_type: str
    """`lapse` when nobody decided."""
    report: str
    usd: float
    best: Act
    """The act that loses least in this world."""
    best_usd: float
    """What it loses."""
    is_illicit: bool
    confidence: float | None

    @property
    def is_best(self) -> bool:
        """Tell whether no other act would have lost less."""
        return self.usd <= self.best_usd

    @property
    def is_released(self) -> bool:
        """Tell whether an illicit payment went out by decision."""
        return self.is_illicit and self.action_type == "approve"

    @property
    def brier(self) -> float | None:
        """Give the squared error of the confidence, or None when none was given."""
        return None if self.confidence is None else (self.confidence - self.is_illicit) ** 2


@dataclass(slots=True)
class Ledger:
    """Dollars by item."""

    decisions: float = 0.0
    reviews: float = 0.0
    questions: float = 0.0
    waiting: float = 0.0
    repeats: float = 0.0
    """Of questions asked before, their waiting included."""

    @property
    def total(self) -> float:
        """Give all dollars lost."""
        return self.decisions + self.reviews + self.questions + self.waiting + self.repeats


def breakdown(ledger: Ledger, worst_usd: float) -> dict[str, float]:
    """Give the published items of `PayOpsReward`; they sum to the value.

    The three bonuses are always 0: any of them would make another policy optimal than the one that
    loses least. Confidence is scored apart, by Brier.
    """
    return {
        "terminal_correct": 1.0 - (ledger.decisions + ledger.reviews) / worst_usd,
        "investigation_bonus": 0.0,
        "flag_identification_bonus": 0.0,
        "confidence_bonus": 0.0,
        "duplicate_penalty": -ledger.repeats / worst_usd,
        "budget_penalty": -(ledger.questions + ledger.waiting) / worst_usd,
    }


def step_breakdown(ledger: Ledger, worst_usd: float) -> dict[str, float]:
    """Give the published items of an observation's `reward_breakdown`; they sum to the value."""
    return {
        "base": 1.0 - (ledger.decisions + ledger.reviews) / worst_usd,
        "time_penalty": -ledger.waiting / worst_usd,
        "confidence_bonus": 0.0,
        "cost_penalty": -(ledger.questions + ledger.repeats) / worst_usd,
    }
