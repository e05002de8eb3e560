"""How many attempts to expect: a level per cell, summed over wide segments, with its dispersion."""

import numpy as np

from agents.monitor.counts import Table
from agents.monitor.dispersion import Dispersion
from agents.monitor.grow import Reals, padded
from agents.monitor.streams import Flags, Rows, Streams
from payments.quantity import Floats

SETTLED_TICKS = 12.0
"""Ticks after which a cell's level is good enough to compare with."""
ACCEPTED_TICKS = 24.0
"""Ticks that a new level counts for once it was reported."""
PRIOR_ATTEMPTS = 3.0
"""Attempts that a cell's share in the change of all reported cells weighs in its new level."""
USUAL_MEMORIES = 6
"""Memories for which a return to the level before the reported one is no news."""
LOWEST_MEAN = 1.0
"""Attempts a tick below which a segment's volume is not watched."""
SPREAD_PRIOR = 0.02
"""Squared coefficient of variation of the attempts from tick to tick, before any is measured."""


class Volume:
    """Forecast of attempts per cell, and how far wide streams stray from it.

    Without a profile of the day, increments of more than ten minutes show mostly the season: then it counts,
    and judges nothing.
    """

    def __init__(self, memory_ticks: int, *, judges: bool = True) -> None:
        self.judges = judges
        self._forget = 1.0 - 1.0 / memory_ticks
        self.spread = Dispersion(1, memory_ticks, SPREAD_PRIOR)
        self.sum: Floats = np.zeros(0)
        """Attempts per cell, without the season."""
        self.weight: Floats = np.zeros(0)
        """Ticks behind them."""
        self._factors: Reals | float = 1.0
        self._usual: Floats | None = None
        self._usual_ticks = memory_ticks * USUAL_MEMORIES
        self._usual_left = 0

    def grow(self, streams: Streams) -> None:
        """Make room for new cells and wide streams."""
        self.sum, self.weight = padded(self.sum, streams.cells), padded(self.weight, streams.cells)
        self.spread.grow(streams.breadth[streams.wide])

    def level(self, rows: Rows | slice = slice(None)) -> Floats:
        """Give the attempts expected of each cell, or of some, in a tick: shape (cells,)."""
        factors = self._factors if isinstance(self._factors, float) else self._factors[rows]
        return self.sum[rows] / np.maximum(self.weight[rows], 1.0) * factors

    def levels(self) -> tuple[Floats, Floats]:
        """Give the lowest and the highest attempts that are normal for each cell: shape (cells,)."""
        level = self.level()
        if self._usual is None:
            return level, level
        usual = padded(self._usual, len(level)) * self._factors
        return np.minimum(level, usual), np.maximum(level, usual)

    def settled(self) -> Flags:
        """Mark the cells whose level can be compared with."""
        return self.weight >= SETTLED_TICKS

    def forecast(self, table: Table, streams: Streams, hidden: Flags) -> tuple[Floats, Floats, Floats]:
        """Give the attempts of each wide stream, and the lowest and the highest of them that are normal.

        The two differ only while the level before a reported change is remembered. All three are zero where
        the volume is too small to be watched.
        """
        lowest, highest = self.levels()
        levels = (lowest,) if highest is lowest else (lowest, highest)
        columns = np.zeros((len(lowest), 1 + len(levels)))
        columns[table.rows, 0] = table.attempts
        for column, level in enumerate(levels, start=1):
            columns[:, column] = level
        left_out = hidden | ~self.settled()
        if left_out.any():
            columns[left_out] = 0.0
        attempts, low, *more = streams.of_wide.sums(columns).T
        high = more[0] if more else low
        watched = self.judges & (low >= LOWEST_MEAN)
        return attempts * watched, low * watched, high * watched

    def phi(self, mean: Floats) -> Floats:
        """Give the variance of wide streams' attempts relative to Poisson, at means of shape (wide, any)."""
        return self._phi(mean, self.spread.rho)

    def phi_of(self, wide: int, mean: Floats) -> Floats:
        """Give the same for one wide stream, by its position, at several means."""
        return self._phi(mean, self.spread.rho[wide])

    def learn(self, table: Table, old_cells: int, streams: Streams, frozen: Flags) -> None:
        """Take in an increment except for frozen cells, and the new ones: it is the first to show them."""
        attempts, low, high = self.forecast(table, streams, frozen)
        mean = np.minimum(np.maximum(attempts, low), high)  # anywhere between the two levels is no deviation
        squared = (attempts - mean)[:, None] ** 2 / np.maximum(mean, 1e-9)[:, None]
        self.spread.learn(squared, mean[:, None], np.zeros_like(squared))
        rows = np.flatnonzero(~frozen[:old_cells]) if frozen.any() else slice(0, old_cells)
        factors = self._factors if isinstance(self._factors, float) else self._factors[: table.cells]
        taken = table.attempts_of_all(table.cells) / factors
        self.sum[rows] = self.sum[rows] * self._forget + taken[rows]
        self.weight[rows] = self.weight[rows] * self._forget + 1.0
        self._usual_left -= 1
        if self._usual_left <= 0:
            self._usual = None

    def refresh(self) -> None:
        """Bring the dispersion up to date."""
        self.spread.refresh()

    def follow(self, factors: Reals | None, *, judges: bool) -> None:
        """Expect a season of now, shape (cells,), and say whether the forecast is good enough to judge by."""
        self._factors = 1.0 if factors is None else factors.astype(np.float64)
        self.judges = judges

    def fade(self, factor: float) -> None:
        """Trust the level less; after a long time it has to settle again."""
        self.sum *= factor
        self.weight *= factor

    def accept(self, cells: Flags, attempts: Floats, ticks: int) -> None:
        """Take what the cells had in some reported increments as normal; the level before stays so a while.

        Few increments say little of a small cell. So its own attempts are weighed against the level that it
        would have if all cells had changed alike: a gamma prior worth `PRIOR_ATTEMPTS`. Cells that are not
        settled were not compared with, and go on settling.
        """
        changed = cells & self.settled()
        base, per_tick = self._base(), attempts / self._factors / ticks
        self._usual = base if self._usual is None else padded(self._usual, len(base))
        self._usual_left = self._usual_ticks
        alike = base[changed] * (per_tick[changed].sum() / max(base[changed].sum(), 1e-9))
        prior_ticks = PRIOR_ATTEMPTS / np.maximum(alike, 1e-9)
        level = (per_tick[changed] * ticks + PRIOR_ATTEMPTS) / (ticks + prior_ticks)
        self.weight[changed] = np.minimum(self.weight[changed], ACCEPTED_TICKS)
        self.sum[changed] = level * self.weight[changed]

    def _base(self) -> Floats:
        return self.sum / np.maximum(self.weight, 1.0)

    def _phi(self, mean: Floats, spread: Reals) -> Floats:
        doubt = 1.0 / float(self.weight.max(initial=1.0))
        return 1.0 + mean * spread * (1.0 + doubt) + doubt
