"""Reads the world's score while an episode is played, and lays it out around the fault."""

from datetime import datetime
from itertools import pairwise

import numpy as np

from bench.crew.played import MINUTES_AFTER, MINUTES_BEFORE, Course
from simulator.traffic.scenario import Fault
from simulator.traffic.score import Score

_MINUTE_S = 60.0


class Meter:
    """Keeps the score after each increment of the live time."""

    def __init__(self, truth: Fault, now: datetime, score: Score) -> None:
        """Begin when the history has been played."""
        self._truth = truth
        self._at_s = [self._since_onset_s(now)]
        self._scores = [score]

    def read(self, now: datetime, score: Score) -> None:
        """Take in one increment."""
        self._at_s.append(self._since_onset_s(now))
        self._scores.append(score)

    @property
    def ticks(self) -> int:
        """Increments of the live time so far."""
        return len(self._scores) - 1

    @property
    def hours(self) -> float:
        """Length of the live time so far."""
        return (self._at_s[-1] - self._at_s[0]) / 3600.0

    @property
    def whole(self) -> Score:
        """What became of the payments of the live time."""
        return self._scores[-1] - self._scores[0]

    @property
    def during(self) -> Score:
        """The same from the onset to the end of the fault."""
        return self._at(self._since_onset_s(self._truth.ends_at)) - self._at(0.0)

    @property
    def course(self) -> Course:
        """Give the minutes around the onset; a minute that was not played has no payments."""
        minutes = range(-MINUTES_BEFORE, MINUTES_AFTER + 1)
        edges = [self._at(_MINUTE_S * minute) for minute in minutes]
        within = [after - before for before, after in pairwise(edges)]
        return Course(
            succeeded=tuple(one.succeeded for one in within),
            payments=tuple(one.succeeded + one.failed for one in within),
            struck_succeeded=tuple(one.struck_succeeded for one in within),
            struck_payments=tuple(one.struck_succeeded + one.struck_failed for one in within),
        )

    def _since_onset_s(self, at: datetime) -> float:
        return (at - self._truth.starts_at).total_seconds()

    def _at(self, since_onset_s: float) -> Score:
        """Give the score at the end of the last increment up to an instant."""
        place = int(np.searchsorted(self._at_s, since_onset_s, side="right")) - 1
        return self._scores[max(0, place)]
