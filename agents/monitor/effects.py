"""Rates that a cell should have, judged by the wider segments it belongs to."""

from collections.abc import Sequence

import numpy as np

from agents.monitor.grow import Reals
from agents.monitor.partition import Partition
from payments.quantity import Floats

SWEEPS = 2
PRIOR_COUNT = 15.0
"""Counts by which each correction is drawn towards none."""
HIGHEST_RATE = 0.98


def fitted_rates(hits: Reals, trials: Reals, above: Sequence[Partition]) -> Floats:
    """Fit one rate per cell and kind so that each segment above the cells gets the hits it had.

    Iterative proportional fitting (Deming and Stephan 1940) of a product of effects; `hits` and `trials` have
    shape (cells, kinds), `above` parts the cells into wider segments, in one way after the other. Corrections
    by segments with few hits are drawn towards none.
    """
    kinds = [_fitted(had, tried, above) for had, tried in zip(hits.T, trials.T, strict=True)]
    return np.stack(kinds, axis=1) if kinds else np.zeros(hits.shape)


def _fitted(hits: Reals, trials: Reals, above: Sequence[Partition]) -> Floats:
    """Fit one kind: shape (cells,)."""
    whole = (hits.sum() + 0.5) / (trials.sum() + 1.0)
    rates: Floats = np.full(len(hits), min(float(whole), HIGHEST_RATE))
    counted, of = hits.astype(np.float64), trials.astype(np.float64)
    had = [parted.sums(counted) + PRIOR_COUNT for parted in above]
    tried = np.empty_like(rates)
    for _ in range(SWEEPS):
        for parted, seen in zip(above, had, strict=True):
            given = parted.sums(np.multiply(of, rates, out=tried)) + PRIOR_COUNT
            rates *= (seen / given).take(parted.group)
            np.minimum(rates, HIGHEST_RATE, out=rates)
    return rates
