"""One stream looked back on, increment by increment: where its change began and how sharply."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self, get_args

import numpy as np

from agents.monitor.alarms import Alarm
from agents.monitor.baseline import HIGHEST_RATE, LOWEST_RATE, guarded
from agents.monitor.counts import Tick
from agents.monitor.detector import DOWN_GUARD, UP_GUARD, onset
from agents.monitor.kinds import FAILURES, FIRST_BY_LATENCY, REPEATS, VOLUME_DOWN, VOLUME_UP, WATCHED
from agents.monitor.learned import Learned
from agents.monitor.likelihood import beta_binomial_log_ratio, negative_binomial_log_ratio, tilted
from agents.monitor.streams import Flags, Rows
from payments.finding import Signal
from payments.quantity import Floats

VOLUMES = frozenset({VOLUME_UP, VOLUME_DOWN})
LOSING = frozenset({"failures", "technical", "pending", "codes"})
"""Signals whose excess are attempts that did not go through."""
Sums = tuple[float, float, float, float, float]

BORNE_OUT = 5.0
"""Nats for new failures, against old ones under another name, from which codes are worth an alarm."""

SHARP_SD = 3.0
"""Standard deviations that a steady step's first increment must be worth before its sharpness is told."""


@dataclass(frozen=True)
class Series:
    """Counts and expectations of one stream: shape (increments,), oldest first."""

    starts: tuple[datetime, ...]
    counts: Floats
    expected: Floats
    trials: Floats
    log_ratios: Floats
    sd: Floats
    """Standard deviation of the counts under the baseline."""
    attempts: Floats
    repeats: Floats
    """Attempts beyond the first of a payment; zero where the source cannot tell."""

    @property
    def first(self) -> int:
        """Position of the first increment of the change."""
        return onset(self.log_ratios)

    def since(self, first: int) -> Self:
        """Give the part from a position on."""
        columns = (
            self.counts,
            self.expected,
            self.trials,
            self.log_ratios,
            self.sd,
            self.attempts,
            self.repeats,
        )
        return type(self)(self.starts[first:], *(column[first:] for column in columns))

    def sharpness(self) -> float | None:
        """Give the excess of the first increment relative to the later half; None when it cannot be told."""
        half = len(self.counts) // 2
        rate = (self.counts - self.expected) / np.maximum(self.trials, 1.0)
        later = self.trials[half:].sum()
        if half < 1 or not later:
            return None
        steady = float((self.counts[half:] - self.expected[half:]).sum() / later)
        if abs(steady) * self.trials[0] < SHARP_SD * self.sd[0] or not steady:
            return None
        return float(np.clip(rate[0] / steady, 0.0, 1.0))


@dataclass(frozen=True)
class Hindsight:
    """The kept increments with the baseline of now."""

    ticks: Sequence[Tick]
    learned: Learned
    hidden: Flags
    """Cells of known culprits."""
    begun: Floats
    """When each stream began anew, in seconds since the epoch: no change is sought before."""

    def series(self, alarms: Sequence[Alarm]) -> tuple[Series, ...]:
        """Look back on the streams of alarms, all of them in one pass over the increments."""
        insides = [self._inside(alarm) for alarm in alarms]
        sums = self._since_begun(alarms, insides)
        return tuple(
            self._volume_series(alarm, inside, past)
            if alarm.kind in VOLUMES
            else self._rate_series(alarm, past)
            for alarm, inside, past in zip(alarms, insides, sums, strict=True)
        )

    def renamed(self, alarms: Sequence[Alarm]) -> frozenset[Alarm]:
        """Give the alarms of code groups that failures in the same stream do not bear out.

        A likelihood ratio test: did the failures grow by the group's excess, or not at all?
        """
        failures = [replace(alarm, kind=WATCHED[FAILURES]) for alarm in alarms]
        both = zip(alarms, self.series(alarms), self.series(failures), strict=True)
        return frozenset(alarm for alarm, group, whole in both if _borne_out(group, whole) < BORNE_OUT)

    def signal(self, alarm: Alarm, series: Series) -> Signal:
        """Say what an alarm saw since its onset."""
        changed = series.since(series.first)
        lost, worth = _lost(alarm, changed), self.learned.amounts.average(self._inside(alarm))
        return Signal(
            kind=alarm.kind.signal,
            detail=alarm.kind.detail,
            segment=self.learned.streams.segment(alarm.stream),
            onset=changed.starts[0],
            observed=float(changed.counts.sum()),
            expected=float(changed.expected.sum()),
            attempts=round(float(changed.trials.sum())),
            log_evidence=alarm.score,
            payments_lost=lost,
            money_lost_minor=None if worth is None else lost * worth,
            average_amount_minor=worth,
            currency=self.learned.amounts.currency,
        )

    def _inside(self, alarm: Alarm) -> Rows:
        """Give the cells of a stream, without what is hidden or, for volumes, not settled."""
        streams = self.learned.streams
        inside = streams.mask(streams.segment(alarm.stream)) & ~self.hidden
        if alarm.kind in VOLUMES:
            inside &= self.learned.volume.settled()
        return np.flatnonzero(inside)

    def _since_begun(self, alarms: Sequence[Alarm], insides: Sequence[Rows]) -> Floats:
        """Add up each alarm's stream, from where it began anew: shape (alarms, increments, sums)."""
        sums = np.zeros((len(alarms), len(self.ticks), len(get_args(Sums))))
        open_ = self._epochs[None, :] >= self.begun[[alarm.stream for alarm in alarms]][:, None]
        for number in np.flatnonzero(open_.any(axis=0)).tolist():
            chosen = np.flatnonzero(open_[:, number]).tolist()
            some = [alarms[place] for place in chosen], [insides[place] for place in chosen]
            sums[chosen, number] = self._sums(self.ticks[number], *some)
        return sums

    def _sums(self, tick: Tick, alarms: Sequence[Alarm], insides: Sequence[Rows]) -> list[Sums]:
        """Give counts, trials, expected counts, attempts and repeats of each alarm's stream."""
        attempts, timed, counts = tick.attempts.full(), tick.timed.full(), tick.counts.full()
        sums = []
        for alarm, inside in zip(alarms, insides, strict=True):
            rows = inside[inside < tick.cells]
            made, again = float(attempts[rows].sum()), float(counts[rows, REPEATS].sum())
            if alarm.kind in VOLUMES:
                sums.append((made, made, 0.0, made, again))
                continue
            column = WATCHED.index(alarm.kind)
            trials = (attempts if column < FIRST_BY_LATENCY else timed)[rows] * tick.has[column]
            seen = tick.column(column, self.learned.codes, counts)[rows]
            expected = trials @ self.learned.baseline.rates[rows, column]
            sums.append((float(seen.sum()), float(trials.sum()), float(expected), made, again))
        return sums

    def _rate_series(self, alarm: Alarm, sums: Floats) -> Series:
        column, baseline = WATCHED.index(alarm.kind), self.learned.baseline
        counts, trials, expected, made, again = sums.T
        expected = expected * baseline.correction[alarm.stream, column]
        rate = np.clip(expected / np.maximum(trials, 1.0), LOWEST_RATE, HIGHEST_RATE)
        rho = baseline.rho_of(alarm.stream, column)
        phi = 1.0 + np.maximum(trials - 1.0, 0.0) * rho
        normal = guarded(rate)
        shares = (normal, tilted(normal, alarm.tilt))
        ratios = beta_binomial_log_ratio(np.minimum(counts, trials), trials, shares, rho)
        ratios[self._settled(alarm)] = 0.0
        sd = np.sqrt(trials * rate * (1.0 - rate) * phi)
        return Series(self._starts, counts, expected, trials, ratios, sd, made, again)

    def _volume_series(self, alarm: Alarm, inside: Rows, sums: Floats) -> Series:
        counts, _, _, made, again = sums.T
        mean = np.full(len(counts), self.learned.volume.level()[inside].sum())
        phi = self.learned.volume.phi_of(int(np.searchsorted(self.learned.streams.wide, alarm.stream)), mean)
        guard = UP_GUARD if alarm.tilt > 0.0 else DOWN_GUARD
        normal = np.maximum(guard * mean, 1e-9)
        ratios = negative_binomial_log_ratio(
            counts, (normal, normal * np.exp(alarm.tilt)), (phi - 1.0) / np.maximum(mean, 1.0)
        )
        ratios[self._settled(alarm)] = 0.0
        # A share of the mean, so that sharpness compares attempts with attempts.
        return Series(self._starts, counts, mean, counts, ratios, np.sqrt(mean * phi), made, again)

    def _settled(self, alarm: Alarm) -> Flags:
        """Mark the increments from before the stream began anew: what they showed was reported, or hidden."""
        return np.asarray(self._epochs < self.begun[alarm.stream])

    @cached_property
    def _starts(self) -> tuple[datetime, ...]:
        return tuple(tick.start for tick in self.ticks)

    @cached_property
    def _epochs(self) -> Floats:
        return np.array([start.timestamp() for start in self._starts])


def _lost(alarm: Alarm, changed: Series) -> float:
    """Estimate the payments lost: attempts beyond expectation that failed, or did not come, per payment."""
    if alarm.kind.signal in LOSING:
        beyond = changed.counts.sum() - changed.expected.sum()
    elif alarm.kind == VOLUME_DOWN:
        beyond = changed.expected.sum() - changed.counts.sum()
    else:
        return 0.0
    attempts = float(changed.attempts.sum())
    firsts = attempts - float(changed.repeats.sum())
    return max(float(beyond), 0.0) * (firsts / attempts if attempts else 1.0)


def _borne_out(group: Series, whole: Series) -> float:
    """Give the log likelihood ratio (of normal counts) of as many new failures, against none."""
    since = slice(group.first, None)
    more = float((group.counts - group.expected)[since].sum())
    excess = float((whole.counts - whole.expected)[since].sum())
    variance = float((whole.sd[since] ** 2).sum())
    return more * (excess - more / 2.0) / max(variance, 1e-9)
