"""Intervals that stay valid however often one looks at them, and at whatever moment one stops."""

import math

RHO = 0.003
"""Intra-class correlation of outcomes in an increment; a tally does not carry its own."""
TUNED_TO_SD = 0.03
"""Standard deviation of an estimate at which the interval is about as narrow as it can be."""
_RATIO = 6.6
"""Information over mixture at which the boundary is narrowest for alpha = 0.1 (ibid., section 3.5)."""


def reach(sd: float, alpha: float, tuned_to_sd: float = TUNED_TO_SD) -> float:
    """Give half the width of a two-sided confidence sequence around an asymptotically normal estimate.

    Over all looks together the true value is ever outside with a chance of at most `alpha`. The boundary is
    Robbins' normal mixture (Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform, nonparametric,
    nonasymptotic confidence sequences", equation 14) for the information 1 / sd^2 gathered so far; that it
    holds for means of anything with a variance is Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024
    ("Time-uniform central limit theory and asymptotic confidence sequences"). The price against a normal
    interval for one look is a factor of about 1.7.

    >>> round(reach(0.03, 0.1) / 0.03, 2)
    2.76
    """
    information = 1.0 / sd**2
    mixed = 1.0 / tuned_to_sd**2 / _RATIO
    whole = information + mixed
    return math.sqrt(whole * math.log(whole / (mixed * alpha**2))) / information
