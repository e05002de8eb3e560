"""The quantities that may be in excess, each as observed against expected for every cell."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from agents.analyst.cube import Floats, Mask
from agents.analyst.measure import Events
from agents.analyst.settings import AnalystSettings
from payments.codes import look_up
from payments.evidence import Evidence

Kind = Literal["failures", "technical", "pending", "repeats", "slow", "attempts", "codes"]

_TINY = 1e-9


@dataclass(frozen=True)
class Channel(Events):
    """One quantity of the evidence."""

    kind: Kind

    def sums(self, mask: Mask) -> tuple[float, float, float]:
        """Give observed, expected and variance of the marked cells."""
        return (
            float(self.observed[mask].sum()),
            float(self.expected[mask].sum()),
            float(self.variance[mask].sum()),
        )


def channels(evidence: Evidence, settings: AnalystSettings) -> tuple[Channel, ...]:
    """Make every channel that the evidence has the columns for, failures first."""
    found = [_share(evidence, "failures", evidence.failures, evidence.expected_failures)]
    technical = np.array([look_up(code).technical for code in evidence.codes], dtype=np.bool_)
    found += _of_codes(evidence, "technical", technical)
    found.append(_share(evidence, "pending", evidence.pending, evidence.expected_pending))
    if evidence.repeats is not None and evidence.expected_repeats is not None:
        found.append(_share(evidence, "repeats", evidence.repeats, evidence.expected_repeats))
    if evidence.slow is not None and evidence.expected_slow is not None:
        found.append(_share(evidence, "slow", evidence.slow, evidence.expected_slow))
    found.append(_volume(evidence, settings))
    return tuple(found)


def drifting_codes(evidence: Evidence, z: float) -> tuple[Channel, ...]:
    """Make a channel of the codes that became more frequent over all; empty when none did."""
    if evidence.failures_by_code is None or evidence.expected_by_code is None:
        return ()
    observed, expected = evidence.failures_by_code.sum(axis=0), evidence.expected_by_code.sum(axis=0)
    noise = np.sqrt(np.maximum(expected, 1.0) * (1.0 + _per_tick(evidence).mean() * evidence.dispersion))
    return tuple(_of_codes(evidence, "codes", (observed - expected) > z * noise))


def _of_codes(evidence: Evidence, kind: Kind, chosen: Mask) -> list[Channel]:
    if evidence.failures_by_code is None or evidence.expected_by_code is None or not chosen.any():
        return []
    observed = evidence.failures_by_code[:, chosen].sum(axis=1)
    return [_share(evidence, kind, observed, evidence.expected_by_code[:, chosen].sum(axis=1))]


def _per_tick(evidence: Evidence) -> Floats:
    ticks = max(1.0, evidence.duration_s / evidence.tick_s)
    return np.asarray(evidence.attempts / ticks, dtype=np.float64)


def _share(evidence: Evidence, kind: Kind, observed: npt.NDArray[np.int64], expected: Floats) -> Channel:
    trials = evidence.attempts.astype(np.float64)
    bounded = np.clip(expected, 0.0, trials)
    pure = bounded * (1.0 - bounded / np.maximum(trials, _TINY))
    phi = 1.0 + np.maximum(_per_tick(evidence) - 1.0, 0.0) * evidence.dispersion
    return Channel(observed.astype(np.float64), bounded, trials, pure, pure * phi, kind)


def _volume(evidence: Evidence, settings: AnalystSettings) -> Channel:
    expected = evidence.expected_attempts
    ticks = max(1.0, evidence.duration_s / evidence.tick_s)
    variance = expected * (1.0 + settings.volume_error**2 * expected / ticks)
    unbounded = np.full(len(evidence.cells), np.inf)
    return Channel(
        evidence.attempts.astype(np.float64), expected, unbounded, expected, variance, kind="attempts"
    )
