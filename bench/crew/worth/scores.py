"""Shares of what could be saved, with intervals: ratios of sums within a kind, means over kinds, paired.

Everything is an array over the episodes, in the same order for every policy: the same payments met the same
luck under each of them, so differences are taken within an episode before anything is summed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from payments.quantity import Floats

LEAST_GAIN = 0.001
"""Of the payments during the fault: where knowing everything gains less, a share of it means nothing."""
RESAMPLES = 2000
LEVEL = 0.95

Flags = npt.NDArray[np.bool_]


class Interval(NamedTuple):
    """Where a figure lies with a chance of 95 %."""

    low: float
    high: float


@dataclass(frozen=True)
class Kinds:
    """Which episode is of which kind."""

    names: tuple[str, ...]
    member: Floats
    """One where an episode is of a kind, else zero: (episodes, kinds)."""

    @classmethod
    def of(cls, kinds: Sequence[str]) -> "Kinds":
        """Take the kind of each episode."""
        names = tuple(dict.fromkeys(kinds))
        return cls(names, np.array([[kind == name for name in names] for kind in kinds], dtype=np.float64))

    def sums(self, values: Floats, weights: Floats | None = None) -> Floats:
        """Add up values of episodes within kinds: (kinds,), or (resamples, kinds) with weights."""
        by_kind = values[:, None] * self.member
        return np.asarray(by_kind.sum(axis=0) if weights is None else weights @ by_kind)

    @property
    def sizes(self) -> Floats:
        """Episodes of each kind."""
        return np.asarray(self.member.sum(axis=0))


def resampled(kinds: Kinds, rng: np.random.Generator, times: int = RESAMPLES) -> Floats:
    """Draw how often each episode counts in each resample of the bootstrap: (resamples, episodes).

    Episodes are drawn within their kind, one fewer than there are, which keeps the variance of small strata
    unbiased: Rao and Wu, J. Am. Stat. Assoc. 83 (1988) 231. The same draw serves every policy.
    """
    weights = np.zeros((times, len(kinds.member)))
    for column in kinds.member.T:
        rows = np.flatnonzero(column)
        draws = max(1, len(rows) - 1)
        weights[:, rows] = rng.multinomial(draws, np.full(len(rows), 1.0 / len(rows)), size=times)
    return weights


def shares(saved: Floats, at_most: Floats) -> Floats:
    """Give what was saved as a share of what could be; not a number where nothing could be.

    >>> shares(np.array([9.0, 1.0]), np.array([10.0, 0.0]))
    array([0.9, nan])
    """
    possible = at_most > 0.0
    return np.where(possible, saved / np.where(possible, at_most, 1.0), np.nan)


@dataclass(frozen=True)
class Worth:
    """What policies saved in the same episodes, against doing nothing."""

    kinds: Kinds
    saved: Mapping[str, Floats]
    """By policy: payments or money, (episodes,)."""
    ceiling: str
    """The policy that others are measured against."""
    counted: Flags
    """Kinds in which there is something to be saved, (kinds,)."""
    weights: Floats
    """The bootstrap's, (resamples, episodes)."""

    def by_kind(self, policy: str) -> Floats:
        """Give the share saved in each kind that counts: (kinds that count,)."""
        return self._shares(policy, None)[self.counted]

    def mean(self, policy: str) -> float:
        """Give the mean over the kinds that count, each of the same weight."""
        return _mean(self.by_kind(policy))

    def mean_interval(self, policy: str) -> Interval | None:
        """Give its interval; None when a kind was played too rarely to tell."""
        return self._interval(self._means(policy))

    def lead(self, policy: str, other: str) -> tuple[float, Interval | None]:
        """Give by how much the mean of one exceeds another's, episode by episode."""
        ahead = self._means(policy) - self._means(other)
        return self.mean(policy) - self.mean(other), self._interval(ahead)

    def kind_intervals(self, policy: str) -> tuple[Interval | None, ...]:
        """Give the interval of each kind that counts."""
        drawn = self._shares(policy, self.weights)
        return tuple(
            _quantiles(drawn[:, place]) if self.kinds.sizes[place] > 1 else None
            for place in np.flatnonzero(self.counted)
        )

    def kind_leads(self, policy: str, other: str) -> tuple[tuple[float, Interval | None], ...]:
        """Give by how much one exceeds another in each kind that counts."""
        ahead = self._shares(policy, None) - self._shares(other, None)
        drawn = self._shares(policy, self.weights) - self._shares(other, self.weights)
        return tuple(
            (float(ahead[place]), _quantiles(drawn[:, place]) if self.kinds.sizes[place] > 1 else None)
            for place in np.flatnonzero(self.counted)
        )

    def _shares(self, policy: str, weights: Floats | None) -> Floats:
        saved = self.kinds.sums(self.saved[policy], weights)
        return shares(saved, self.kinds.sums(self.saved[self.ceiling], weights))

    def _means(self, policy: str) -> Floats:
        return _means(self._shares(policy, self.weights)[:, self.counted])

    def _interval(self, drawn: Floats) -> Interval | None:
        told = self.kinds.sizes[self.counted]
        return _quantiles(drawn) if told.size and told.min() > 1 else None


def counted(kinds: Kinds, gain: Floats, payments: Floats) -> Flags:
    """Mark the kinds in which the ceiling gains enough: (kinds,)."""
    return kinds.sums(gain) >= LEAST_GAIN * kinds.sums(payments)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _means(values: Floats) -> Floats:
    """Give the mean of each row over what is known in it."""
    known = ~np.isnan(values)
    return shares(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))


def _quantiles(drawn: Floats) -> Interval | None:
    known = drawn[~np.isnan(drawn)]
    if not known.size:
        return None
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(known, (tail, 1.0 - tail)).tolist()
    return Interval(low, high)
