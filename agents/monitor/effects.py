"""Rates that a cell should have, judged by the wider segments it belongs to."""

import numpy as np

from agents.monitor.grow import Reals
from agents.monitor.streams import Rows
from payments.quantity import Floats

SWEEPS = 2
PRIOR_COUNT = 15.0
"""Counts by which each correction is drawn towards none."""
HIGHEST_RATE = 0.98


def fitted_rates(hits: Reals, trials: Reals, above: Rows) -> Floats:
    """Fit one rate per cell and kind so that each segment above the cells gets the hits it had.

    Iterative proportional fitting (Deming and Stephan 1940) of a product of effects; `hits` and `trials` have
    shape (cells, kinds), `above` (combinations, cells): the number of each cell's segment, from 0 on.
    Corrections by segments with few hits are drawn towards none.
    """
    kinds = [_fitted(had, tried, above) for had, tried in zip(hits.T, trials.T, strict=True)]
    return np.stack(kinds, axis=1) if kinds else np.zeros(hits.shape)


def _fitted(hits: Reals, trials: Reals, above: Rows) -> Floats:
    """Fit one kind: shape (cells,)."""
    whole = (hits.sum() + 0.5) / (trials.sum() + 1.0)
    rates: Floats = np.full(len(hits), min(float(whole), HIGHEST_RATE))
    hits, trials = hits.astype(np.float64), trials.astype(np.float64)
    had = [np.bincount(numbers, hits) + PRIOR_COUNT for numbers in above]
    tried = np.empty_like(rates)
    for _ in range(SWEEPS):
        for numbers, seen in zip(above, had, strict=True):
            given = np.bincount(numbers, np.multiply(trials, rates, out=tried)) + PRIOR_COUNT
            rates *= (seen / given).take(numbers)
            np.minimum(rates, HIGHEST_RATE, out=rates)
    return rates
