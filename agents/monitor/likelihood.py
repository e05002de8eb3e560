"""Log likelihood ratios of counts for each rung: beta-binomial for shares, negative binomial for volumes.

Both keep the dispersion of the baseline and move its mean. The ratios rise with the count (or, for falling
volumes, fall with it): the proof of the bound on false alarms in docs/detection.md needs that.
"""

from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from agents.monitor import quadrature
from agents.monitor.grow import Reals, within
from agents.monitor.ladder import Ladder, ladder
from agents.monitor.streams import Flags, Rows
from payments.quantity import Floats

Expected = Reals | float
"""An expectation for each row, or one for all."""

LEAST_RISE = 0.08
"""Smallest rise of the odds that is looked for, as a logarithm."""
LEAST_VOLUME = 0.2
"""Smallest relative change of a volume that is looked for."""
FURTHEST = 0.9
"""Part of the way from the baseline to one (or, for falling volumes, to zero) that no alternative exceeds."""
SHARES = (1e-6, 0.999)
"""Expected shares below and above are taken as these."""
LEAST_RHO, MOST_RHO = 1e-12, 0.9
"""A beta-binomial of the first correlation is a binomial; one of the second hardly counts more than once."""

MOST = 1e9
"""Numbers above this are no counts of payments."""


@dataclass(frozen=True)
class Ratios:
    """What an increment says of some rows: all of shape (RUNGS, rows), but `beyond`, which is (rows,)."""

    log_ratios: Reals
    handicap: Reals
    alternatives: Reals
    """Shares, or multiples of the forecast."""
    beyond: Reals
    """Counts above the expected number."""
    idle: Reals | None = None
    """What the increments before that had no count say: never positive."""
    awaited: Reals | float = 0.0
    """Counts that those increments were expected to have: shape (rows,)."""


class Observed(Protocol):
    """Counts of some rows with what was expected of them."""

    def part(self, rows: slice) -> Self:
        """Give some of the rows."""

    def ratios(self, level: float) -> Ratios:
        """Compare the counts with every rung of the ladder that leads to a level, in nats."""

    def tilts(self, alternatives: Reals, rows: Rows) -> Reals:
        """Give how far one alternative each is from the baseline, for some of the rows."""


@dataclass(frozen=True)
class Shares:
    """Counts of trials, with the expected share and the intra-class correlation: all of shape (rows,).

    Rows without trials, or with a count that is not a number, say nothing; counts beyond the trials count as
    all of them. The ratios are in single precision.
    """

    counts: Reals
    trials: Reals
    share: Reals
    rho: Reals
    idle: Reals | None = None
    """Trials of increments before, since the row was last brought up to date: none of them had a count."""
    least_rise: Reals | float = field(default=LEAST_RISE, kw_only=True)
    """Smallest rise of the odds that is looked for, as a logarithm; one for all or for each row."""

    def part(self, rows: slice) -> Self:
        """Give some of the rows."""
        idle = None if self.idle is None else self.idle[rows]
        columns = (self.counts[rows], self.trials[rows], self.share[rows], self.rho[rows])
        least = self.least_rise if isinstance(self.least_rise, float) else self.least_rise[rows]
        return type(self)(*columns, idle, least_rise=least)

    def ratios(self, level: float) -> Ratios:
        """Compare the counts with every rung of the ladder that leads to a level, in nats."""
        trials, counts = self._counted()
        share = within(self.share, *SHARES).astype(np.float32, copy=False)
        rho = within(self.rho, 0.0, MOST_RHO).astype(np.float32, copy=False)
        least = 0.5 * self.least_rise**2
        steps, shifts = _shifts(np.maximum(trials, 1.0), (share, rho), least, level)
        step = rho / (1.0 - rho)
        log_ratios = quadrature.log_ratios(counts, trials, share, shifts, step)
        shares = shifts + share
        far = np.flatnonzero(~quadrature.within_reach(trials, share, step))
        if len(far):
            both = np.vstack([share[far], shares[:, far]])
            columns = (counts[far], trials[far], both, self.rho[far])
            log_rising = _log_rising(*(column.astype(np.float64) for column in columns))
            log_ratios[:, far] = log_rising[1:] - log_rising[0]
        awaited = 0.0 if self.idle is None else self.idle * share
        idle = self._idle(shifts, share)
        return Ratios(log_ratios, steps.handicap, shares, counts - trials * share, idle, awaited)

    def tilts(self, alternatives: Reals, rows: Rows) -> Reals:
        """Give how far one alternative each is from the baseline, as a logarithm of odds."""
        share = self.share[rows]
        return np.asarray(np.log(alternatives / share) - np.log((1.0 - alternatives) / (1.0 - share)))

    def _idle(self, shifts: Reals, share: Reals) -> Reals | None:
        """Give the ratios of independent trials without a count: dispersion would only weaken them."""
        if self.idle is None:
            return None
        ratios = np.log1p(shifts * (-1.0 / (1.0 - share)))
        ratios *= self.idle
        return ratios

    def _counted(self) -> tuple[Reals, Reals]:
        """Give trials and counts; both zero where they are no numbers of payments."""
        valid = (self.trials > 0.0) & (self.trials <= MOST) & (self.counts >= 0.0)
        trials = np.where(valid, self.trials, 0.0)
        counts = np.minimum(np.where(valid, self.counts, 0.0), trials)
        return trials.astype(np.float32, copy=False), counts.astype(np.float32, copy=False)


@dataclass(frozen=True)
class Volumes:
    """Numbers with their forecast and its squared coefficient of variation beyond Poisson: shape (rows,).

    Rows whose forecast is not positive, or whose number is not one, say nothing.
    """

    counts: Floats
    mean: Floats
    spread: Floats
    rising: Flags
    """Whether it is looked for a rise, else for a fall."""

    def part(self, rows: slice) -> Self:
        """Give some of the rows."""
        return type(self)(self.counts[rows], self.mean[rows], self.spread[rows], self.rising[rows])

    def ratios(self, level: float) -> Ratios:
        """Compare the counts with every rung of the ladder that leads to a level, in nats."""
        valid = self._valid
        mean, counts = np.where(valid, self.mean, 1.0), np.where(valid, self.counts, 0.0)
        effective = mean / (1.0 + mean * self.spread)
        steps = ladder(0.5 * LEAST_VOLUME**2 * effective, level)
        factor = self._factors(steps.information / effective)
        log_ratios = negative_binomial_log_ratio(counts, (mean, mean * factor), self.spread)
        beyond = np.where(valid, counts - mean, 0.0)
        return Ratios(np.where(valid, log_ratios, 0.0), steps.handicap, factor, beyond)

    def tilts(self, alternatives: Reals, rows: Rows) -> Reals:
        """Give how far one alternative each is from the forecast, as a logarithm."""
        return np.log(alternatives)

    @property
    def _valid(self) -> Flags:
        known = (self.mean > 0.0) & (self.mean <= MOST)
        return known & (self.counts >= 0.0) & (self.counts <= MOST)

    def _factors(self, each: Reals) -> Reals:
        """Give the alternatives as multiples of the forecast, from nats per expected number."""
        up = 1.0 + each / 3.0 + np.sqrt((each / 3.0) ** 2 + 2.0 * each)
        down = 1.0 - np.minimum(np.sqrt(2.0 * each), FURTHEST)
        return np.where(self.rising, up, down)


def _shifts(
    trials: Reals, expected: tuple[Reals, Reals], least: Reals | float, level: float
) -> tuple[Ladder, Reals]:
    """Give the ladder and its shifts of the share, by inverting Bernstein's bound on their information.

    `expected` is share and correlation, `least` the information of the smallest change per effective trial,
    relative to its variance.
    """
    share, rho = expected
    effective = trials / (1.0 + (trials - 1.0) * rho)
    variance = share * (1.0 - share)
    steps = ladder(least * variance * effective, level)
    each = steps.information * (1.0 / effective)
    skewed = each * ((1.0 - 2.0 * share) / 3.0)
    each *= 2.0 * variance
    each += skewed * skewed
    np.sqrt(each, out=each)
    each += skewed
    return steps, np.minimum(each, FURTHEST * (1.0 - share))


def tilted(share: Floats, tilt: float) -> Floats:
    """Give the share whose logarithm of odds is larger by `tilt`."""
    return np.asarray(share / (share + (1.0 - share) * np.exp(-tilt)))


def log_mean(log_ratios: Reals) -> Floats:
    """Give the logarithm of the mean over the first axis, from logarithms."""
    top: Reals = log_ratios.max(axis=0)
    return np.asarray(top + np.log(np.exp(log_ratios - top).mean(axis=0)), dtype=np.float64)


def beta_binomial_log_ratio(
    counts: Floats, trials: Floats, shares: tuple[Expected, Expected], rho: Expected
) -> Floats:
    """Give log P(counts; new share) - log P(counts; old share), at the same intra-class correlation.

    `shares` are the old and the new ones; everything broadcasts. A correlation of zero gives the binomial.
    """
    old, new = (_log_rising(counts, trials, np.asarray(share), rho) for share in shares)
    return np.asarray(new - old)


def negative_binomial_log_ratio(counts: Floats, means: tuple[Expected, Expected], spread: Expected) -> Floats:
    """Give log P(counts; new mean) - log P(counts; old mean); `spread` 0 is Poisson."""
    old, new = means
    size = 1.0 / np.maximum(spread, LEAST_RHO)
    wider = np.log1p((new - old) / (size + old))
    return np.asarray(counts * (np.log(new / old) - wider) - size * wider)


def _log_rising(counts: Floats, trials: Floats, share: Floats, rho: Expected) -> Floats:
    """Give log P(counts; share) up to what does not depend on the share.

    It is log(hit (hit + 1) ... (hit + counts - 1)) and the same of misses, added up, by Stirling's series two
    places up, where it has six digits even for a `hit` near zero.
    """
    size = 1.0 / np.clip(np.asarray(rho), LEAST_RHO, MOST_RHO) - 1.0
    of_hits, below_hits = _rising(size * share, counts)
    of_misses, below_misses = _rising(size * (1.0 - share), trials - counts)
    below_hits *= below_misses
    of_hits += of_misses
    of_hits += np.log(below_hits)
    return of_hits


def _rising(start: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Give the series two places up, and the factor that leads down."""
    low = start + 2.0
    high = low + steps
    near, far = 1.0 / low, 1.0 / high
    series = np.log(high)
    series -= 1.0
    series *= steps
    series += (low - 0.5) * np.log1p(steps * near)
    series += far * (1 / 12 - far * far * (1 / 360)) - near * (1 / 12 - near * near * (1 / 360))
    below = start * (low - 1.0)
    below /= (high - 2.0) * (high - 1.0)
    return series, below
