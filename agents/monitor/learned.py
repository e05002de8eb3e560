"""Everything that the monitor has learned of a feed, in one place."""

import numpy as np

from agents.monitor.baseline import Baseline, Rolled
from agents.monitor.counts import FIRST_BY_LATENCY, Codes, Tick
from agents.monitor.latency import LatencyBaseline
from agents.monitor.mix import CodeMix
from agents.monitor.settings import MonitorSettings
from agents.monitor.streams import Flags, Streams
from agents.monitor.volume import Volume
from payments.window import Window

REFRESH_WINDOWS = 2
"""Windows after which what was learned becomes the baseline: little of its memory, and the costly part."""


class Learned:
    """Rates, volumes, code mixes and latencies of the cells seen so far."""

    def __init__(self, settings: MonitorSettings) -> None:
        self.streams, self.codes, self.latency = Streams(), Codes(), LatencyBaseline()
        self.baseline = Baseline(settings.memory_ticks)
        self.volume = Volume(settings.volume_memory_ticks, judges=settings.follows_season)
        self.mix = CodeMix(settings.memory_ticks)
        self.ticks = 0
        self._attempts = 0.0
        self._settings = settings

    @property
    def enough(self) -> bool:
        """Whether enough was learned to tell a change."""
        return (
            self._attempts >= self._settings.attempts_to_learn and self.ticks >= self._settings.ticks_to_learn
        )

    def grow(self) -> None:
        """Make room for the cells, streams and codes seen last."""
        self.baseline.grow(self.streams)
        self.volume.grow(self.streams)
        self.mix.grow(self.streams.cells, len(self.codes.names))

    def learn(self, tick: Tick, rolled: Rolled | None, frozen: Flags, frozen_streams: Flags) -> None:
        """Take in an increment except for frozen cells and streams."""
        self.baseline.learn(tick, rolled, frozen, frozen_streams)
        self.volume.learn(tick, self.streams, frozen)
        self.mix.learn(tick, frozen)
        self.ticks += 1
        self._attempts += float(tick.attempts.sum())
        if not self.enough or self.ticks % (REFRESH_WINDOWS * self._settings.ticks_per_window) == 0:
            self.baseline.refresh(self.streams)
            self.volume.refresh()

    def learn_at_once(self, tick: Tick, hidden: Flags) -> None:
        """Take in an increment that nobody judges: history, or the first ones of a new feed."""
        half = self._settings.ticks_to_learn // 2
        rolled = self.baseline.roll(tick, self.streams, hidden) if self.ticks > half else None
        self.learn(tick, rolled, hidden, np.zeros(self.streams.count, dtype=np.bool_))

    def learn_latency(self, window: Window, frozen: Flags) -> bool:
        """Take in the latencies; gives True when slow and fast were defined anew."""
        if window.latency is None:
            return False
        self.latency.learn(window.latency, self.streams.rows(window.cells), frozen)
        due = self.ticks % self._settings.memory_ticks == 0 if self.latency.fitted else self.enough
        if not due:
            return False
        self.latency.fit(self.streams)
        samples, slow, fast = self.latency.learned()
        self.baseline.adopt(FIRST_BY_LATENCY, samples, slow)
        self.baseline.adopt(FIRST_BY_LATENCY + 1, samples, fast)
        self.baseline.refresh(self.streams)
        return True
