"""The detector: one e-CUSUM per stream and kind over a grid of exponential tilts.

`LLR_j = (d_j f - log E[e^(d_j f)]) / phi`, `M_j = max(M_j, 1) e^(LLR_j)`, score = log mean over j. The mean
of tilts is an e-process restarted at its minima (Shin, Ramdas and Rinaldo 2024, "E-detectors"), so thresholds
follow from the false alarms allowed, without tables.
"""

from collections.abc import Callable

import numpy as np

from agents.monitor.grow import padded
from agents.monitor.streams import Flags, Rows
from payments.incident import Floats

RATE_TILTS: Floats = np.array([0.15, 0.25, 0.4, 0.6, 0.9, 1.3, 2.0, 3.0])
"""Rises of the odds, as logarithms: from 16 %, less is not material."""
UP_TILTS: Floats = np.log([1.5, 2.0, 3.0, 5.0, 10.0])
DOWN_TILTS: Floats = np.log([0.6, 0.4, 0.2, 0.05])

UP_GUARD, DOWN_GUARD = 1.22, 0.77
"""With the smallest tilts, volumes within about 0.6 to 1.5 times the forecast gather no evidence."""

Cost = Callable[[Rows], Floats]
"""Gives the logarithm of E[e^(d f)] for some rows and every tilt: shape (rows, tilts)."""


def binomial_cost(trials: Floats, rate: Floats, tilts: Floats) -> Floats:
    """Give the cumulant of binomial counts at each tilt; inputs (rows,), result (rows, tilts)."""
    return trials[:, None] * np.log1p(rate[:, None] * np.expm1(tilts))


def poisson_cost(mean: Floats, tilts: Floats) -> Floats:
    """Give the cumulant of Poisson counts at each tilt; input (rows,), result (rows, tilts)."""
    return mean[:, None] * np.expm1(tilts)


def log_mean(evidence: Floats) -> Floats:
    """Give the logarithm of the mean over the last axis, from logarithms."""
    top: Floats = evidence.max(axis=-1)
    mean: Floats = np.exp(evidence - top[..., None]).mean(axis=-1)
    return top + np.log(mean)


class TiltDetector:
    """Running evidence that a count is larger (or, with negative tilts, smaller) than expected."""

    def __init__(self, tilts: Floats) -> None:
        self.tilts = tilts
        self.evidence: Floats = np.zeros((0, len(tilts)))
        """log max(M_j, 1): shape (rows, tilts)."""
        self.top: Floats = np.zeros(0)
        """The largest of each row: no smaller than its score."""
        self.excess: Floats = np.zeros(0)
        """Counts beyond expectation since no tilt had evidence; negative for fewer than expected."""

    def grow(self, rows: int) -> None:
        """Make room for new rows."""
        self.evidence, self.top = padded(self.evidence, rows), padded(self.top, rows)
        self.excess = padded(self.excess, rows)

    def update(self, counts: Floats, mean: Floats, phi: Floats, cost: Cost) -> None:
        """Take in one increment; arrays have shape (rows,). Rows without counts and evidence cannot rise."""
        moving = (
            np.ones(len(counts), dtype=np.bool_) if self.tilts[0] < 0.0 else (counts > 0.0) | (self.top > 0.0)
        )
        rows = np.flatnonzero(moving)
        ratio = (counts[rows, None] * self.tilts - cost(rows)) / phi[rows, None]
        evidence = np.maximum(self.evidence[rows] + ratio, 0.0)
        self.evidence[rows] = evidence
        self.top[rows] = top = evidence.max(axis=1)
        self.excess[rows] = np.where(top > 0.0, self.excess[rows] + counts[rows] - mean[rows], 0.0)

    def reset(self, rows: Flags) -> None:
        """Begin anew in the marked rows."""
        self.evidence[rows] = 0.0
        self.top[rows] = 0.0
        self.excess[rows] = 0.0

    def reaching(self, level: float, least_excess: float) -> tuple[Rows, Floats]:
        """Give the rows whose score reaches a level at some cost, with their scores."""
        rows = np.flatnonzero((self.top >= level) & (np.abs(self.excess) >= least_excess))
        scores = log_mean(self.evidence[rows])
        return rows[scores >= level], scores[scores >= level]

    def strongest(self) -> float:
        """Give the largest score of all rows, 0.0 without rows."""
        if not len(self.top):
            return 0.0
        near = self.top >= self.top.max() - np.log(len(self.tilts))
        return float(log_mean(self.evidence[near]).max())

    def best_tilt(self, row: int) -> float:
        """Give the tilt with the most evidence."""
        return float(self.tilts[int(np.argmax(self.evidence[row]))])


def onset(log_ratios: Floats) -> int:
    """Give the first increment after the last reset of a CUSUM over these log likelihood ratios.

    >>> onset(np.array([-1.0, -1.0, 2.0, 3.0]))
    2
    """
    before = np.concatenate([[0.0], np.cumsum(log_ratios)[:-1]])
    return int(len(before) - 1 - np.argmin(before[::-1]))
