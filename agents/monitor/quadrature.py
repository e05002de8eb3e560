"""Beta-binomial log likelihood ratios of many rows and rungs, in single precision and with few logarithms.

With `s = rho / (1 - rho)` the chance of f failures among n is, up to a factor without the share q, the
product of `q + i s` (i < f) and `1 - q + i s` (i < n - f). A sum of n logarithms over equal steps is n times
their mean at the four nodes of Chebyshev's quadrature for the discrete uniform distribution: exact for one,
two and four terms, and for polynomials up to the fifth degree. With equal weights the four logarithms are one
of a product.
"""

import numpy as np

from agents.monitor.grow import Reals
from agents.monitor.streams import Flags

WIDEST = 2.0
"""Expected steps beyond the first relative to the share, up to which quadrature is good to a thousandth."""
COARSEST = 0.2
"""Largest step relative to the expected share of successes: the nodes must stay away from their end."""
MOST_TRIALS = 1e5
"""Above so many trials single precision costs more than a thousandth of a nat."""


def within_reach(trials: Reals, share: Reals, step: Reals) -> Flags:
    """Mark the rows that quadrature is good enough for; `step` is rho / (1 - rho)."""
    return (trials <= MOST_TRIALS) & (trials * step <= WIDEST) & (step <= COARSEST * (1.0 - share))


def log_ratios(counts: Reals, trials: Reals, share: Reals, shifts: Reals, step: Reals) -> Reals:
    """Give log P(counts; share + shift) - log P(counts; share) for shifts of shape (rungs, rows).

    Shifts are not negative. The first failure is taken by itself: where the share is small, nothing else is
    like it.
    """
    ratios = np.log1p(shifts * (1.0 / share))
    ratios *= np.minimum(counts, 1.0)
    ratios += _sum_of_logs(share + step, shifts, np.maximum(counts - 1.0, 0.0), step)
    ratios += _sum_of_logs(1.0 - share, -shifts, trials - counts, step)
    return ratios


def _sum_of_logs(start: Reals, shifts: Reals, terms: Reals, step: Reals) -> Reals:
    """Give the sum of log((start + shift + i step) / (start + i step)) over i < terms."""
    if not terms.any():
        return np.zeros_like(shifts)
    some = np.maximum(terms, 1.0)
    half = 0.5 * (some - 1.0)
    less_one = some * some - 1.0
    mean = less_one * (1.0 / 12.0)
    spread = np.sqrt(np.maximum(less_one * (less_one - 3.0), 0.0) * (1.0 / 180.0))
    centre = start + half * step
    squared, step_squared = centre * centre, step * step
    outer = 1.0 / (squared - np.minimum(mean + spread, half * half) * step_squared)
    inner = 1.0 / (squared - np.maximum(mean - spread, 0.0) * step_squared)
    moved = shifts + 2.0 * centre
    moved *= shifts
    product = moved * (outer * inner)
    product += outer + inner
    product *= moved
    np.log1p(product, out=product)
    product *= 0.25 * terms
    return product
