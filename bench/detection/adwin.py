"""River's ADWIN (Bifet and Gavalda 2007), set to the run length of the others.

Its bound takes values between zero and one for granted, which makes it blind to small changes of small
shares. So it sees failures in units of a tenth of their standard deviation, and its confidence is searched
for. Right after an alarm it knows nothing and would find no change at all; its slowest state is taken to be
the one a hundredth of the run length later.
"""

import math
from dataclasses import dataclass
from typing import Protocol, Self, cast

import numpy as np
from river.drift import ADWIN

from bench.detection.cells import RUN_LENGTH, SUCCESS_BEFORE, Traffic

MOST_CONFIDENCE, LEAST_CONFIDENCE = 0.99, 1e-4
UNITS_PER_SD = 10.0
SLOW_TICKS, WARM_TICKS = round(RUN_LENGTH / 100.0), 1000
"""Since its last alarm, or since it began: in its slowest state and after quiet traffic."""
RUNS = 2000
QUIET_TICKS = 4_000_000
HALVINGS = 12
LONGEST_LIMIT = 60.0
"""Ticks: slower cells take river too long."""
PATIENCE = 60


class Adwin(Protocol):
    """What is used of river, which is not typed."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last update found a change."""

    def update(self, x: float) -> None:
        """Take in one value."""


@dataclass(frozen=True)
class CalibratedAdwin:
    """ADWIN at a confidence, with the mean ticks between its false alarms measured on other draws."""

    traffic: Traffic
    confidence: float
    run_length: float

    @classmethod
    def of(cls, traffic: Traffic, rng: np.random.Generator) -> Self:
        """Find the confidence by halving, on the same draws throughout."""
        low, high = math.log(LEAST_CONFIDENCE), math.log(MOST_CONFIDENCE)
        values = _values(traffic, 1.0 - SUCCESS_BEFORE, QUIET_TICKS, rng)
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            low, high = (
                (low, middle) if _run_length(values, math.exp(middle)) < RUN_LENGTH else (middle, high)
            )
        confidence = math.exp((low + high) / 2.0)
        fresh = _values(traffic, 1.0 - SUCCESS_BEFORE, QUIET_TICKS, rng)
        return cls(traffic, confidence, _run_length(fresh, confidence))

    def delay(self, after: float, extent: tuple[int, float], rng: np.random.Generator) -> tuple[float, float]:
        """Give the mean delay and its standard error; `extent` is the quiet ticks before, and the limit."""
        quiet, limit = extent
        longest = int(PATIENCE * limit) + 200
        delays = np.array([self._one(after, (quiet, longest), rng) for _ in range(RUNS)])
        return float(delays.mean()), float(delays.std()) / math.sqrt(RUNS)

    def _one(self, after: float, ticks: tuple[int, int], rng: np.random.Generator) -> float:
        quiet, longest = ticks
        detector = _new(self.confidence)
        for value in _values(self.traffic, 1.0 - SUCCESS_BEFORE, quiet, rng):
            detector.update(value)
        for tick, value in enumerate(_values(self.traffic, after, longest, rng), start=1):
            detector.update(value)
            if detector.drift_detected:
                return float(tick)
        return float(longest)


def _run_length(values: list[float], confidence: float) -> float:
    detector, alarms = _new(confidence), 0
    for value in values:
        detector.update(value)
        if detector.drift_detected:
            alarms, detector = alarms + 1, _new(confidence)
    return len(values) / max(alarms, 1)


def _values(traffic: Traffic, share: float, ticks: int, rng: np.random.Generator) -> list[float]:
    mean = traffic.attempts * (1.0 - SUCCESS_BEFORE)
    sd = math.sqrt(mean * SUCCESS_BEFORE)
    scaled: list[float] = ((traffic.draw(rng, share, ticks) - mean) * (UNITS_PER_SD / sd)).tolist()
    return scaled


def _new(confidence: float) -> Adwin:
    return cast("Adwin", ADWIN(delta=confidence, clock=1))  # type: ignore[no-untyped-call]  # river has no types
