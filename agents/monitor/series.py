"""One stream looked back on, increment by increment: where its change began and how sharply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from agents.monitor.alarms import Alarm
from agents.monitor.baseline import HIGHEST_RATE, LOWEST_RATE
from agents.monitor.counts import FIRST_BY_LATENCY, WATCHED, Tick
from agents.monitor.detector import DOWN_GUARD, UP_GUARD, binomial_cost, onset, poisson_cost
from agents.monitor.learned import Learned
from agents.monitor.streams import Flags, Rows
from payments.incident import Floats, Signal

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

    @property
    def first(self) -> int:
        """Position of the first increment of the change."""
        return onset(self.log_ratios)

    def since(self, first: int) -> Self:
        """Give the part from a position on."""
        columns = (self.counts, self.expected, self.trials, self.log_ratios, self.sd)
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

    def series(self, alarm: Alarm) -> Series:
        """Look back on the stream of an alarm."""
        segment = self.learned.streams.segment(alarm.stream)
        inside = self.learned.streams.mask(segment) & ~self.hidden
        if alarm.kind in {"volume_up", "volume_down"}:
            return self._volume_series(alarm, inside & self.learned.volume.settled())
        return self._rate_series(alarm, inside)

    def signal(self, alarm: Alarm, series: Series) -> Signal:
        """Say what an alarm saw since its onset."""
        changed = series.since(series.first)
        return Signal(
            kind=alarm.kind,
            segment=self.learned.streams.segment(alarm.stream),
            onset=changed.starts[0],
            observed=float(changed.counts.sum()),
            expected=float(changed.expected.sum()),
            attempts=round(float(changed.trials.sum())),
            log_evidence=alarm.score,
        )

    def _rate_series(self, alarm: Alarm, inside: Flags) -> Series:
        kind = WATCHED.index(alarm.kind)
        rows, rates = np.flatnonzero(inside), self.learned.baseline.rates[:, kind]
        columns = np.array([_rate_sums(tick, kind, rows, rates) for tick in self.ticks])
        counts, trials, expected = columns.T
        expected = expected * self.learned.baseline.correction[alarm.stream, kind]
        rate = np.clip(expected / np.maximum(trials, 1.0), LOWEST_RATE, HIGHEST_RATE)
        phi = self.learned.baseline.phi_of(alarm.stream, kind, trials)
        tilt = np.array([alarm.tilt])
        normal = self.learned.baseline.highest_normal_of(alarm.stream, kind, rate)
        cost = binomial_cost(trials, normal, tilt)[:, 0]
        ratios = (counts * alarm.tilt - cost) / phi
        sd = np.sqrt(trials * rate * (1.0 - rate) * phi)
        return Series(self._starts(), counts, expected, trials, ratios, sd)

    def _volume_series(self, alarm: Alarm, inside: Flags) -> Series:
        counts = np.array([tick.attempts[inside[: tick.cells]].sum() for tick in self.ticks])
        mean = np.full(len(counts), self.learned.volume.level()[inside].sum())
        phi = self.learned.volume.phi_of(int(np.searchsorted(self.learned.streams.wide, alarm.stream)), mean)
        guard = UP_GUARD if alarm.tilt > 0.0 else DOWN_GUARD
        cost = poisson_cost(guard * mean, np.array([alarm.tilt]))[:, 0]
        ratios = (counts * alarm.tilt - cost) / phi
        # A share of the mean, so that sharpness compares attempts with attempts.
        return Series(self._starts(), counts, mean, counts, ratios, np.sqrt(mean * phi))

    def _starts(self) -> tuple[datetime, ...]:
        return tuple(tick.start for tick in self.ticks)


def _rate_sums(tick: Tick, kind: int, rows: Rows, rates: Floats) -> tuple[float, float, float]:
    there = rows[rows < tick.cells]
    trials = (tick.attempts if kind < FIRST_BY_LATENCY else tick.timed)[there] * tick.has[kind]
    return float(tick.counts[there, kind].sum()), float(trials.sum()), float(trials @ rates[there])
