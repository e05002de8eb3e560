"""The ladder: which sizes of change a detector looks for, and what each may cost in false alarms.

A rung is an alternative worth so many nats of information a tick. Half a nat is half a nat whatever the
volume, the share and the dispersion, so one geometric ladder serves every stream: from changes that take some
hundred ticks to gather the evidence up to those that one or two ticks give away.

The handicap of a rung makes all rungs cause about as many false alarms. By Siegmund (1985, "Sequential
Analysis", ch. 10) a CUSUM with information I a tick and barrier b has one false alarm in
`e^b / (I e^(-1.166 sqrt(2 I)))` ticks; a rung's score is therefore `CUSUM - log(I e^(-1.166 sqrt(2 I)))` plus
the logarithm of its share of the false alarms.
"""

import math
from dataclasses import dataclass

import numpy as np

from agents.monitor.grow import Reals, within

RUNGS = 4
SLOWEST = 700.0
"""Ticks in which the lowest rung gathers the level."""
FASTEST = 0.55
"""Part of the level that the highest rung gathers in one tick."""
NARROWEST = 0.25
"""Part of the level that the lowest rung never exceeds: the ladder keeps some width at any volume."""
LOW_RUNGS_FIRST = 0.12
"""Exponent by which low rungs get more false alarms: a nat costs them a larger part of their delay."""
OVERSHOOT = 1.166
"""Twice Siegmund's constant for the mean overshoot of a Gaussian random walk over a barrier."""


@dataclass(frozen=True)
class Ladder:
    """Rungs of some rows: both of shape (RUNGS, rows)."""

    information: Reals
    """Nats a tick, under the alternative."""
    handicap: Reals
    """What is added to a rung's CUSUM to make its score."""


def ladder(least: Reals, level: float) -> Ladder:
    """Build the ladder of each row; `least` is the information of the smallest change of interest."""
    lowest = within(least, level / SLOWEST, NARROWEST * level)
    log_lowest = np.log(lowest)
    log_step = (math.log(FASTEST * level) - log_lowest) * (1.0 / (RUNGS - 1))
    rungs = np.arange(RUNGS, dtype=lowest.dtype)[:, None]
    information = np.exp(rungs * log_step + log_lowest)
    shares = np.exp((-LOW_RUNGS_FIRST * rungs) * log_step).sum(axis=0)
    handicap = np.sqrt((2.0 * OVERSHOOT**2) * information)
    handicap -= rungs * ((1.0 + LOW_RUNGS_FIRST) * log_step)
    handicap -= log_lowest + np.log(shares)
    return Ladder(information, handicap)
