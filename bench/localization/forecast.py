"""What earlier minutes lead one to expect of a ratio such as stalled views among all views."""

import numpy as np

from bench.localization.method import Codes, Floats

_PRIOR_LEAF = 50.0
_PRIOR_VALUE = 200.0
"""Events that a leaf (a value) has to have before its own history counts as much as what stands above it."""
_TINY_RATE = 1e-4
_LEAST_VARIANCE = 1.0
"""Below, the chi-square of a leaf in a minute is no chi-square."""
_MAIN_EFFECT = 0.5
"""Power on each attribute's effect, since attributes overlap and would count twice."""


def expected_bad(leaves: Codes, past_bad: Floats, past_total: Floats, total: Floats) -> Floats:
    """Give the bad events to expect of each leaf: the totals at a rate shrunk from all to value to leaf.

    Only the quieter half of the minutes counts, because an incident has often begun before it is labelled.
    """
    quiet = quiet_minutes(past_bad, past_total)
    bad, seen = past_bad[quiet].sum(axis=0), past_total[quiet].sum(axis=0)
    overall = max(float(bad.sum()) / max(float(seen.sum()), 1.0), _TINY_RATE)
    effect = np.zeros(len(leaves))
    for column in leaves.T:
        value_bad, value_seen = np.bincount(column, bad), np.bincount(column, seen)
        rate = (value_bad + _PRIOR_VALUE * overall) / (value_seen + _PRIOR_VALUE)
        effect += np.log(np.maximum(rate, _TINY_RATE) / overall)[column]
    above = np.clip(overall * np.exp(_MAIN_EFFECT * effect), _TINY_RATE, 0.9)
    return np.asarray(total * (bad + _PRIOR_LEAF * above) / (seen + _PRIOR_LEAF), dtype=np.float64)


def quiet_minutes(past_bad: Floats, past_total: Floats) -> Floats:
    """Mark the minutes whose overall rate is not above the median: bool, shape (minutes,)."""
    rate = past_bad.sum(axis=1) / np.maximum(past_total.sum(axis=1), 1.0)
    return np.asarray(rate <= np.median(rate)) if len(rate) else np.zeros(0, dtype=np.bool_)


def overdispersion(past_bad: Floats, past_total: Floats) -> float:
    """Estimate the factor on the binomial variance from the quieter minutes; at least 1.

    Pearson's chi-square over its degrees of freedom, with each leaf's own rate.
    """
    quiet = quiet_minutes(past_bad, past_total)
    bad, seen = past_bad[quiet], past_total[quiet]
    rate = bad.sum(axis=0) / np.maximum(seen.sum(axis=0), 1.0)
    variance = seen * rate * (1.0 - rate)
    known = variance >= _LEAST_VARIANCE
    freedom = int(known.sum()) - int(known.any(axis=0).sum())
    if freedom <= 0:
        return 1.0
    square = ((bad - seen * rate)[known] ** 2 / variance[known]).sum()
    return max(1.0, float(square) / freedom)
