"""What a decision loses in a world, in dollars: the payment's part and the report's part add up.

A family names two or three amounts a world; the shares below turn them into a whole table. A world with
its own shape gives a `Losses` with each number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from simulator.cases.prices import FILING_USD, UNDUE_USD, UNREPORTED_SHARE
from simulator.cases.vocabulary import ACTS, Act, Report, Verb

Right: TypeAlias = Literal["hold", "reject", "block", "escalate"]


@dataclass(frozen=True, slots=True)
class Losses:
    """Dollars lost in one world by each decision about the payment, and by not reporting it."""

    approve: float
    reject: float
    flag: float
    hold: float
    escalate: float
    lapse: float
    """Nobody decided: the payment went out late."""
    due: Report = "none"
    unreported: float = 0.0
    """Price of not filing the report that is due."""

    def of(self, act: Act) -> float:
        """Give what this act loses, filing included; reviews are priced by the episode."""
        return self._payment(act.verb) + self._missing(act) + self._filed(act.report)

    def of_lapse(self) -> float:
        """Give what it loses when nobody decides."""
        return self.lapse + (self.unreported if self.due != "none" else 0.0)

    def worst(self) -> float:
        """Give the most that one decision, or none, can lose."""
        return max(self.of_lapse(), *(self.of(act) for act in ACTS))

    def _payment(self, verb: Verb) -> float:
        """Give the payment's part."""
        return float(getattr(self, verb))

    def _missing(self, act: Act) -> float:
        """Price a report that is due and not filed."""
        is_missing = self.due not in {"none", act.report}
        return self.unreported * UNREPORTED_SHARE[act.verb] if is_missing else 0.0

    def _filed(self, report: Report) -> float:
        """Price the work of filing, and the harm when it was not due."""
        return FILING_USD[report] + (0.0 if report == self.due else UNDUE_USD[report])


_RESIDUE: Final[Mapping[Right, Mapping[str, float]]] = {
    # what is still lost of the amount at stake when the payment is illicit, by the right decision
    "hold": {"approve": 1.0, "reject": 0.35, "flag": 0.55, "hold": 0.0, "escalate": 0.4, "lapse": 1.0},
    "reject": {"approve": 1.0, "reject": 0.0, "flag": 0.55, "hold": 0.2, "escalate": 0.4, "lapse": 1.0},
    "block": {"approve": 1.0, "reject": 0.9, "flag": 0.6, "hold": 0.0, "escalate": 0.3, "lapse": 1.0},
    "escalate": {"approve": 1.0, "reject": 0.5, "flag": 0.5, "hold": 0.3, "escalate": 0.0, "lapse": 1.0},
}
_FRICTION: Final[Mapping[str, float]] = {
    # what of the customer's goodwill is lost when the payment is good
    "approve": 0.0,
    "reject": 1.0,
    "flag": 0.5,
    "hold": 0.9,
    "escalate": 0.6,
    "lapse": 0.3,
}


def illicit(at_stake: float, right: Right, due: Report = "none", unreported: float = 0.0) -> Losses:
    """Give the losses of an illicit payment: `at_stake` is lost when it is approved."""
    shares = {verb: share * at_stake for verb, share in _RESIDUE[right].items()}
    return Losses(**shares, due=due, unreported=unreported)


def benign(friction: float, due: Report = "none", unreported: float = 0.0) -> Losses:
    """Give the losses of a good payment: `friction` is lost when it is rejected."""
    shares = {verb: share * friction for verb, share in _FRICTION.items()}
    return Losses(**shares, due=due, unreported=unreported)
