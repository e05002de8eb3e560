"""What counts as a right diagnosis of an episode whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import numpy.typing as npt

from bench.diagnosis.episodes import Found
from payments.diagnosis import Category
from payments.segment import Segment
from payments.window import Cells
from simulator.traffic.scenario import Fault

SAME = 0.9
"""Jaccard index, weighted by attempts, from which two segments mean the same payments."""
TO_BE_NAMED_AFTER = timedelta(seconds=60)
"""Time after which the second of two faults at once has shown itself enough to be named too."""

Mask = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Payments:
    """What segments are compared on."""

    at: datetime
    """When the finding was made."""
    cells: Cells
    weights: Weights
    """Attempts seen and forecast: shape (cells,)."""

    @classmethod
    def of(cls, found: Found) -> Self:
        """Take what is needed of a finding."""
        evidence = found.evidence
        return cls(found.finding.at, evidence.cells, evidence.attempts + evidence.expected_attempts)

    def holds(self, segment: Segment) -> bool:
        """Say whether any of a segment's payments are among these."""
        return bool(self.cells.mask(segment).any())

    def same(self, one: Segment, other: Segment) -> bool:
        """Say whether two segments hold the same payments, nearly."""
        return jaccard(self.cells.mask(one), self.cells.mask(other), self.weights) >= SAME


@dataclass(frozen=True)
class Right:
    """What of a diagnosis is right."""

    category: bool
    culprit: bool

    @property
    def both(self) -> bool:
        """What the confidence is the probability of."""
        return self.category and self.culprit


def judge(category: Category, named: Sequence[Segment], payments: Payments, truth: Fault) -> Right:
    """Compare the category and the culprits named, the first one first, with what was then in force.

    The category must be that of the fault whose culprit is named first, and every fault that has gone on for
    a minute must be named, unless none of its payments are left: evidence is gathered outside the culprits
    of other incidents, which name it. Where nothing is wrong the category alone counts: who says so, says it
    of all.
    """
    struck = [part for part in (truth.parts or (truth,)) if part.starts_at < payments.at]
    if all(part.category is Category.NO_INCIDENT for part in struck):
        nothing = category is Category.NO_INCIDENT
        return Right(category=nothing, culprit=nothing)
    hit = [part for part in struck if payments.same(named[0], part.culprit)]
    since = payments.at - TO_BE_NAMED_AFTER
    shown = [part.culprit for part in struck if part.starts_at <= since and payments.holds(part.culprit)]
    return Right(
        category=category in {part.category for part in hit or struck},
        culprit=bool(hit) and all(any(payments.same(one, other) for other in named) for one in shown),
    )


def jaccard(one: Mask, other: Mask, weights: Weights) -> float:
    """Give the weight of what both hold over the weight of what either holds."""
    either = float(weights[one | other].sum())
    return float(weights[one & other].sum()) / either if either > 0.0 else 0.0
