"""How rates and volumes usually move with the hour of the day and of the week."""

import math
from datetime import UTC, datetime

import numpy as np

from agents.monitor.counts import Table
from agents.monitor.grow import Reals, padded
from agents.monitor.kinds import COLUMNS, FIRST_BY_LATENCY
from agents.monitor.streams import Flags, Rows, Streams

MEASURES = COLUMNS + 1
"""The columns of the counts, and the attempts themselves."""
VOLUME = COLUMNS
TRIALS = 3
"""Attempts, samples of latency, increments."""
TRIALS_OF = np.array([0] * FIRST_BY_LATENCY + [1] * (COLUMNS - FIRST_BY_LATENCY) + [2])
"""Which of them each measure is a share of."""

HOURS_OF_DAY, HOURS_OF_WEEK = 24, 168
HOUR_S = 3600.0
SLOW_HOURS = 168.0
"""Memory of the level that hours are compared with."""
VISITS = 14.0
"""Memory of a multiplier, in days or weeks."""
TRUSTED_VISITS = 2.0
"""Days (or weeks) that an hour must have been seen on for its multiplier to count by a half."""
PRIOR_COUNT = 30.0
"""Counts by which a multiplier is drawn towards none."""
KNOWN_FOR = 12.0
"""Hours that a cell must have been seen for to be compared with its level."""
MOST = 1.5
"""Logarithm of the largest multiplier."""


class Multipliers:
    """Had against given counts by hour, for some segments, slowly forgotten."""

    def __init__(self, bins: int) -> None:
        self.had: Reals = np.zeros((0, bins, MEASURES), dtype=np.float32)
        """Shape (segments, bins, MEASURES)."""
        self.given: Reals = np.zeros((0, bins, MEASURES), dtype=np.float32)
        self.visits: Reals = np.zeros(bins)

    @property
    def bins(self) -> int:
        """Number of hours after which they begin again."""
        return len(self.visits)

    def grow(self, segments: int) -> None:
        """Make room for new segments."""
        self.had, self.given = padded(self.had, segments), padded(self.given, segments)

    def learn(self, hour: int, had: Reals, given: Reals) -> None:
        """Take in one hour of all segments: shape (segments, MEASURES)."""
        place = hour % self.bins
        keep = 1.0 - 1.0 / VISITS
        self.visits[place] = self.visits[place] * keep + 1.0
        self.had[:, place] = self.had[:, place] * keep + had
        self.given[:, place] = self.given[:, place] * keep + given

    def logs(self, hour: float) -> Reals:
        """Give the logarithms of the multipliers at an hour, straight between two: (segments, MEASURES)."""
        first = math.floor(hour - 0.5)
        part = hour - 0.5 - first
        return (1.0 - part) * self._log(first) + part * self._log(first + 1)

    def _log(self, hour: int) -> Reals:
        place = hour % self.bins
        had, given = self.had[:, place], self.given[:, place]
        trust = self.visits[place] / (self.visits[place] + TRUSTED_VISITS)
        logs: Reals = trust * np.log((had + PRIOR_COUNT) / (given + PRIOR_COUNT))
        return logs


class Season:
    """Multipliers of all payments and of every attribute value by hour of day; of all by hour of week.

    Each finished hour is compared, cell by cell, with a level that remembers a week; what the whole does is
    taken out before the attribute values are compared, one attribute after the other. The first day only
    makes the level.
    """

    def __init__(self) -> None:
        self.day, self.week = Multipliers(HOURS_OF_DAY), Multipliers(HOURS_OF_WEEK)
        self.hours = 0
        """Finished hours."""
        self.level_hits: Reals = np.zeros((0, MEASURES), dtype=np.float32)
        self.level_trials: Reals = np.zeros((0, TRIALS), dtype=np.float32)
        self.hits: Reals = np.zeros((0, MEASURES), dtype=np.float32)
        self.trials: Reals = np.zeros((0, TRIALS), dtype=np.float32)
        """With `trials`: the counts of the hour under way."""
        self.hour: int | None = None

    def grow(self, streams: Streams) -> None:
        """Make room for new cells and segments."""
        self.day.grow(len(streams.wide))
        self.week.grow(1)
        self.level_hits = padded(self.level_hits, streams.cells)
        self.level_trials = padded(self.level_trials, streams.cells)
        self.hits, self.trials = padded(self.hits, streams.cells), padded(self.trials, streams.cells)

    def learn(self, at: datetime, table: Table, frozen: Flags, streams: Streams) -> None:
        """Take in an increment by its middle, given without the frozen cells."""
        hour = math.floor(_hours(at))
        if self.hour is not None and hour != self.hour:
            self._finish(self.hour, streams)
        self.hour = hour
        rows, columns = np.divmod(table.filled, COLUMNS)
        self.hits[table.rows[rows], columns] += table.counts.ravel()[table.filled]
        self.hits[table.rows, VOLUME] += table.attempts
        self.trials[table.rows, 0] += table.attempts
        self.trials[table.rows, 1] += table.timed
        self.trials[: table.cells, 2] += ~frozen[: table.cells]

    def factors(self, at: datetime, streams: Streams) -> Reals | None:
        """Give the multipliers of each cell, shape (cells, MEASURES); None while there are none."""
        if not self.day.visits.any():
            return None
        hour = _hours(at)
        by_segment = self.day.logs(hour)
        logs = np.tile(self.week.logs(hour), (streams.cells, 1))
        for place in streams.wide_places.T:
            logs += by_segment[place]
        return np.exp(np.clip(logs, -MOST, MOST))

    def knows_week(self, at: datetime) -> bool:
        """Say whether the hour of the week was seen before, more than once."""
        return bool(self.week.visits[math.floor(_hours(at)) % HOURS_OF_WEEK] > 1.0)

    def days_known(self, at: datetime) -> float:
        """Give the number of days, slowly forgotten, on which this hour was compared with the level."""
        return float(self.day.visits[math.floor(_hours(at)) % HOURS_OF_DAY])

    def _finish(self, hour: int, streams: Streams) -> None:
        """Compare an hour with the level, then add it to the level."""
        if self.hours >= HOURS_OF_DAY:
            self._compare(hour, streams)
        keep = 1.0 - 1.0 / SLOW_HOURS
        self.level_hits = self.level_hits * keep + self.hits
        self.level_trials = self.level_trials * keep + self.trials
        self.hits[:], self.trials[:] = 0.0, 0.0
        self.hours += 1

    def _compare(self, hour: int, streams: Streams) -> None:
        known = (self.level_trials[:, 2] >= KNOWN_FOR * self.trials[:, 2])[:, None]
        level = self.level_hits / np.maximum(self.level_trials, 1e-6)[:, TRIALS_OF]
        hits, expected = self.hits * known, self.trials[:, TRIALS_OF] * level * known
        week = np.exp(self.week.logs(hour + 0.5))
        expected *= week
        had_by, given_by = (np.zeros((len(streams.wide), MEASURES)) for _ in range(2))
        for place in streams.wide_places.T:
            had, given = (_sums(place, table, len(streams.wide)) for table in (hits, expected))
            had_by += had
            given_by += given
            expected *= ((had + PRIOR_COUNT) / (given + PRIOR_COUNT))[place]
        self.day.learn(hour, had_by, given_by)
        day = np.exp(self.day.logs(hour + 0.5))[:1]
        self.week.learn(hour, had_by[:1], given_by[:1] / week * day)


def _hours(at: datetime) -> float:
    """Give the hours since a Monday at midnight, UTC."""
    return (at - datetime(2001, 1, 1, tzinfo=UTC)).total_seconds() / HOUR_S


def _sums(place: Rows, table: Reals, segments: int) -> Reals:
    columns = table.shape[1]
    places = place[:, None] * columns + np.arange(columns)
    sums = np.bincount(places.ravel(), table.ravel(), segments * columns).astype(np.float64, copy=False)
    return sums.reshape(segments, columns)
