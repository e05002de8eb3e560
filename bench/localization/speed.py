"""How long the search takes on a large dense cube."""

import time

import numpy as np

from agents.analyst.additive import explain_amounts
from agents.analyst.cube import Cube
from agents.analyst.measure import Events
from agents.analyst.search import explain
from agents.analyst.survey import Survey

_SIDE = 80
_REPEATS = 5


def measure_speed() -> dict[str, float]:
    """Give the median process milliseconds at 512,000 dense cells of three attributes."""
    codes = np.stack(np.unravel_index(np.arange(_SIDE**3), (_SIDE,) * 3), axis=1)
    rng = np.random.default_rng(1)
    culprit = (codes[:, 0] == 1) & (codes[:, 1] == 2)  # noqa: PLR2004 - any two values
    trials = rng.poisson(20.0, len(codes)).astype(np.float64)
    failures = rng.binomial(trials.astype(np.int64), np.where(culprit, 0.6, 0.1)).astype(np.float64)
    expected = 0.1 * trials
    pure = 0.9 * expected
    real = trials * np.where(culprit, 0.5, 1.0)
    forecast = trials * np.clip(rng.normal(1.0, 0.1, len(codes)), 0.1, None)

    def cube() -> Cube:
        return Cube(codes, (_SIDE,) * 3, 3)

    return {
        "cells": float(len(codes)),
        "events_ms": _median_ms(
            lambda: explain(Survey.of(cube(), Events(failures, expected, trials, pure, pure)))
        ),
        "amounts_ms": _median_ms(lambda: explain_amounts(cube(), real, forecast)),
    }


def _median_ms(work: object) -> float:
    assert callable(work)  # noqa: S101 - a lambda above
    times = []
    for _ in range(_REPEATS):
        start = time.process_time()
        work()
        times.append(1e3 * (time.process_time() - start))
    return float(np.median(times))
