"""The detector: a ladder of CUSUMs per stream and kind, over exact likelihood ratios.

`S_j = max(S_j + LLR_j, 0)` for each rung j of the ladder (ladder.py), LLR_j a beta-binomial or negative
binomial log likelihood ratio (likelihood.py); `score = max_j (S_j + handicap_j)`. A row has a false alarm in
about `e^score` ticks: compare scores with a level of threshold.py. The largest of CUSUMs over alternatives is
the likelihood ratio over onset and size of the change (Lorden 1971), and each rung alone is optimal for its
own size (Moustakides 1986).

How to use it:

    detector = TiltDetector(level)
    detector.grow(rows)
    detector.update(rows, Shares(counts, trials, share, rho))  # or Volumes(counts, mean, spread, rising)
    rows, scores = detector.reaching(level, least_excess)

`update` takes any subset of the rows, each once: all arrays are (len(rows),). What a row is compared with may
change from tick to tick, as long as it does not depend on the tick's own counts. A row that is left out
says nothing: that is right for a missing window; a tick with trials and no counts does take evidence away.
`top` is the score: some nats above zero even in a quiet row, where `gathered` is about zero.
"""

import numpy as np

from agents.monitor.grow import Reals, padded
from agents.monitor.ladder import RUNGS
from agents.monitor.likelihood import Observed
from agents.monitor.streams import Flags, Rows
from payments.quantity import Floats

BLOCK = 8192
"""Rows that are worked on together, so that all of a block stays in the processor's cache."""
USUAL_LEVEL = 20.0
"""Nats: a thousand streams, one false alarm a week, increments of five seconds."""
UP_GUARD, DOWN_GUARD = 1.22, 0.77
"""Multiples of the forecast within which a volume passes for normal."""
QUIET = 1.0
"""Nats that a row may have on its best rung and still count as quiet: low rungs are seldom at zero."""
TELLING = 0.5
"""Part of the level from which the best tilt is kept: nobody asks for that of quiet rows."""


class TiltDetector:
    """Running evidence that counts are not as expected, in single precision: 32 bytes a row.

    `level` is the score, in nats, that the ladder leads to. It may be ten per cent off the one that alarms.
    """

    def __init__(self, level: float = USUAL_LEVEL) -> None:
        self.level = level
        self.evidence: Reals = np.zeros((0, RUNGS), dtype=np.float32)
        """CUSUMs: shape (rows, RUNGS)."""
        self.top: Reals = np.zeros(0, dtype=np.float32)
        """The score of each row."""
        self.gathered: Reals = np.zeros(0, dtype=np.float32)
        """The largest CUSUM of each row, without handicap."""
        self.excess: Reals = np.zeros(0, dtype=np.float32)
        """Counts beyond expectation since the row was last quiet; negative for fewer than expected."""
        self.tilt: Reals = np.zeros(0, dtype=np.float32)
        """How far the best alternative is from the baseline: a logarithm of odds, or of volumes; only of rows
        that have half the level."""

    def grow(self, rows: int) -> None:
        """Make room for new rows."""
        if len(self.top) == rows:
            return
        self.evidence, self.top = padded(self.evidence, rows), padded(self.top, rows)
        self.gathered = padded(self.gathered, rows)
        self.excess, self.tilt = padded(self.excess, rows), padded(self.tilt, rows)

    def update(self, rows: Rows, observed: Observed) -> None:
        """Take in an increment of some rows."""
        for start in range(0, len(rows), BLOCK):
            block = slice(start, start + BLOCK)
            self._advance(rows[block], observed.part(block))

    def reset(self, rows: Flags) -> None:
        """Begin anew in the marked rows."""
        self.evidence[rows] = 0.0
        self.top[rows] = 0.0
        self.gathered[rows] = 0.0
        self.excess[rows] = 0.0

    def reaching(self, level: float, least_excess: float) -> tuple[Rows, Floats]:
        """Give the rows whose score reaches a level at some cost, with their scores."""
        rows = np.flatnonzero(self.top >= level)
        rows = rows[np.abs(self.excess[rows]) >= least_excess]
        return rows, self.top[rows].astype(np.float64)

    def strongest(self) -> float:
        """Give the largest score of all rows, 0.0 without rows."""
        return float(self.top.max(initial=0.0))

    def best_tilt(self, row: int) -> float:
        """Give the tilt with the most evidence."""
        return float(self.tilt[row])

    def _advance(self, rows: Rows, observed: Observed) -> None:
        ratios = observed.ratios(self.level)
        evidence = np.ascontiguousarray(self.evidence.take(rows, axis=0).T)
        excess = self.excess.take(rows)
        if ratios.idle is not None:
            evidence += ratios.idle
            np.maximum(evidence, 0.0, out=evidence)
            excess = np.where(evidence.max(axis=0) > QUIET, excess - ratios.awaited, 0.0)
        evidence += ratios.log_ratios
        np.maximum(evidence, 0.0, out=evidence)
        for rung, cusums in zip(self.evidence.T, evidence, strict=True):
            rung[rows] = cusums  # twice as fast as all rungs at once
        self.gathered[rows] = gathered = evidence.max(axis=0)
        self.excess[rows] = np.where(gathered > QUIET, excess + ratios.beyond, 0.0)
        evidence += ratios.handicap
        self.top[rows] = top = evidence.max(axis=0)
        telling = np.flatnonzero(top > TELLING * self.level)
        best = ratios.alternatives[evidence[:, telling].argmax(axis=0), telling]
        self.tilt[rows[telling]] = observed.tilts(best, telling)


def onset(log_ratios: Floats) -> int:
    """Give the first increment after the last reset of a CUSUM over these log likelihood ratios.

    >>> onset(np.array([-1.0, -1.0, 2.0, 3.0]))
    2
    """
    before = np.concatenate([[0.0], np.cumsum(log_ratios)[:-1]])
    return int(len(before) - 1 - np.argmin(before[::-1]))
