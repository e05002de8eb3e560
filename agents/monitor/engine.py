"""The monitor: takes increments one by one, says when something changed, and learns what is normal."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from agents.monitor.alarms import Alarm, Gate
from agents.monitor.counts import Table, Tick
from agents.monitor.detection import Detection
from agents.monitor.elsewhere import usual_success
from agents.monitor.evidence import gather
from agents.monitor.finding import Report, look_back
from agents.monitor.grow import padded
from agents.monitor.intake import Intake
from agents.monitor.latency import Samples
from agents.monitor.learned import Learned
from agents.monitor.pulse import Roller
from agents.monitor.saved import Arrays, dump, restore
from agents.monitor.series import Hindsight
from agents.monitor.settings import MonitorSettings
from agents.monitor.streams import Flags
from agents.monitor.summary import summarise, summarise_window
from agents.monitor.tallying import attempts_of, tallies_of
from agents.monitor.threshold import guaranteed_level, ticks_between
from payments.evidence import Evidence
from payments.observation import Observation, Summary
from payments.pulse import Pulse
from payments.segment import Segment
from payments.tally import Tally
from payments.window import Window

LEAST_THRESHOLD = 1.0
"""Nats: evidence below this is none, however many false alarms are allowed."""
FREEZE_BELOW = 7.0
"""Nats below the threshold from which a stream is not learned from."""


@dataclass(frozen=True)
class Waiting:
    """An increment that is not learned yet."""

    tick: Tick
    table: Table
    hidden: Flags
    """Cells of the culprits known then."""
    tainted: Flags
    """Cells that were found to be changed since."""

    def tainted_by(self, cells: Flags) -> Self:
        """Give the same with more tainted cells."""
        return replace(self, tainted=padded(self.tainted, len(cells)) | cells)


class Monitor:
    """Watches one feed. Its memory is arrays and stays here; what it says is plain values."""

    def __init__(self, settings: MonitorSettings) -> None:
        self._settings = settings
        self._saved: tuple[Learned, datetime] | None = None
        self._begin(Learned(settings))

    def _begin(self, learned: Learned) -> None:
        self._learned = learned
        self._intake = Intake(self._settings, learned)
        self._detection = Detection(learned)
        self._detection.grow()
        self._gate = Gate(self._settings.release_ticks)
        self._waiting: deque[Waiting] = deque()
        self._known: frozenset[Segment] = frozenset()
        self._roller = Roller(learned)
        self._newest: tuple[Tick, Samples] | None = None

    @property
    def threshold(self) -> float:
        """Log evidence at which a stream alarms: all together stay within the false alarms allowed."""
        settings = self._settings
        ticks = ticks_between(settings.false_alarms_per_week, settings.ticks_per_week)
        return max(guaranteed_level(ticks, max(self._detection.watched, 1)), LEAST_THRESHOLD)

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """Give what was learned so far as arrays, to be kept; empty before the first increment."""
        end = self._intake.ring.end
        return {} if end is None else dump(self._learned, self._settings, end)

    def restore(self, saved: Arrays) -> None:
        """Go on from what `dump` gave, before the first increment.

        It is used when the feed goes on after it; a feed that begins earlier is learned anew.

        Raises:
            InputError: the arrays were not made for this monitor, or were damaged.
        """
        self._saved = restore(saved, self._settings)

    def note(self, sentence: str) -> None:
        """Tell people something with the next observation."""
        self._intake.note(sentence)

    def learn(self, window: Window) -> None:
        """Take in a past increment, without looking for changes; the next observation has the notes."""
        taken = self._take(window)
        if taken is not None:
            self._learn_at_once(*taken, self._mask(()))

    def observe(
        self, window: Window, known: Sequence[Segment] = (), side_effects: Collection[str] = ()
    ) -> Observation:
        """Look for changes outside the known culprits, then learn.

        Where all signals are of the kinds in `side_effects` there is no finding, and all begins anew.
        """
        taken = self._take(window)
        if taken is None:
            return self._report(window)
        hidden = self._hide(known, window.start)
        if not self._learned.enough:
            self._learn_at_once(*taken, hidden)
            self._intake.note(
                f"learning: {self._learned.ticks} increments, {self._settings.ticks_to_learn} are needed"
            )
            return self._report(window)
        return self._judge(window, *taken, hidden, side_effects)

    def tally(self, segment: Segment, since: datetime | None = None) -> Tally:
        """Count a segment over the kept increments that start at an instant or later."""
        return self.tallies((segment,), since)[0]

    def tallies(self, segments: Sequence[Segment], since: datetime | None = None) -> tuple[Tally, ...]:
        """Count several segments in one pass over the increments."""
        return tallies_of(self._intake.ring.since(since), segments, self._learned)

    def attempts(self, segments: Sequence[Segment], since: datetime) -> tuple[int, ...]:
        """Count the attempts of several segments over the kept increments since an instant."""
        return attempts_of(self._intake.ring.since(since), segments, self._learned)

    def usual_success(self, segment: Segment, attribute: str) -> Mapping[str, float]:
        """Say how a segment's payments usually fare under each value of an attribute."""
        return usual_success(segment, attribute, self._learned)

    def look_again(self, since: datetime, known: Sequence[Segment] = ()) -> Evidence | None:
        """Gather the kept increments since an instant, outside some culprits; None without any."""
        ticks = self._intake.ring.since(since)
        if not ticks:
            return None
        return gather(ticks, self._settings.tick_s, self._learned, self._mask(known), None)

    def pulse(self) -> Pulse | None:
        """Roll up the increment taken last, for people to look at; None when it was skipped."""
        if self._newest is None:
            return None
        return self._roller.roll(*self._newest, self._settings.tick_s)

    def _take(self, window: Window) -> tuple[Tick, Samples] | None:
        saved, self._saved = self._saved, None
        if saved is not None and window.start >= saved[1]:
            self._go_on(*saved, window)
        self._newest = self._intake.take(window)
        return self._newest

    def _go_on(self, learned: Learned, until: datetime, window: Window) -> None:
        if not learned.streams.fits(window.cells):
            attributes = learned.streams.attributes
            self.note(
                f"saved baselines are not used: they are of {attributes!r}, not of this feed's attributes"
            )
            return
        notes = self._intake.collect_notes()
        learned.forget((window.start - until).total_seconds() / self._settings.tick_s)
        self._begin(learned)
        for sentence in notes:
            self.note(sentence)

    def _judge(
        self, window: Window, tick: Tick, samples: Samples, hidden: Flags, side_effects: Collection[str]
    ) -> Observation:
        table = tick.table(self._learned.codes)
        self._detection.update(tick.start, table, hidden)
        crossed = self._believed(hidden)
        alarms = self._gate.pass_on(crossed, self.threshold)
        self._waiting.append(Waiting(tick, table, hidden, tainted=np.zeros_like(hidden)))
        observation = self._report(window)
        if alarms:
            found = look_back(alarms, self._hindsight(hidden))
            if any(alarm.kind.signal not in side_effects for alarm in found.alarms):
                observation = found.add_to(observation, self._settings.tick_s)
            self._settle(found, window.end)
        self._learn_with_lag(samples, hidden)
        return observation

    def _believed(self, hidden: Flags) -> tuple[Alarm, ...]:
        """Give the alarms, without those of codes where failures only changed their names."""
        alarms = self._detection.alarms(self.threshold, self._settings.excess_to_report)
        by_codes = tuple(alarm for alarm in alarms if alarm.kind.signal == "codes")
        if not by_codes:
            return tuple(alarms)
        renamed = self._hindsight(hidden).renamed(by_codes)
        for alarm in renamed:
            self._detection.reset_alarm(alarm)
        return tuple(alarm for alarm in alarms if alarm not in renamed)

    def _hindsight(self, hidden: Flags) -> Hindsight:
        return Hindsight(self._intake.ring.since(None), self._learned, hidden, self._detection.begun)

    def _hide(self, known: Sequence[Segment], at: datetime) -> Flags:
        """Mark the cells of known culprits; streams that gain or lose cells by them begin anew."""
        self._detection.grow()
        changed = self._known.symmetric_difference(known)
        self._known = frozenset(known)
        if changed:
            self._begin_anew(self._learned.streams.touching(self._mask(tuple(changed))), at)
        return self._mask(known)

    def _mask(self, segments: Sequence[Segment]) -> Flags:
        return self._learned.streams.mask_any(segments)

    def _begin_anew(self, streams: Flags, at: datetime) -> None:
        self._detection.reset(streams, at)
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

    def _settle(self, found: Report, at: datetime) -> None:
        """After a report: do not learn what was reported, take new volumes as given, and begin anew."""
        streams = self._learned.streams
        suspicious = self._detection.suspicious(self.threshold - FREEZE_BELOW)
        suspicious[[alarm.stream for alarm in found.alarms]] = True
        changed = streams.inside(suspicious)
        self._waiting = deque(waiting.tainted_by(changed) for waiting in self._waiting)
        volume = found.new_volume()
        if volume is not None:
            self._learned.volume.accept(*volume)
        self._begin_anew(suspicious, at)

    def _learn_at_once(self, tick: Tick, samples: Samples, hidden: Flags) -> None:
        self._detection.grow()
        self._learned.learn_at_once(tick, hidden)
        self._learn_latency(samples, hidden)

    def _learn_with_lag(self, samples: Samples, hidden: Flags) -> None:
        """Learn the increment of a window ago, without what is hidden, tainted or suspicious by now."""
        streams = self._learned.streams
        suspicious = streams.inside(self._detection.suspicious(self.threshold - FREEZE_BELOW))
        frozen = hidden | suspicious
        self._learn_latency(samples, frozen)
        while len(self._waiting) > self._settings.ticks_per_window:
            waiting = self._waiting.popleft()
            before = padded(waiting.hidden | waiting.tainted, streams.cells)
            self._learned.learn(waiting.tick, waiting.table, frozen | before)

    def _learn_latency(self, samples: Samples, frozen: Flags) -> None:
        if self._learned.learn_latency(samples, frozen):
            self._detection.reset_latency()
