"""From false alarms that a team accepts to the score at which a stream alarms."""

import math


def guaranteed_level(ticks_between_false_alarms: float, streams: int = 1) -> float:
    """Give the score that all streams together reach in quiet traffic no more often than that.

    The false-alarm rates of its rungs, added up, bound that of a stream (Harris 1960; docs/detection.md); the
    handicaps make the sum about e^-level (Siegmund's approximation); and the rates of streams add up.
    """
    return math.log(ticks_between_false_alarms * streams)


def ticks_between(false_alarms_per_week: float, ticks_per_week: float) -> float:
    """Give the mean time between false alarms in ticks."""
    return ticks_per_week / false_alarms_per_week
