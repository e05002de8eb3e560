"""The analyst's search on published root-cause sets: one setting for all of them."""

import numpy as np

from agents.analyst.additive import explain_amounts
from agents.analyst.amounts import Amounts
from agents.analyst.cube import Cube, depth_for
from agents.analyst.measure import Events
from agents.analyst.search import explain
from agents.analyst.survey import Candidate, Survey
from bench.localization.forecast import overdispersion
from bench.localization.method import Causes, Floats, Instance

_LOOKED_AT = 60
_DIGITS = 6  # sums that differ by less come from the order of summation


def payops(instance: Instance, most: int) -> list[Causes]:
    """Rank answers: all culprits together, the strongest one alone, then single elements by their score.

    Once something is named, the next best are given even when they alone would not stand out.
    """
    cube = Cube(instance.leaves, tuple(map(len, instance.values)), depth_for(len(instance.attributes)))
    culprits, survey = _explained(cube, instance)
    if not culprits:
        return []
    groups = [culprits, culprits[:1], *([candidate] for candidate in _distinct(survey))]
    return list(dict.fromkeys(_causes(instance, group) for group in groups))[:most]


def _distinct(survey: Survey[Amounts] | Survey[Events]) -> list[Candidate]:
    """Rank elements; of those that mean the same cells only the shortest, for the others say nothing new."""
    shortest: dict[tuple[float, float], Candidate] = {}
    for candidate in sorted(survey.ranked(_LOOKED_AT), key=lambda c: len(c.element.columns)):
        if candidate.element.columns:
            same = (survey.cells(candidate.element), round(candidate.excess, _DIGITS))
            shortest.setdefault(same, candidate)
    return sorted(shortest.values(), key=lambda c: -c.score)


def _explained(cube: Cube, instance: Instance) -> tuple[list[Candidate], Survey[Amounts] | Survey[Events]]:
    if instance.total is None:
        return explain_amounts(cube, instance.real, instance.expected)
    events = _events(instance, instance.total)
    surveys = [Survey.of(cube, measure) for measure in (events, events.mirrored())]
    found = [(explain(survey), survey) for survey in surveys]
    return max(found, key=lambda pair: sum(c.score for c in pair[0]))


def _events(instance: Instance, total: Floats) -> Events:
    expected = np.minimum(instance.expected, total)
    pure = expected * (1.0 - expected / np.maximum(total, 1.0))
    factor = 1.0
    if instance.past_bad is not None and instance.past_total is not None:
        factor = overdispersion(instance.past_bad, instance.past_total)
    return Events(instance.real, expected, total, pure, factor * pure)


def _causes(instance: Instance, found: list[Candidate]) -> Causes:
    return frozenset(
        instance.segment(tuple(zip(c.element.columns, c.element.values, strict=True))) for c in found
    )
