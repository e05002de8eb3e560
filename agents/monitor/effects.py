"""Rates that a cell should have, judged by the wider segments it belongs to."""

import numpy as np
import numpy.typing as npt

from agents.monitor.streams import Rows
from payments.incident import Floats

SWEEPS = 2
PRIOR_COUNT = 5.0
"""Counts by which each correction is drawn towards none."""
HIGHEST_RATE = 0.98


def fitted_rates(hits: Floats, trials: Floats, member: Rows, streams: int) -> Floats:
    """Fit one rate per cell and kind so that each watched segment gets the hits it had.

    Iterative proportional fitting (Deming and Stephan 1940) of a product of effects; `hits` and `trials` have
    shape (cells, kinds). Corrections by segments with few hits are drawn towards none.
    """
    kinds = hits.shape[1]
    whole = (hits.sum(axis=0) + 0.5) / (trials.sum(axis=0) + 1.0)
    rates: Floats = np.minimum(np.tile(whole, (len(hits), 1)), HIGHEST_RATE)
    for _ in range(SWEEPS):
        for column in range(1, member.shape[1]):
            places = member[:, column, None] * kinds + np.arange(kinds)
            had = _by_segment(places, hits, streams * kinds)
            given = _by_segment(places, trials * rates, streams * kinds)
            factor = (had + PRIOR_COUNT) / (given + PRIOR_COUNT)
            rates = np.minimum(rates * factor[places], HIGHEST_RATE)
    return rates


def _by_segment(places: npt.NDArray[np.intp], values: Floats, size: int) -> Floats:
    return np.bincount(places.ravel(), values.ravel(), size).astype(np.float64, copy=False)
