"""All detectors of a feed: rates over every stream, volumes over the wide ones."""

from datetime import datetime

import numpy as np

from agents.monitor.alarms import Alarm
from agents.monitor.baseline import HIGHEST_RATE, LOWEST_RATE, Rolled, guarded
from agents.monitor.counts import Table
from agents.monitor.detector import DOWN_GUARD, UP_GUARD, TiltDetector
from agents.monitor.grow import Reals, padded, within
from agents.monitor.kinds import FIRST_BY_LATENCY, IS_GROUP, VOLUME_DOWN, VOLUME_UP, WATCHED
from agents.monitor.learned import Learned
from agents.monitor.likelihood import Shares, Volumes
from agents.monitor.streams import Flags, Rows
from payments.quantity import Floats

KINDS = len(WATCHED)
VOLUMES, GUARDS = (VOLUME_UP, VOLUME_DOWN), np.array([UP_GUARD, DOWN_GUARD])
RISING = np.array([True, False])
"""What is watched of the volume of each wide stream: that it rises, and that it falls."""
DOUBTS = 2.0
"""Standard deviations of the doubt about a rate that a rise must exceed to be looked for: the doubt stays, so
no number of increments proves less."""
WARM = 2.0
"""Evidence in nats above which a row is brought up to date in every increment."""


class Detection:
    """Running evidence of every stream and kind."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._rates = TiltDetector()
        self._seen: Floats = np.zeros((0, 2))
        """Attempts and latency samples so far: shape (streams, 2)."""
        self._paid: Floats = np.zeros(0)
        """Those of them that a row's evidence has taken in."""
        self._volumes = TiltDetector()
        self.begun: Floats = np.zeros(0)
        """When each stream began anew, in seconds since the epoch: nothing before it counts."""

    @property
    def watched(self) -> int:
        """Number of streams and kinds that can alarm."""
        streams = self._learned.streams
        return KINDS * streams.count + len(VOLUMES) * len(streams.wide)

    def grow(self) -> None:
        """Make room for new streams."""
        streams = self._learned.streams
        self._rates.grow(streams.count * KINDS)
        self.begun = padded(self.begun, streams.count)
        self._seen, self._paid = padded(self._seen, streams.count), padded(self._paid, streams.count * KINDS)
        self._volumes.grow(len(streams.wide) * len(VOLUMES))

    def update(self, start: datetime, table: Table, hidden: Flags) -> None:
        """Take in one increment by its start, without the hidden cells."""
        np.minimum(self.begun, start.timestamp(), out=self.begun)  # a clock may be set back
        self._rates.update(*self._moving(table.without(hidden)))
        self._update_volumes(table, hidden)

    def strongest(self) -> float:
        """Give the largest score of all."""
        return max(self._rates.strongest(), self._volumes.strongest())

    def alarms(self, threshold: float, least_excess: float) -> list[Alarm]:
        """Give every stream and kind whose score reaches the threshold, and that cost enough."""
        rows, scores = self._rates.reaching(threshold, least_excess)
        alarms = [
            Alarm(WATCHED[row % KINDS], row // KINDS, score, self._rates.best_tilt(row))
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        ]
        rows, scores = self._volumes.reaching(threshold, least_excess)
        wide, sides = np.divmod(rows, len(VOLUMES))
        columns = (sides, self._learned.streams.wide[wide], scores, rows)
        by_volume = [
            Alarm(VOLUMES[side], stream, score, self._volumes.best_tilt(row))
            for side, stream, score, row in zip(*(column.tolist() for column in columns), strict=True)
        ]
        return alarms + sorted(by_volume, key=lambda alarm: VOLUMES.index(alarm.kind))

    def suspicious(self, level: float) -> Flags:
        """Mark the streams with evidence above a level: shape (streams,).

        Codes alone are not suspicious: when only names change, the new ones must be learned.
        """
        streams = self._learned.streams
        rows = np.flatnonzero(self._rates.top >= level)
        marked = np.zeros(streams.count, dtype=np.bool_)
        marked[rows[~IS_GROUP[rows % KINDS]] // KINDS] = True
        marked[streams.wide[np.flatnonzero(self._volumes.top >= level) // len(VOLUMES)]] = True
        return marked

    def reset(self, streams: Flags, at: datetime) -> None:
        """Begin anew in the marked streams, with the increments from an instant on."""
        self.begun[streams] = at.timestamp()
        self._rates.reset(np.repeat(streams, KINDS))
        self._volumes.reset(np.repeat(streams[self._learned.streams.wide], len(VOLUMES)))

    def reset_latency(self) -> None:
        """Begin anew with what is slow, in every stream."""
        self._rates.reset(np.arange(len(self._rates.top)) % KINDS >= FIRST_BY_LATENCY)

    def reset_alarm(self, alarm: Alarm) -> None:
        """Begin anew in one stream and watched share."""
        row = np.zeros(len(self._rates.top), dtype=np.bool_)
        row[alarm.stream * KINDS + WATCHED.index(alarm.kind)] = True
        self._rates.reset(row)

    def _update_volumes(self, table: Table, hidden: Flags) -> None:
        """Compare the attempts of wide streams with what is the most, and the least, that is normal."""
        volume = self._learned.volume
        attempts, low, high = volume.forecast(table, self._learned.streams, hidden)
        mean = np.stack([high, low], axis=1)
        spread = (volume.phi(mean) - 1.0) / np.maximum(mean, 1.0)
        observed = Volumes(
            counts=np.repeat(attempts, len(VOLUMES)),
            mean=(GUARDS * mean).ravel(),
            spread=spread.ravel(),
            rising=np.tile(RISING, len(attempts)),
        )
        self._volumes.update(np.arange(mean.size), observed)

    def _moving(self, table: Table) -> tuple[Rows, Shares]:
        """Give the rows that have a count or much evidence, with their counts.

        Increments without a count only take evidence away, so a row of little evidence can pay for them all
        at its next count: most rows of a large fleet need not be touched.
        """
        baseline = self._learned.baseline
        rolled = baseline.roll(table, self._learned.streams, slice(0, KINDS))
        rows, counts, expected, gathered = self._moving_rows(rolled, table.has)
        streams, kinds = np.divmod(rows, KINDS)
        trials, idle = self._news(rolled, streams, kinds, rows)
        rate = within(expected / np.maximum(trials, 1.0), LOWEST_RATE, HIGHEST_RATE)
        doubt = baseline.uncertain.take(rows)
        squared = self._learned.least_rise**2 + DOUBTS**2 * doubt / (rate - rate * rate)
        return rows, Shares(
            counts=counts,
            trials=trials,
            share=guarded(rate),
            rho=baseline.dispersion.rho[streams, kinds] + doubt,
            idle=np.where(gathered > 0.0, idle, 0.0),
            least_rise=np.sqrt(squared),
        )

    def _moving_rows(self, rolled: Rolled, has: Flags) -> tuple[Rows, Reals, Reals, Reals]:
        """Give the rows of filled columns with more than was expected, or whose evidence may change.

        With them their counts, what was expected of them, and the evidence gathered before.
        """
        warm = self._rates.gathered.reshape(-1, KINDS) > WARM
        rows = np.flatnonzero((rolled.counts > 0.0) | warm)  # few of all: the rest is asked of these alone
        streams, kinds = np.divmod(rows, KINDS)
        gathered = self._rates.gathered.take(rows)
        counts, expected = rolled.pick(streams, kinds)
        expected *= self._learned.baseline.correction.take(rows)
        moving = (counts > expected) | ((gathered > 0.0) & (counts > 0.0)) | (gathered > WARM)
        kept = np.flatnonzero(moving & has.take(kinds))
        return rows.take(kept), counts.take(kept), expected.take(kept), gathered.take(kept)

    def _news(self, rolled: Rolled, streams: Rows, kinds: Rows, rows: Rows) -> tuple[Reals, Reals]:
        """Give the trials of some rows in this increment, and those before that they have not taken in."""
        by_latency = kinds >= FIRST_BY_LATENCY
        trials = rolled.trials(streams, by_latency)
        self._seen += rolled.sums[:, : self._seen.shape[1]]
        seen = self._seen.take(2 * streams + by_latency)
        idle = np.maximum(seen - self._paid.take(rows) - trials, 0.0)
        self._paid[rows] = seen
        return trials, idle.astype(np.float32)
