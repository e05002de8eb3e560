"""Everything that the monitor has learned of a feed, in one place."""

from datetime import datetime, timedelta

import numpy as np

from agents.monitor.amounts import Amounts
from agents.monitor.baseline import Baseline
from agents.monitor.codes import Codes
from agents.monitor.counts import Table, Tick
from agents.monitor.grow import padded
from agents.monitor.kinds import COLUMNS, FIRST_BY_LATENCY
from agents.monitor.latency import LatencyBaseline, Samples
from agents.monitor.likelihood import LEAST_RISE
from agents.monitor.mix import CodeMix
from agents.monitor.season import VOLUME, Season
from agents.monitor.settings import MonitorSettings
from agents.monitor.streams import Flags, Rows, Streams
from agents.monitor.volume import Volume

REFRESHED_AT_MOST = 1 / 12
"""Part of what was learned that may be news since the columns were last brought up to date."""
CELLS_A_TURN = 2_000
"""Cells from which on costly work is spread over more increments."""
FOLLOW_EVERY = timedelta(minutes=10)
"""How far the season's multipliers may be off."""
TURNS_TO_REFRESH, TURNS_TO_SCATTER = 24, 4
"""Increments at most that it takes to refresh all columns, and to learn the dispersion of all."""
COLUMNS_AT_ONCE = 5
ALL = np.arange(COLUMNS)
BY_LATENCY = ALL[FIRST_BY_LATENCY:]
UNKNOWN_RISE = 0.5
"""How far hours may differ, as a logarithm of odds, while the day's profile is not known."""
MOST_LOST = 2.0
"""Memories of silence after which no more is forgotten."""


class Learned:
    """Rates, volumes, code mixes and latencies of the cells seen so far."""

    def __init__(self, settings: MonitorSettings) -> None:
        self.streams, self.codes, self.latency = Streams(), Codes(), LatencyBaseline()
        self.baseline = Baseline(settings.rate_memory_ticks, settings.memory_ticks)
        self.volume = Volume(settings.volume_memory_ticks, judges=settings.follows_season)
        self.mix = CodeMix(settings.memory_ticks)
        self.season = Season()
        self.ticks = 0
        self.attempts = 0.0
        self.amounts = Amounts(settings.memory_ticks)
        self._settings = settings
        self._half_tick = timedelta(seconds=settings.tick_s / 2.0)
        self._at: datetime | None = None
        self._followed: datetime | None = None
        self._days_known = 0.0
        self._due, self._refreshed = 0.0, 0
        """Columns that should be brought up to date so far, and those that were."""

    @property
    def enough(self) -> bool:
        """Whether enough was learned to tell a change."""
        return (
            self.attempts >= self._settings.attempts_to_learn and self.ticks >= self._settings.ticks_to_learn
        )

    @property
    def least_rise(self) -> float:
        """The smallest rise of the odds, as a logarithm, that is no matter of the hour of the day."""
        return LEAST_RISE + UNKNOWN_RISE / (1.0 + self._days_known)

    def grow(self, at: datetime) -> None:
        """Make room for the cells, streams and codes seen last, at the start of an increment."""
        self._at = at + self._half_tick
        self.volume.grow(self.streams)
        self.mix.grow(self.streams.cells, len(self.codes.names))
        self.season.grow(self.streams)
        self.amounts.grow(self.streams.cells)
        if self.baseline.grow(self.streams):
            self.refresh(at)
        elif self._followed is None or abs(self._at - self._followed) >= FOLLOW_EVERY:
            self._follow()

    def learn(self, tick: Tick, table: Table, frozen: Flags, *, trim: bool = True) -> None:
        """Take in an increment except for frozen cells."""
        table = table.without(frozen)
        turns = max(
            min(self._settings.ticks_per_window, TURNS_TO_SCATTER), min(self._spread, 2 * TURNS_TO_SCATTER)
        )
        self.baseline.learn(table, self.streams, turns if trim else 0)
        self.volume.learn(table, tick.old_cells, self.streams, frozen)
        self.mix.learn(tick, frozen)
        self.season.learn(tick.start + self._half_tick, table, frozen, self.streams)
        self.ticks += 1
        self.attempts += float(tick.totals[-1])
        self._refresh_by_turns()

    def learn_at_once(self, tick: Tick, hidden: Flags) -> None:
        """Take in an increment that nobody judges: history, or the first ones of a new feed."""
        trim = self.ticks > self._settings.ticks_to_learn // 2
        frozen = padded(hidden, self.streams.cells)
        self.learn(tick, tick.table(self.codes), frozen, trim=trim)

    def learn_latency(self, samples: Samples, frozen: Flags) -> bool:
        """Take in the latencies; gives True when slow and fast were defined anew."""
        if not len(samples.cells):
            return False
        self.latency.learn(samples, frozen)
        due = self.ticks % self._settings.memory_ticks == 0 if self.latency.fitted else self.enough
        if not due:
            return False
        self.latency.fit(self.streams)
        self.baseline.adopt(BY_LATENCY, *self.latency.learned())
        self._refresh(BY_LATENCY)
        return True

    def forget(self, ticks: float) -> None:
        """Trust what was learned less after some ticks without news, though never forget it all."""
        lost = min(ticks / self._settings.rate_memory_ticks, MOST_LOST)
        self.baseline.fade(float(np.exp(-lost)))
        self.volume.fade(float(np.exp(-ticks / self._settings.volume_memory_ticks)))

    def refresh(self, at: datetime) -> None:
        """Bring everything up to date."""
        self._at = at + self._half_tick
        self._refresh(ALL)
        self._follow()

    def _refresh_by_turns(self) -> None:
        """Bring the columns that are due up to date: the costly part, so only when there is some news."""
        turns = max(round(self.ticks * REFRESHED_AT_MOST), self._spread) if self.enough else 1
        self._due += COLUMNS / min(max(turns, 1), TURNS_TO_REFRESH)
        last, self._refreshed = self._refreshed, int(self._due)
        if last // COLUMNS != self._refreshed // COLUMNS:
            self.volume.refresh()
        columns = np.arange(last, self._refreshed) % COLUMNS
        self._refresh(columns[self.baseline.trials[:, columns].any(axis=0)])

    @property
    def _spread(self) -> int:
        """Increments over which a fleet of this size spreads costly work."""
        return self.streams.cells // CELLS_A_TURN

    def _refresh(self, columns: Rows) -> None:
        """Bring columns up to date, few at a time: a large fleet has no room for all at once."""
        for first in range(0, len(columns), COLUMNS_AT_ONCE):
            self.baseline.refresh(self.streams, columns[first : first + COLUMNS_AT_ONCE])

    def _follow(self) -> None:
        if self._at is None:
            return
        self._followed = self._at
        self._days_known = self.season.days_known(self._at)
        factors = self.season.factors(self._at, self.streams)
        judges = self._settings.follows_season or self.season.knows_week(self._at)
        self.volume.follow(None if factors is None else factors[:, VOLUME], judges=judges)
        if factors is not None:
            self.baseline.follow(factors[:, :VOLUME])
