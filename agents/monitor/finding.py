"""From alarms to a finding with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.monitor.alarms import Alarm
from agents.monitor.counts import Tick
from agents.monitor.evidence import gather
from agents.monitor.ring import total
from agents.monitor.series import VOLUMES, Hindsight, Series
from agents.monitor.streams import Flags
from payments.evidence import Evidence
from payments.finding import Finding, Signal
from payments.observation import Observation
from payments.quantity import Floats

SIGNALS_AT_MOST = 20


@dataclass(frozen=True)
class Report:
    """What a set of alarms, strongest first and one at least, comes to."""

    alarms: tuple[Alarm, ...]
    hindsight: Hindsight

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """Look back on the stream of each alarm."""
        return self.hindsight.series(self.alarms)

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The alarms as signals."""
        return tuple(map(self.hindsight.signal, self.alarms, self.series))

    def add_to(self, observation: Observation, tick_s: float) -> Observation:
        """Give the observation with finding and evidence."""
        signals = self.signals
        finding = Finding(
            at=observation.summary.end,
            since=signals[0].onset,
            signals=signals,
            threshold=observation.threshold,
            ticks_learned=observation.ticks_learned,
        )
        return observation.model_copy(update={"finding": finding, "evidence": self._evidence(tick_s)})

    def new_volume(self) -> tuple[Flags, Floats, int] | None:
        """Give the cells whose volume changed, all attempts since and their increments; or None."""
        changed = [place for place, alarm in enumerate(self.alarms) if alarm.kind in VOLUMES]
        if not changed:
            return None
        streams = self.hindsight.learned.streams
        cells = streams.mask_any([streams.segment(self.alarms[place].stream) for place in changed])
        ticks = self._ticks_since(self.series[changed[0]])
        attempts = total(ticks, lambda tick: tick.attempts.full(), streams.cells)
        return cells & ~self.hindsight.hidden, attempts, len(ticks)

    def _evidence(self, tick_s: float) -> Evidence:
        strongest = self.series[0]
        hindsight, sharpness = self.hindsight, strongest.since(strongest.first).sharpness()
        return gather(self._ticks_since(strongest), tick_s, hindsight.learned, hindsight.hidden, sharpness)

    def _ticks_since(self, series: Series) -> Sequence[Tick]:
        return self.hindsight.ticks[series.first :]


def look_back(alarms: Sequence[Alarm], hindsight: Hindsight) -> Report:
    """Look back on the strongest alarms."""
    return Report(tuple(alarms[:SIGNALS_AT_MOST]), hindsight)
