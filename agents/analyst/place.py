"""Where the change lies: the quantity in excess, the culprit, and whether everything else is normal."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Literal

import numpy as np

from agents.analyst.channels import Channel, Kind, channels, drifting_codes
from agents.analyst.cube import Columns, Cube, Floats, Mask
from agents.analyst.naming import NamedCube
from agents.analyst.search import explain
from agents.analyst.settings import AnalystSettings
from agents.analyst.survey import Candidate, Survey, mask_of
from payments.evidence import Evidence
from payments.segment import Segment

Scanned = tuple[Survey[Channel], Candidate]
"""A quantity with its best description."""
Lead = Kind | Literal["none"]

# A failing path also makes payments pend, repeat and wait, so failures explain those and not the reverse.
_PREFERENCE: dict[Kind, float] = {
    "failures": 1.0, "technical": 1.0, "pending": 0.6, "repeats": 0.6, "slow": 0.3, "attempts": 0.25,
    "codes": 1.0,
}  # fmt: skip
_SAME_PAYMENTS = 0.9
_GAP_WEIGHT = 0.5
_CERTAIN = 50.0
_RANKED = 60


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
    segments: tuple[Segment, ...] = ()
    """All culprits, the strongest first; the first is `culprit`."""


def locate(evidence: Evidence, settings: AnalystSettings) -> Place:
    """Find the culprit; all payments and the lead `none` when nothing is in excess."""
    named = NamedCube(evidence.cells, settings.max_attributes)
    if not len(evidence.cells):
        return _nowhere(evidence, ())
    found = [_scan(named, channel) for channel in channels(evidence, settings)]
    drift = [_scan(named, channel) for channel in drifting_codes(evidence, settings.min_score)]
    leading = _leading(found, settings) or _leading(drift, settings)
    if leading is None:
        return _nowhere(evidence, found)
    return _judge(named, leading[0], evidence, settings)


def _scan(named: NamedCube, channel: Channel) -> Scanned:
    survey = Survey.of(named.cube, channel)
    return survey, survey.ranked(1)[0]


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


def _nowhere(evidence: Evidence, found: Sequence[Scanned]) -> Place:
    """All payments; the less probable that nothing is wrong, the nearer the best description came."""
    everything = np.ones(len(evidence.cells), dtype=np.bool_)
    nearest = max((_PREFERENCE[survey.measure.kind] * best.score for survey, best in found), default=0.0)
    chance = 1.0 / (1.0 + exp(min(max(nearest, -_CERTAIN), _CERTAIN)))
    return Place("none", everything, (), Segment({}), chance, 0.0, 0.0)


def _leading(found: Sequence[Scanned], settings: AnalystSettings) -> Scanned | None:
    strong = [(survey, best) for survey, best in found if _significant(survey, best, settings)]
    return max(strong, key=lambda pair: _PREFERENCE[pair[0].measure.kind] * pair[1].score, default=None)


def _significant(survey: Survey[Channel], candidate: Candidate, settings: AnalystSettings) -> bool:
    mask = mask_of(survey.cube, candidate.element)
    return candidate.score >= settings.min_score and matters(survey.measure, mask, settings)


def _judge(
    named: NamedCube,
    survey: Survey[Channel],
    evidence: Evidence,
    settings: AnalystSettings,
) -> Place:
    channel, ranked = survey.measure, survey.ranked(_RANKED)
    culprits = [c for c in explain(survey) if _significant(survey, c, settings)] or ranked[:1]
    masks = [mask_of(named.cube, culprit.element) for culprit in culprits]
    weights = evidence.attempts + evidence.expected_attempts
    segments = tuple(named.closed(mask, weights) for mask in masks)
    share, z = _complement(channel, masks[0], masks[1] if len(masks) > 1 else None, settings)
    return Place(
        lead=channel.kind,
        mask=masks[0],
        minimal=tuple(evidence.cells.attributes[c] for c in culprits[0].element.columns),
        culprit=segments[0],
        probability=_against_others(named.cube, ranked, masks[0], weights),
        share=share,
        complement_z=z,
        second=segments[1] if len(segments) > 1 else None,
        segments=segments,
    )


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


def _against_others(cube: Cube, ranked: list[Candidate], mask: Mask, weights: Floats) -> float:
    """Weigh the best description against the best one of every combination that means other payments.

    Parts of a culprit that was widened have been judged to be parts, so they are no rivals.
    """
    best, rivals = ranked[0].score, dict[Columns, float]()
    climbed = not np.array_equal(mask_of(cube, ranked[0].element), mask)
    for candidate in ranked:
        other = mask_of(cube, candidate.element)
        inside = climbed and not (other & ~mask).any()
        if not inside and _overlap(other, mask, weights) < _SAME_PAYMENTS:
            rivals.setdefault(candidate.element.columns, candidate.score)
    return 1.0 / (1.0 + sum(exp(_GAP_WEIGHT * min(score - best, 0.0)) for score in rivals.values()))


def _overlap(one: Mask, other: Mask, weights: Floats) -> float:
    both, either = float(weights[one & other].sum()), float(weights[one | other].sum())
    return both / either if either > 0.0 else 1.0
