"""A central estimate and its 90 % interval for what depends on an uncertain cause, effect and duration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from payments.plan import Interval

_DURATIONS, _EFFECTS = 41, 9
"""Equally likely values that stand for a whole distribution."""

Z90 = 1.645
"""Standard deviations on each side of a 90 % interval."""

_NORMAL = ndtri((np.arange(_EFFECTS) + 0.5) / _EFFECTS)


@dataclass(frozen=True)
class Part:
    """What would come out if one hypothesis were true, in payments."""

    probability: float
    won: float
    """Were the fault to last until the expiry."""
    deviation: float
    """Standard deviation of `won`, for it is not known exactly what is lost now."""
    cost: float
    """Due however long the fault lasts."""
    fee: float = 0.0
    """Due like the cost, but paid in money; here as payments."""
    spread: float = 0.0
    """Standard deviation of `won`, for it is not known exactly what the action brings."""


def lasting(expires_after_s: float, fault_lasts_s: float) -> npt.NDArray[np.float64]:
    """Give equally likely shares of the time to expiry in which a fault of exponential length still lasts."""
    levels = (np.arange(_DURATIONS) + 0.5) / _DURATIONS
    return np.minimum(1.0, -np.log1p(-levels) * fault_lasts_s / expires_after_s)


def mixture(parts: Sequence[Part], lasts: npt.NDArray[np.float64]) -> Interval:
    """Mix the parts by their probabilities; what is missing to 1 contributes nothing, for sure.

    >>> import numpy as np
    >>> mixture([Part(probability=1.0, won=100.0, deviation=0.0, cost=5.0)], np.ones(1))
    Interval(low=95.0, mean=95.0, high=95.0)
    """
    total = sum(part.probability for part in parts)
    whole = (*parts, Part(max(0.0, 1.0 - total), 0.0, 0.0, 0.0))
    values = np.stack([_values(part, lasts) for part in whole])
    share = np.array([part.probability for part in whole]) / max(total, 1.0)
    weights = np.repeat(share / values.shape[1], values.shape[1])
    mean = float(share @ values.mean(axis=1))
    low, high = _quantiles(values.ravel(), weights)
    # The mean of a skewed mixture may lie outside its own 90 % interval.
    return Interval(low=min(low, mean), mean=mean, high=max(high, mean))


def _values(part: Part, lasts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    effects = part.won + math.hypot(part.deviation, part.spread) * _NORMAL
    return (np.outer(lasts, effects) - part.cost - part.fee).ravel()


def _quantiles(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> tuple[float, float]:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    last = len(values) - 1
    low, high = (min(int(np.searchsorted(reached, level * reached[-1])), last) for level in (0.05, 0.95))
    return float(values[order[low]]), float(values[order[high]])
