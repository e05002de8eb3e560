"""What is normal: a slowly forgetting rate per cell and kind, and what wider segments add to it."""

from dataclasses import dataclass

import numpy as np

from agents.monitor.counts import KINDS, WATCHED, Tick
from agents.monitor.dispersion import Dispersion
from agents.monitor.effects import fitted_rates
from agents.monitor.grow import padded
from agents.monitor.streams import Flags, Streams
from payments.incident import Floats

PRIOR_TRIALS = 20.0
"""Trials that the rate fitted from wider segments weighs in a cell's own."""
PRIOR_HITS = 5.0
"""Hits by which a stream's correction is drawn towards none."""
LOWEST_RATE, HIGHEST_RATE = 5e-4, 0.995
"""Fewer bad outcomes than the first are of no interest, whatever the history says."""
OUTLIER_SD = 4.0
RHO_PRIOR = 0.003
GUARD = 1.05
GUARD_SD = 1.0
"""Rates up to GUARD times the baseline and this many standard errors above count as the baseline: nobody
knows it better than that."""


def guarded(rate: Floats, uncertain: Floats | float) -> Floats:
    """Give the upper end of what the baseline may really be; `uncertain` is one over the trials behind it."""
    return np.minimum(GUARD * rate + GUARD_SD * np.sqrt(rate * (1.0 - rate) * uncertain), HIGHEST_RATE)


@dataclass(frozen=True)
class Rolled:
    """One increment added up over streams: trials, counts and expected counts, shape (streams, watched)."""

    trials: Floats
    counts: Floats
    expected: Floats


class Baseline:
    """Learns rates; says what to expect of an increment's own trials."""

    def __init__(self, memory_ticks: int) -> None:
        self._forget = 1.0 - 1.0 / memory_ticks
        self.hits: Floats = np.zeros((0, len(KINDS)))
        self.trials: Floats = np.zeros((0, len(KINDS)))
        self.rates: Floats = np.zeros((0, len(KINDS)))
        self.dispersion = Dispersion(len(WATCHED), memory_ticks, RHO_PRIOR)
        self.correction: Floats = np.ones((0, len(WATCHED)))
        self._had: Floats = np.zeros((0, len(WATCHED)))
        self._given: Floats = np.zeros((0, len(WATCHED)))
        self._uncertain: Floats = np.ones((0, len(WATCHED)))

    def grow(self, streams: Streams) -> None:
        """Make room for new cells and streams, and give them rates."""
        if len(self.rates) == streams.cells:
            return
        self.hits, self.trials = padded(self.hits, streams.cells), padded(self.trials, streams.cells)
        self._had, self._given = padded(self._had, streams.count), padded(self._given, streams.count)
        self.dispersion.grow(streams.breadth)
        self.refresh(streams)

    def refresh(self, streams: Streams) -> None:
        """Turn what was learned into rates."""
        parents = fitted_rates(self.hits, self.trials, streams.member, streams.count)
        self.rates = (self.hits + PRIOR_TRIALS * parents) / (self.trials + PRIOR_TRIALS)
        self.correction = (self._had + PRIOR_HITS) / (self._given + PRIOR_HITS)
        learned = streams.sums(self.trials[:, : len(WATCHED)])
        self._uncertain = 1.0 / (learned + PRIOR_TRIALS + 1.0)
        self.dispersion.refresh()

    def roll(self, tick: Tick, streams: Streams, hidden: Flags) -> Rolled:
        """Add an increment up over the streams, without the hidden cells."""
        watched = len(WATCHED)
        expected = (tick.trials() * self.rates[: tick.cells])[:, :watched]
        columns = np.hstack([tick.attempts[:, None], tick.timed[:, None], tick.counts[:, :watched], expected])
        if hidden.any():
            columns[hidden] = 0.0
        sums = streams.sums(columns)
        trials = np.where(np.arange(watched) < watched - 1, sums[:, :1], sums[:, 1:2]) * tick.has[:watched]
        return Rolled(trials, sums[:, 2 : 2 + watched], sums[:, 2 + watched :])

    def highest_normal(self, rolled: Rolled) -> Floats:
        """Give the highest rate of each stream that passes for normal, for the mix of cells it had."""
        rate: Floats = rolled.expected * self.correction / np.maximum(rolled.trials, 1.0)
        return guarded(np.clip(rate, LOWEST_RATE, HIGHEST_RATE), self._uncertain)

    def highest_normal_of(self, stream: int, kind: int, rate: Floats) -> Floats:
        """Give the same for one stream and watched kind, from several expected rates."""
        return guarded(rate, float(self._uncertain[stream, kind]))

    def phi(self, trials: Floats) -> Floats:
        """Give the variance of the streams' counts relative to a binomial, doubt about the rate included."""
        rho = self.dispersion.rho + self._uncertain
        return 1.0 + np.maximum(trials - 1.0, 0.0) * rho

    def phi_of(self, stream: int, kind: int, trials: Floats) -> Floats:
        """Give the same for one stream and watched kind, at several numbers of trials."""
        rho = float(self.dispersion.rho[stream, kind] + self._uncertain[stream, kind])
        return 1.0 + np.maximum(trials - 1.0, 0.0) * rho

    def learn(self, tick: Tick, rolled: Rolled | None, frozen: Flags, frozen_streams: Flags) -> None:
        """Take in an increment except for frozen cells and streams; `rolled` as it was when it was observed.

        Without `rolled` (nothing to compare with yet) counts are taken as they are.
        """
        self._learn_cells(tick, frozen, trim=rolled is not None)
        if rolled is not None:
            self._learn_streams(rolled, frozen_streams)

    def adopt(self, column: int, trials: Floats, hits: Floats) -> None:
        """Replace what was learned of a kind, when what it counts was defined anew."""
        self.trials[:, column], self.hits[:, column] = trials, hits
        if column < len(WATCHED):
            self._had[:, column] = self._given[:, column] = 0.0

    def _learn_cells(self, tick: Tick, frozen: Flags, *, trim: bool) -> None:
        trials = tick.trials()
        counts = self._trimmed(tick, trials) if trim else tick.counts
        rows = np.arange(tick.cells)
        if frozen.any():
            rows = rows[~frozen[: tick.cells]]
        self.hits *= self._forget
        self.trials *= self._forget
        self.hits[rows] += counts[rows] * tick.has
        self.trials[rows] += trials[rows]

    def _trimmed(self, tick: Tick, trials: Floats) -> Floats:
        """Draw outliers in (Huber 1964), so that one bad increment moves the rate little."""
        rates = self.rates[: tick.cells]
        mean = trials * rates
        doubt = 1.0 / (self.trials[: tick.cells] + PRIOR_TRIALS + 1.0) + RHO_PRIOR
        phi = 1.0 + np.maximum(trials - 1.0, 0.0) * doubt
        reach = 1.0 + OUTLIER_SD * np.sqrt(mean * (1.0 - rates) * phi)
        return np.clip(tick.counts, mean - reach, mean + reach)

    def _learn_streams(self, rolled: Rolled, frozen: Flags) -> None:
        streams = slice(0, len(rolled.counts))
        taken = (rolled.trials >= 1.0) & ~frozen[streams, None]
        raw = np.clip(rolled.expected / np.maximum(rolled.trials, 1.0), LOWEST_RATE, HIGHEST_RATE)
        rate = np.clip(raw * self.correction[streams], LOWEST_RATE, HIGHEST_RATE)
        variance = rolled.trials * rate * (1.0 - rate)
        room = np.where(taken, rolled.trials - 1.0, 0.0)
        known = self._uncertain[streams]
        deviation = rolled.counts - rolled.trials * rate
        squared = deviation**2 / np.maximum(variance, 1e-9)
        self.dispersion.learn(squared, room, known)
        phi = 1.0 + room * (self.dispersion.rho[streams] + known)
        reach = 1.0 + OUTLIER_SD * np.sqrt(variance * phi)
        self._had *= self._forget
        self._given *= self._forget
        counts = rolled.trials * rate + np.clip(deviation, -reach, reach)
        self._had[streams] += np.where(taken, counts, 0.0)
        self._given[streams] += np.where(taken, rolled.trials * raw, 0.0)
