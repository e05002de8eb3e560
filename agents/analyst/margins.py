"""How far a culprit is from the next narrower and the next wider description, in nats."""

from dataclasses import dataclass

import numpy as np

from agents.analyst.channels import Channel, channels, drifting_codes
from agents.analyst.cube import Codes, Floats, Mask
from agents.analyst.measure import excess_llr
from agents.analyst.naming import NamedCube
from agents.analyst.place import Place
from agents.analyst.settings import AnalystSettings
from payments.evidence import Evidence

_SAME_PAYMENTS = 0.9
_MOST = 50.0
"""Nats beyond which a description is out of the question."""
_PARTLY = 0.5
"""Part of the culprit's excess rate that its surroundings would have at least, were they struck too."""
_TINY = 1e-9


@dataclass(frozen=True)
class Margins:
    """Log likelihood ratios against the nearest other descriptions, at most 50."""

    narrower: float
    """That even what one value more would leave out is struck."""
    wider: float
    """That what one value less would take in is not struck; negative when it seems to be."""


def margins(evidence: Evidence, place: Place, settings: AnalystSettings) -> Margins:
    """Weigh a culprit against its neighbours; 0 for both when nothing is in excess."""
    channel = _leading(evidence, place, settings)
    if channel is None:
        return Margins(0.0, 0.0)
    named = NamedCube(evidence.cells, settings.max_attributes)
    weights = evidence.attempts + evidence.expected_attempts
    columns = [evidence.cells.attributes.index(name) for name in place.minimal]
    return Margins(
        narrower=_narrower(channel, place.mask, named.cube.codes, weights),
        wider=_wider(channel, place.mask, named.cube.codes[:, columns], weights),
    )


def _leading(evidence: Evidence, place: Place, settings: AnalystSettings) -> Channel | None:
    if place.lead == "none":
        return None
    if place.lead == "codes":
        return next(iter(drifting_codes(evidence, settings.min_score)), None)
    return next(channel for channel in channels(evidence, settings) if channel.kind == place.lead)


def _narrower(channel: Channel, mask: Mask, codes: Codes, weights: Floats) -> float:
    """Give the evidence that the least struck rest is struck, over all values of all attributes."""
    rows, found = np.flatnonzero(mask), [_MOST]
    columns, inside = channel.columns[:, rows], weights[rows]
    for values in codes[rows].T:
        held = np.bincount(values, inside)
        other = (held > 0.0) & (held < _SAME_PAYMENTS * inside.sum())
        apart = [columns[:, values != value].sum(axis=1) for value in np.flatnonzero(other)]
        found.extend(map(_llr, apart))
    return min(found)


def _llr(sums: Floats) -> float:
    observed, expected, trials, pure, variance = sums[:, None]
    return float(excess_llr(observed, expected, trials)[0] / max(1.0, variance[0] / max(pure[0], _TINY)))


def _wider(channel: Channel, mask: Mask, minimal: Codes, weights: Floats) -> float:
    """Give the evidence that the surroundings are not struck, over all attributes that describe it."""
    alike = minimal == minimal[int(np.argmax(mask))]
    found = [_MOST]
    for column in range(minimal.shape[1]):
        around = np.delete(alike, column, axis=1).all(axis=1) & ~mask
        if weights[around].sum() > (1.0 - _SAME_PAYMENTS) * weights[around | mask].sum():
            found.append(_spared(channel, mask, around))
    return min(found)


def _spared(channel: Channel, mask: Mask, around: Mask) -> float:
    observed, expected, variance = channel.sums(around)
    struck = expected * (1.0 + _PARTLY * _lift(channel, mask))
    trials, pure = float(channel.trials[around].sum()), float(channel.pure_variance[around].sum())
    if np.isfinite(trials):
        struck = min(struck, expected + _PARTLY * (trials - expected))
        misses = (trials - observed) * np.log((trials - expected + _TINY) / (trials - struck + _TINY))
    else:
        misses = struck - expected
    hits = observed * np.log((expected + _TINY) / (struck + _TINY))
    return float((hits + misses) / max(1.0, variance / max(pure, _TINY)))


def _lift(channel: Channel, mask: Mask) -> float:
    observed, expected, _ = channel.sums(mask)
    return max(0.0, observed - expected) / max(expected, _TINY)
