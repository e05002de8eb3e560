"""What is normal: a slowly forgetting rate per cell and kind times its season, and what streams add."""

from dataclasses import dataclass

import numpy as np

from agents.monitor.counts import Table
from agents.monitor.dispersion import Dispersion
from agents.monitor.effects import fitted_rates
from agents.monitor.grow import Places, Reals, evenly, padded, within
from agents.monitor.kinds import COLUMNS, FAST, FIRST_BY_LATENCY
from agents.monitor.streams import Flags, Rows, Streams
from payments.quantity import Floats

WATCHED = FAST
"""Number of watched columns."""
PRIOR_TRIALS, PRIOR_BAD = 20.0, 3.0
"""Trials, and counts among them, that the rate fitted from wider segments weighs in a cell's own at least."""
PRIOR_HITS = 5.0
"""Hits by which a stream's correction is drawn towards none."""
LOWEST_RATE, HIGHEST_RATE = 5e-4, 0.995
"""Fewer bad outcomes than the first are of no interest, whatever the history says."""
OUTLIER_SD = 4.0
RHO_PRIOR = 0.003
GUARD = 1.04
"""Rates up to so many times the baseline count as the baseline: it lags behind what drifts."""


def guarded(rate: Floats) -> Floats:
    """Give the highest rate that passes for normal."""
    return np.minimum(GUARD * rate, HIGHEST_RATE)


@dataclass(frozen=True)
class Rolled:
    """One increment added up over streams; columns are some of the watched kinds."""

    sums: Reals
    """Attempts, attempts with a latency sample, then the two tables below: shape (streams, any)."""

    @property
    def attempts(self) -> Reals:
        """Shape (streams,)."""
        return self.sums[:, 0]

    @property
    def timed(self) -> Reals:
        """Attempts with a latency sample: shape (streams,)."""
        return self.sums[:, 1]

    @property
    def counts(self) -> Reals:
        """Shape (streams, columns)."""
        return self.sums[:, 2 : 2 + self._width]

    @property
    def expected(self) -> Reals:
        """From the rates of cells alone: shape (streams, columns)."""
        return self.sums[:, 2 + self._width :]

    def pick(self, streams: Rows, columns: Rows) -> tuple[Reals, Reals]:
        """Give counts and expected counts of some places: both (places,)."""
        at = streams * self.sums.shape[1] + columns
        return self.sums.take(at + 2), self.sums.take(at + (2 + self._width))

    def trials(self, streams: Rows, by_latency: Flags) -> Reals:
        """Give the attempts of some streams, or those with a latency sample: (places,)."""
        trials: Reals = self.sums.take(streams * self.sums.shape[1] + by_latency)
        return trials

    @property
    def _width(self) -> int:
        return len(self.sums.T) // 2 - 1


class Baseline:
    """Learns rates; says what to expect of an increment's own trials."""

    def __init__(self, rate_memory_ticks: int, memory_ticks: int) -> None:
        self._forget = 1.0 - 1.0 / rate_memory_ticks
        self._turn = 0
        self.hits: Reals = _none(COLUMNS)
        self.trials: Reals = _none(COLUMNS)
        """Trials at the level's own rate: those of a season with more bad outcomes count for more."""
        self.level: Reals = _none(COLUMNS)
        self._factors: Reals | None = None
        self.rates: Reals = _none(COLUMNS)
        """The level times the season of now: shape (cells, COLUMNS)."""
        self.dispersion = Dispersion(WATCHED, memory_ticks, RHO_PRIOR)
        self.correction: Reals = _none(WATCHED)
        """What a stream's own counts add to the sum of its cells' rates: shape (streams, watched)."""
        self.uncertain: Reals = _none(WATCHED)
        """One over the trials behind the stream's rate: shape (streams, watched)."""

    def grow(self, streams: Streams) -> bool:
        """Make room for new cells and streams; True when there were some, and all columns want a refresh."""
        if len(self.rates) == streams.cells:
            return False
        self.hits, self.trials = padded(self.hits, streams.cells), padded(self.trials, streams.cells)
        self.level, self.rates = padded(self.level, streams.cells), padded(self.rates, streams.cells)
        self.correction = padded(self.correction, streams.count)
        self.uncertain = padded(self.uncertain, streams.count)
        self.dispersion.grow(streams.breadth)
        return True

    def refresh(self, streams: Streams, columns: Rows) -> None:
        """Turn what was learned of some columns into rates."""
        at = evenly(columns)
        hits, trials = self.hits[:, at], self.trials[:, at]
        parents = fitted_rates(hits, trials, streams.above)
        weight = np.maximum(PRIOR_TRIALS, PRIOR_BAD / np.maximum(parents, LOWEST_RATE))
        level = (hits + weight * parents) / (trials + weight)
        self.level[:, at] = level
        self._expect(at)
        watched = columns < WATCHED
        chosen, width = columns[watched], int(np.count_nonzero(watched))
        parts = np.empty((len(hits), 3 * width), dtype=np.float32)
        for place, part in enumerate((hits, trials * level, trials)):
            parts[:, place * width : (place + 1) * width] = part[:, watched]
        sums = streams.sums(parts)
        had, given, known = sums[:, :width], sums[:, width : 2 * width], sums[:, 2 * width :]
        at = evenly(chosen)
        self.correction[:, at] = (had + PRIOR_HITS) / (given + PRIOR_HITS)
        self.uncertain[:, at] = 1.0 / (known + PRIOR_TRIALS + 1.0)
        self.dispersion.refresh(chosen)

    def follow(self, factors: Reals) -> None:
        """Expect a season: factors of shape (cells, COLUMNS)."""
        self._factors = factors.astype(np.float32)
        self._expect(slice(0, COLUMNS))

    def _expect(self, columns: Rows | slice) -> None:
        self.rates[:, columns] = self.level[:, columns]
        if self._factors is not None:
            factors = self._factors[:, columns]
            rates = np.minimum(self.rates[: len(factors), columns] * factors, HIGHEST_RATE)
            self.rates[: len(factors), columns] = rates

    def roll(self, table: Table, streams: Streams, columns: Places) -> Rolled:
        """Add some columns of an increment up over the streams."""
        counts = table.counts[:, columns]
        width = counts.shape[1]
        parts = np.empty((len(table.rows), 2 + 2 * width), dtype=np.float32)
        parts[:, 0], parts[:, 1] = table.attempts, table.timed
        parts[:, 2 : 2 + width] = counts
        table.expected(self.rates, columns, out=parts[:, 2 + width :])
        return Rolled(streams.sums_of(table.rows, parts))

    def rho_of(self, stream: int, column: int) -> float:
        """Give the intra-class correlation of a stream's counts, doubt about the rate included."""
        return float(self.dispersion.rho[stream, column] + self.uncertain[stream, column])

    def learn(self, table: Table, streams: Streams, turns: int) -> None:
        """Take in an increment, given without frozen cells.

        The dispersion of each column is learned every so many increments. With 0 `turns` there is nothing
        to compare with yet, and counts are taken as they are.
        """
        if turns:
            self._learn_dispersion(table, streams, turns)
        self._learn_cells(table, trim=turns > 0)

    def fade(self, factor: float) -> None:
        """Let a part of what was learned be forgotten."""
        self.hits *= factor
        self.trials *= factor

    def adopt(self, columns: Rows, trials: Reals, hits: Reals) -> None:
        """Replace what was learned of some columns, when what they count was defined anew."""
        self.trials[:, columns], self.hits[:, columns] = trials[:, None], hits

    def _learn_cells(self, table: Table, *, trim: bool) -> None:
        filled = table.filled
        rows, columns = np.divmod(filled, COLUMNS)
        places = table.rows[rows] * COLUMNS + columns
        counts = table.counts.ravel()[filled]
        if trim:
            counts = self._trimmed(counts, table.trials_at(filled), places)
        trials = table.trials()
        if self._factors is not None:
            known = table.rows[: table.rows.searchsorted(len(self._factors))]
            trials[: len(known)] *= self._factors[known]
        self.hits *= self._forget
        self.trials *= self._forget
        self.hits.ravel()[places] += counts
        self.trials[table.rows] += trials

    def _trimmed(self, counts: Reals, trials: Reals, places: Rows) -> Reals:
        """Draw outliers in (Huber 1964), so that one bad increment moves the rate little."""
        rates, known = self.rates.ravel()[places], self.trials.ravel()[places]
        mean = trials * rates
        doubt = 1.0 / (known + PRIOR_TRIALS + 1.0) + RHO_PRIOR
        phi = 1.0 + np.maximum(trials - 1.0, 0.0) * doubt
        reach = 1.0 + OUTLIER_SD * np.sqrt(mean * (1.0 - rates) * phi)
        return np.clip(counts, mean - reach, mean + reach)

    def _learn_dispersion(self, table: Table, streams: Streams, turns: int) -> None:
        """Compare some of the filled columns, by turns, with what was expected."""
        turn = self._turn % turns
        self._turn = turn + 1
        columns = table.watched[turn::turns]
        at = evenly(columns)
        rolled = self.roll(table, streams, at)
        # One column after the other, as the dispersion lies: so that no loop is as short as a row.
        counts, expected, correction, uncertain = (
            np.asfortranarray(part)
            for part in (rolled.counts, rolled.expected, self.correction[:, at], self.uncertain[:, at])
        )
        trials = np.empty_like(counts)
        by_latency = columns >= FIRST_BY_LATENCY
        trials[:, ~by_latency], trials[:, by_latency] = rolled.attempts[:, None], rolled.timed[:, None]
        rate = within(expected * correction / np.maximum(trials, 1.0), LOWEST_RATE, HIGHEST_RATE)
        mean = trials * rate
        squared = np.square(counts - mean) / np.maximum(mean - mean * rate, 1e-9)
        self.dispersion.learn(squared, np.maximum(trials - 1.0, 0.0), uncertain, at, turns)


def _none(columns: int) -> Reals:
    return np.zeros((0, columns), dtype=np.float32)
