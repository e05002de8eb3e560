"""What comes in: which increments are counted, which are skipped, and what people should know of it."""

import math
from datetime import datetime

from agents.monitor.counts import Tick, count
from agents.monitor.latency import Samples
from agents.monitor.learned import Learned
from agents.monitor.ring import Place, Ring
from agents.monitor.settings import MonitorSettings
from payments.window import Window

CLOCK_SET_BACK_AFTER = 12
"""Increments in a row from before the kept ones, after which the feed's clock is believed."""


class Intake:
    """Counts increments into the ring, in whatever order they come."""

    def __init__(self, settings: MonitorSettings, learned: Learned) -> None:
        self.ring = Ring(settings.ring_ticks, settings.tick_s)
        self._settings = settings
        self._learned = learned
        self._notes: list[str] = []
        self._too_old = 0

    def note(self, sentence: str) -> None:
        """Keep a sentence for the next observation."""
        self._notes.append(sentence)

    def collect_notes(self) -> tuple[str, ...]:
        """Give the notes kept so far, once."""
        notes = tuple(self._notes)
        self._notes.clear()
        return notes

    def take(self, window: Window) -> tuple[Tick, Samples] | None:
        """Count an increment and keep it; None, with a note, unless it is newer than all others.

        Gives also its latency samples.
        """
        wrong = self._misfit(window)
        if wrong:
            self.note(f"increment {window.start.isoformat()} skipped: {wrong}")
            return None
        newest = self.ring.place(window.start) == "next"
        if newest:
            self._note_gap(window.start)
        tick, samples = count(window, self._learned.streams, self._learned.codes, self._learned.latency)
        self._learned.grow(window.start)
        self._learned.amounts.learn(window, self._learned.streams)
        self.ring.add(tick)
        if newest:
            return tick, samples
        self.note(f"increment {window.start.isoformat()} came late: counted, not judged")
        return None

    def _misfit(self, window: Window) -> str | None:
        if not math.isclose(window.duration_s, self._settings.tick_s, rel_tol=1e-6):
            return (
                f"it lasts {window.duration_s:g} s, increments of this feed last {self._settings.tick_s:g} s"
            )
        streams = self._learned.streams
        if not streams.fits(window.cells):
            return f"its attributes are {window.cells.attributes!r}, this feed has {streams.attributes!r}"
        place = self._place_or_restart(window.start)
        if place == "twice":
            return "it overlaps one already counted"
        return "it is older than what is kept" if place == "too_old" else None

    def _place_or_restart(self, start: datetime) -> Place:
        place = self.ring.place(start)
        self._too_old = self._too_old + 1 if place == "too_old" else 0
        if self._too_old < CLOCK_SET_BACK_AFTER:
            return place
        self.note(f"the clock was set back to {start.isoformat()}: later increments are forgotten")
        self.ring.clear()
        self._too_old = 0
        return "next"

    def _note_gap(self, start: datetime) -> None:
        end = self.ring.end
        missing = 0 if end is None else round((start - end).total_seconds() / self._settings.tick_s)
        if missing:
            self.note(f"{missing} increments missing before {start.isoformat()}")
