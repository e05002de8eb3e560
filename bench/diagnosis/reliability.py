"""How well stated probabilities fit what came true: Brier score, expected calibration error, bins."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

BINS = 10
"""Of equal width, from 0 to 1."""
_TWO_SIDED_95 = 1.96

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """The answers of similar confidence."""

    low: float
    high: float
    answers: int
    confidence: float
    """Mean."""
    right: float
    """Share."""

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share: J. Am. Stat. Assoc. 22 (1927) 209."""
        n, z = self.answers, _TWO_SIDED_95
        middle = (self.right + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(self.right * (1 - self.right) / n + z * z / (4 * n * n))
        return middle - half, middle + half


@dataclass(frozen=True)
class Reliability:
    """Stated confidences against what was right; one each at least."""

    confidence: Floats
    right: Floats

    @classmethod
    def of(cls, confidence: Sequence[float], right: Sequence[bool]) -> "Reliability":
        """Take any sequences of equal length."""
        return cls(np.array(confidence, dtype=np.float64), np.array(right, dtype=np.float64))

    @property
    def brier(self) -> float:
        """Mean squared error: Brier, Mon. Weather Rev. 78 (1950) 1."""
        return float(np.mean((self.confidence - self.right) ** 2))

    @property
    def brier_constant(self) -> float:
        """The same for whoever always states the share that is right."""
        share = float(self.right.mean())
        return share * (1.0 - share)

    @property
    def ece(self) -> float:
        """Expected calibration error over the bins: Naeini et al., AAAI 2015."""
        return sum(one.answers * abs(one.confidence - one.right) for one in self.bins) / len(self.right)

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins that have any answers, lowest first."""
        place = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        return tuple(self._bin(number, place == number) for number in range(BINS) if (place == number).any())

    def _bin(self, number: int, inside: npt.NDArray[np.bool_]) -> Bin:
        return Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            answers=int(inside.sum()),
            confidence=float(self.confidence[inside].mean()),
            right=float(self.right[inside].mean()),
        )
