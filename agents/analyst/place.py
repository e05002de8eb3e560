"""Where the change lies: the quantity in excess, the culprit, and whether everything else is normal."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Literal

import numpy as np

from agents.analyst.channels import Channel, Floats, Kind, Mask, channels, drifting_codes
from agents.analyst.lattice import Lattice
from agents.analyst.scan import Candidate, scan
from agents.analyst.settings import AnalystSettings
from payments.incident import Evidence
from payments.segment import Segment

Scanned = tuple[Channel, list[Candidate]]
Lead = Kind | Literal["none"]

# A failing path also makes payments pend and repeat, so failures explain those and not the reverse.
_PREFERENCE: dict[Kind, float] = {
    "failures": 1.0, "technical": 1.0, "pending": 0.6, "repeats": 0.6, "attempts": 0.25, "codes": 1.0,
}  # fmt: skip
_SAME_PAYMENTS = 0.8
_GAP_WEIGHT = 0.5
_CERTAIN = 50.0


@dataclass(frozen=True)
class Place:
    """The culprit as a set of cells, with what the complement test says."""

    lead: Lead
    mask: Mask
    minimal: tuple[str, ...]
    """Attributes that suffice to single the culprit out; its role is judged on these."""
    culprit: Segment
    """Closed description: also names what is implied."""
    probability: float
    """Of this culprit against the other descriptions that the counts allow."""
    share: float
    """Share of all excess of the leading quantity that lies in the culprit."""
    complement_z: float
    second: Segment | None = None
    """Another culprit that remains when the first one is taken away."""


def locate(evidence: Evidence, settings: AnalystSettings) -> Place:
    """Find the culprit; all payments and the lead `none` when nothing is in excess."""
    lattice = Lattice(evidence.cells, settings.max_attributes)
    if not len(evidence.cells):
        return _nowhere(lattice, ())
    found = [(channel, scan(lattice, channel)) for channel in channels(evidence, settings)]
    drift = [(channel, scan(lattice, channel)) for channel in drifting_codes(evidence, settings.min_score)]
    leading = _leading(found, settings) or _leading(drift, settings)
    if leading is None:
        return _nowhere(lattice, found)
    return _judge(lattice, *leading, evidence, settings)


def matters(channel: Channel, mask: Mask, settings: AnalystSettings) -> bool:
    """Say whether an excess is large enough to matter and cannot be the baseline's own error."""
    observed, expected, variance = channel.sums(mask)
    excess, trials = observed - expected, float(channel.trials[mask].sum())
    sigma = sqrt(variance + (_error(channel, settings) * expected) ** 2)
    lifted = observed >= settings.min_lift * expected
    visible = not np.isfinite(trials) or excess >= settings.min_excess_rate * trials
    return excess > settings.complement_z * sigma and lifted and visible


def _error(channel: Channel, settings: AnalystSettings) -> float:
    return settings.volume_error if channel.kind == "attempts" else settings.baseline_error


def _nowhere(lattice: Lattice, found: Sequence[Scanned]) -> Place:
    """All payments; the less probable that nothing is wrong, the nearer the best description came."""
    everything = np.ones(len(lattice.cells), dtype=np.bool_)
    nearest = max((_PREFERENCE[channel.kind] * _best(ranked) for channel, ranked in found), default=0.0)
    chance = 1.0 / (1.0 + exp(min(nearest, _CERTAIN)))
    return Place("none", everything, (), Segment({}), chance, 0.0, 0.0)


def _best(ranked: list[Candidate]) -> float:
    return ranked[0].score if ranked else -_CERTAIN


def _leading(found: Sequence[Scanned], settings: AnalystSettings) -> Scanned | None:
    strong = [pair for pair in found if pair[1] and _significant(*pair, settings)]
    return max(strong, key=lambda pair: _PREFERENCE[pair[0].kind] * pair[1][0].score, default=None)


def _significant(channel: Channel, ranked: list[Candidate], settings: AnalystSettings) -> bool:
    return ranked[0].score >= settings.min_score and matters(channel, ranked[0].mask, settings)


def _judge(
    lattice: Lattice,
    channel: Channel,
    ranked: list[Candidate],
    evidence: Evidence,
    settings: AnalystSettings,
) -> Place:
    columns, mask = _climb(lattice, channel, ranked[0], settings)
    weights = evidence.attempts + evidence.expected_attempts
    second = _second(lattice, channel.without(mask), settings)
    share, z = _complement(channel, mask, second, settings)
    return Place(
        lead=channel.kind,
        mask=mask,
        minimal=tuple(lattice.cells.attributes[c] for c in columns),
        culprit=lattice.closed(mask, weights),
        probability=_against_others(ranked, mask, weights),
        share=share,
        complement_z=z,
        second=None if second is None else lattice.closed(second, weights),
    )


def _climb(
    lattice: Lattice, channel: Channel, best: Candidate, settings: AnalystSettings
) -> tuple[tuple[int, ...], Mask]:
    """Leave an attribute open when most other values of it fail alike."""
    columns, mask = best.cuboid.columns, best.mask
    row = int(np.argmax(mask))
    for column in best.cuboid.columns:
        wider = tuple(c for c in columns if c != column)
        around = lattice.covered(wider, row)
        if _siblings_alike(lattice, channel, around & ~mask, mask, column) >= settings.climb_share:
            columns, mask = wider, around
    return columns, mask


def _siblings_alike(lattice: Lattice, channel: Channel, rest: Mask, mask: Mask, column: int) -> float:
    """Give the share of the siblings' expected count that shows at least a third of the culprit's lift."""
    observed, expected, _ = channel.sums(mask)
    if not rest.any() or expected <= 0.0:
        return 0.0
    values = lattice.values[column][rest]
    seen = np.bincount(values, weights=channel.observed[rest])
    due = np.bincount(values, weights=channel.expected[rest])
    noise = np.sqrt(np.bincount(values, weights=channel.variance[rest]))
    third = 1.0 + (observed / expected - 1.0) / 3.0
    alike = (seen >= third * due) & (seen - due > 2.0 * noise)
    return float(due[alike].sum() / max(due.sum(), 1e-9))


def _second(lattice: Lattice, rest: Channel, settings: AnalystSettings) -> Mask | None:
    ranked = scan(lattice, rest)
    if not ranked or not _significant(rest, ranked, settings):
        return None
    return ranked[0].mask


def _complement(
    channel: Channel, mask: Mask, second: Mask | None, settings: AnalystSettings
) -> tuple[float, float]:
    observed, expected, _ = channel.sums(mask)
    seen, due, variance = channel.sums(~mask)
    sigma = sqrt(variance + (_error(channel, settings) * due) ** 2)
    outside = max(seen - due, 0.0)
    if second is not None:
        other = channel.sums(second & ~mask)
        outside = max(outside, other[0] - other[1])
    inside = max(observed - expected, 0.0)
    share = inside / (inside + outside) if inside > 0.0 else 0.0
    return share, (seen - due) / sigma if sigma > 0.0 else 0.0


def _against_others(ranked: list[Candidate], mask: Mask, weights: Floats) -> float:
    """Weigh the best description against the best one of every combination that means other payments.

    Parts of a culprit that was widened have been judged to be parts, so they are no rivals.
    """
    climbed = not np.array_equal(ranked[0].mask, mask)
    best, rivals = ranked[0].score, dict[tuple[int, ...], float]()
    for candidate in ranked:
        inside = climbed and not (candidate.mask & ~mask).any()
        if not inside and _overlap(candidate.mask, mask, weights) < _SAME_PAYMENTS:
            rivals.setdefault(candidate.cuboid.columns, candidate.score)
    return 1.0 / (1.0 + sum(exp(_GAP_WEIGHT * min(score - best, 0.0)) for score in rivals.values()))


def _overlap(one: Mask, other: Mask, weights: Floats) -> float:
    both, either = float(weights[one & other].sum()), float(weights[one | other].sum())
    return both / either if either > 0.0 else 1.0
