"""Rates that a cell should have, judged by the wider segments it belongs to."""

import numpy as np
import numpy.typing as npt

from agents.monitor.grow import Reals
from agents.monitor.streams import Rows
from payments.incident import Floats

SWEEPS = 2
PRIOR_COUNT = 15.0
"""Counts by which each correction is drawn towards none."""
HIGHEST_RATE = 0.98


def fitted_rates(hits: Reals, trials: Reals, above: Rows, streams: int) -> Floats:
    """Fit one rate per cell and kind so that each segment above the cells gets the hits it had.

    Iterative proportional fitting (Deming and Stephan 1940) of a product of effects; `hits` and `trials` have
    shape (cells, kinds), `above` (segments of a cell, cells). Corrections by segments with few hits are drawn
    towards none.
    """
    kinds = hits.shape[1]
    whole = (hits.sum(axis=0) + 0.5) / (trials.sum(axis=0) + 1.0)
    rates: Floats = np.minimum(np.tile(whole.astype(np.float64), (len(hits), 1)), HIGHEST_RATE)
    places = [segments[:, None] * kinds + np.arange(kinds) for segments in above]
    had = [_by_segment(place, hits, streams * kinds) for place in places]
    for _ in range(SWEEPS):
        for place, seen in zip(places, had, strict=True):
            given = _by_segment(place, trials * rates, streams * kinds)
            factor = (seen + PRIOR_COUNT) / (given + PRIOR_COUNT)
            rates = np.minimum(rates * factor[place], HIGHEST_RATE)
    return rates


def _by_segment(places: npt.NDArray[np.intp], values: Reals, size: int) -> Floats:
    return np.bincount(places.ravel(), values.ravel(), size).astype(np.float64, copy=False)
