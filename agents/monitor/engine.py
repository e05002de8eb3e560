"""The monitor: takes increments one by one, says when something changed, and learns what is normal."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import numpy as np

from agents.monitor.alarms import Gate
from agents.monitor.baseline import Rolled
from agents.monitor.counts import Tick
from agents.monitor.detection import Detection
from agents.monitor.finding import Report, look_back
from agents.monitor.grow import padded
from agents.monitor.intake import Intake
from agents.monitor.learned import Learned
from agents.monitor.series import Hindsight
from agents.monitor.settings import MonitorSettings
from agents.monitor.streams import Flags
from agents.monitor.summary import summarise, summarise_window
from agents.monitor.tallying import tally_of
from payments.incident import Observation, Summary, Tally
from payments.segment import Segment
from payments.window import Window

FREEZE_BELOW = 7.0
"""Nats below the threshold from which a stream is not learned from."""


@dataclass(frozen=True)
class Waiting:
    """An increment that is not learned yet."""

    tick: Tick
    rolled: Rolled
    hidden: Flags
    """Cells of the culprits known then: not in `rolled`."""
    tainted: Flags
    """Cells that were found to be changed since."""

    def tainted_by(self, cells: Flags) -> Self:
        """Give the same with more tainted cells."""
        return replace(self, tainted=padded(self.tainted, len(cells)) | cells)


class Monitor:
    """Watches one feed. Its memory is arrays and stays here; what it says is plain values."""

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self._learned = Learned(settings)
        self._intake = Intake(settings, self._learned)
        self._detection = Detection(self._learned)
        self._gate = Gate(settings.release_ticks)
        self._waiting: deque[Waiting] = deque()
        self._known: frozenset[Segment] = frozenset()

    @property
    def threshold(self) -> float:
        """Log evidence at which a stream alarms: all together stay within the false alarms allowed."""
        chances = (
            self._detection.watched * self._settings.ticks_per_week / self._settings.false_alarms_per_week
        )
        return math.log(max(chances, math.e))

    def learn(self, window: Window) -> None:
        """Take in a past increment, without looking for changes; the next observation has the notes."""
        tick = self._intake.take(window)
        if tick is not None:
            self._learn_at_once(window, tick, self._mask(()))

    def observe(self, window: Window, known: Sequence[Segment] = ()) -> Observation:
        """Look for changes outside the known culprits, then learn."""
        tick = self._intake.take(window)
        if tick is None:
            return self._report(window)
        hidden = self._hide(known)
        if not self._learned.enough:
            self._learn_at_once(window, tick, hidden)
            self._intake.note(
                f"learning: {self._learned.ticks} increments, {self._settings.ticks_to_learn} are needed"
            )
            return self._report(window)
        return self._judge(window, tick, hidden)

    def tally(self, segment: Segment, since: datetime | None = None) -> Tally:
        """Count a segment over the kept increments that start at an instant or later."""
        return tally_of(self._intake.ring.since(since), segment, self._learned)

    def _judge(self, window: Window, tick: Tick, hidden: Flags) -> Observation:
        rolled = self._learned.baseline.roll(tick, self._learned.streams, hidden)
        self._detection.update(tick, rolled, hidden)
        crossed = self._detection.alarms(self.threshold, self._settings.least_excess)
        alarms = self._gate.pass_on(crossed, self.threshold)
        self._waiting.append(Waiting(tick, rolled, hidden, tainted=np.zeros_like(hidden)))
        observation = self._report(window)
        if alarms:
            found = look_back(alarms, Hindsight(self._intake.ring.since(None), self._learned, hidden))
            observation = found.add_to(observation, self._settings.tick_s)
            self._settle(found)
        self._learn_with_lag(window, hidden)
        return observation

    def _hide(self, known: Sequence[Segment]) -> Flags:
        """Mark the cells of known culprits; streams that share cells with a new one begin anew."""
        self._detection.grow()
        new = [segment for segment in known if segment not in self._known]
        self._known = frozenset(known)
        if new:
            self._begin_anew(self._learned.streams.touching(self._mask(new)))
        return self._mask(known)

    def _mask(self, segments: Sequence[Segment]) -> Flags:
        return self._learned.streams.mask_any(segments)

    def _begin_anew(self, streams: Flags) -> None:
        self._detection.reset(streams)
        self._gate.forget(streams)

    def _report(self, window: Window) -> Observation:
        return Observation(
            summary=self._summary(window),
            log_evidence=self._detection.strongest(),
            threshold=self.threshold,
            ticks_learned=self._learned.ticks,
            notes=self._intake.collect_notes(),
        )

    def _summary(self, window: Window) -> Summary:
        end = self._intake.ring.end
        if end is None:
            return summarise_window(window)
        span = timedelta(seconds=max(self._settings.window_s, self._settings.tick_s))
        rates = self._learned.baseline.rates if self._learned.enough else None
        return summarise(
            self._intake.ring.since(end - span), self._settings.tick_s, rates, self._learned.codes
        )

    def _settle(self, found: Report) -> None:
        """After a report: do not learn what was reported, take new volumes as given, and begin anew."""
        streams = self._learned.streams
        suspicious = self._detection.suspicious(self.threshold - FREEZE_BELOW)
        suspicious[[alarm.stream for alarm in found.alarms]] = True
        changed = streams.inside(suspicious)
        self._waiting = deque(waiting.tainted_by(changed) for waiting in self._waiting)
        volume = found.new_volume()
        if volume is not None:
            self._learned.volume.accept(*volume)
        self._begin_anew(suspicious)

    def _learn_at_once(self, window: Window, tick: Tick, hidden: Flags) -> None:
        self._detection.grow()
        self._learned.learn_at_once(tick, hidden)
        self._learn_latency(window, hidden)

    def _learn_with_lag(self, window: Window, hidden: Flags) -> None:
        """Learn the increment of a window ago, without what is hidden, tainted or suspicious by now."""
        streams = self._learned.streams
        suspicious = streams.inside(self._detection.suspicious(self.threshold - FREEZE_BELOW))
        frozen = hidden | suspicious
        self._learn_latency(window, frozen)
        while len(self._waiting) > self._settings.ticks_per_window:
            waiting = self._waiting.popleft()
            gone = padded(waiting.hidden, streams.cells)
            now = frozen | gone | padded(waiting.tainted, streams.cells)
            self._learned.learn(waiting.tick, waiting.rolled, now, streams.touching(now & ~gone))

    def _learn_latency(self, window: Window, frozen: Flags) -> None:
        if self._learned.learn_latency(window, frozen):
            self._detection.reset_kind("slow")
