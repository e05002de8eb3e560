"""All detectors of a feed: rates over every stream, volumes over the wide ones."""

import numpy as np

from agents.monitor.alarms import Alarm
from agents.monitor.baseline import Rolled
from agents.monitor.counts import WATCHED, Tick
from agents.monitor.detector import (
    DOWN_GUARD,
    DOWN_TILTS,
    RATE_TILTS,
    UP_GUARD,
    UP_TILTS,
    TiltDetector,
    binomial_cost,
    poisson_cost,
)
from agents.monitor.learned import Learned
from agents.monitor.streams import Flags
from payments.incident import Floats, SignalKind


class Detection:
    """Running evidence of every stream and kind."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._rates = TiltDetector(RATE_TILTS)
        self._volumes: dict[SignalKind, TiltDetector] = {
            "volume_up": TiltDetector(UP_TILTS),
            "volume_down": TiltDetector(DOWN_TILTS),
        }

    @property
    def watched(self) -> int:
        """Number of streams and kinds that can alarm."""
        streams = self._learned.streams
        return len(WATCHED) * streams.count + len(self._volumes) * len(streams.wide)

    def grow(self) -> None:
        """Make room for new streams."""
        streams = self._learned.streams
        self._rates.grow(streams.count * len(WATCHED))
        for side in self._volumes.values():
            side.grow(len(streams.wide))

    def update(self, tick: Tick, rolled: Rolled, hidden: Flags) -> None:
        """Take in one increment, without the hidden cells."""
        self._update_rates(rolled)
        volume = self._learned.volume
        attempts, low, high = volume.forecast(tick, self._learned.streams, hidden)
        _update_volume(self._volumes["volume_up"], attempts, UP_GUARD * high, volume.phi(high))
        _update_volume(self._volumes["volume_down"], attempts, DOWN_GUARD * low, volume.phi(low))

    def strongest(self) -> float:
        """Give the largest score of all."""
        return max(side.strongest() for side in (self._rates, *self._volumes.values()))

    def alarms(self, threshold: float, least_excess: float) -> list[Alarm]:
        """Give every stream and kind whose score reaches the threshold, and that cost enough."""
        rows, scores = self._rates.reaching(threshold, least_excess)
        kinds = len(WATCHED)
        alarms = [
            Alarm(WATCHED[row % kinds], row // kinds, score, self._rates.best_tilt(row))
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        ]
        for kind, side in self._volumes.items():
            rows, scores = side.reaching(threshold, least_excess)
            streams = self._learned.streams.wide[rows].tolist()
            alarms += [
                Alarm(kind, stream, score, side.best_tilt(row))
                for stream, row, score in zip(streams, rows.tolist(), scores.tolist(), strict=True)
            ]
        return alarms

    def suspicious(self, level: float) -> Flags:
        """Mark the streams with evidence above a level in any kind: shape (streams,)."""
        streams = self._learned.streams
        by_kind = (self._rates.top >= level).reshape(streams.count, len(WATCHED))
        marked = np.asarray(by_kind.any(axis=1))
        for side in self._volumes.values():
            marked[streams.wide[side.top >= level]] = True
        return marked

    def reset(self, streams: Flags) -> None:
        """Begin anew in the marked streams."""
        self._rates.reset(np.repeat(streams, len(WATCHED)))
        for side in self._volumes.values():
            side.reset(streams[self._learned.streams.wide])

    def reset_kind(self, kind: SignalKind) -> None:
        """Begin anew in one kind of every stream."""
        self._rates.reset(np.arange(len(self._rates.top)) % len(WATCHED) == WATCHED.index(kind))

    def _update_rates(self, rolled: Rolled) -> None:
        baseline = self._learned.baseline
        trials, phi = rolled.trials.ravel(), baseline.phi(rolled.trials).ravel()
        rate = baseline.highest_normal(rolled).ravel()
        self._rates.update(
            rolled.counts.ravel(),
            trials * rate,
            phi,
            lambda rows: binomial_cost(trials[rows], rate[rows], RATE_TILTS),
        )


def _update_volume(side: TiltDetector, attempts: Floats, mean: Floats, phi: Floats) -> None:
    side.update(attempts, mean, phi, lambda rows: poisson_cost(mean[rows], side.tilts))
