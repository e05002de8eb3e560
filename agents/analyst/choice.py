"""The choice: which group is the strongest culprit, described neither too widely nor too narrowly."""

from dataclasses import dataclass

import numpy as np

from agents.analyst.cube import Columns, Floats
from agents.analyst.survey import Candidate, M, Survey, narrower


@dataclass(frozen=True)
class _Family:
    """Several values of one attribute, struck alike: `psp is alpha or beta`."""

    best: Candidate
    score: float
    sums: Floats


def strongest(survey: Survey[M]) -> Candidate | None:
    """Give the best group that is not better divided, seen as coarsely as the measure allows.

    None when nothing stands out. Several values of one attribute are weighed as one group; when they explain
    most, the best of them is given, and the others are left to find.
    """
    found = _best_alike(survey)
    if found is None:
        return None
    return _climb(survey, _shortest(survey, _of_family(survey, found) or found))


def _best_alike(survey: Survey[M]) -> Candidate | None:
    """Give the best of the cuboids' best groups, less what the disagreement of its cells costs."""
    wholes = (_best_whole(survey, key) for key in reversed(tuple(survey.score)))
    best, most = None, 0.0
    for whole in sorted((c for c in wholes if c), key=lambda c: -c.score):
        if whole.score <= most:
            break
        score = whole.score + _disagreement(survey, whole)
        if score > most:
            best, most = whole, score
    return best


def _disagreement(survey: Survey[M], whole: Candidate) -> float:
    if survey.cells(whole.element) <= 1.0:
        return 0.0
    return survey.measure.disagreement(survey.cube, whole.element.columns, whole.element.values)


def _best_whole(survey: Survey[M], key: Columns) -> Candidate | None:
    score = survey.score[key]
    whole = score * (1.0 + survey.measure.tolerance.split) >= survey.parts[key]
    slot = int(np.argmax(np.where(whole, score, -np.inf))) if len(score) else 0
    return survey.candidate(key, slot) if len(score) and whole[slot] else None


def _of_family(survey: Survey[M], whole: Candidate) -> Candidate | None:
    """Give the best of several values of one attribute that together explain more than a whole does."""
    families = (_family(survey, key) for key in survey.score if len(key) == 1)
    better = (f for f in families if f and f.score > whole.score and _replaces(survey, f, whole))
    family = max(better, key=lambda f: f.score, default=None)
    return family.best if family else None


def _family(survey: Survey[M], key: Columns) -> _Family | None:
    """Join the values of an attribute that are culprits each: the set has one rate, as in a subset scan.

    Neill, "Fast subset scan for spatial pattern detection", J. R. Stat. Soc. B 74, 2012.
    """
    score = survey.score[key]
    least = max(0.0, survey.measure.tolerance.further * float(score.max(initial=0.0)))
    found = (survey.candidate(key, int(slot)) for slot in np.flatnonzero(score > least))
    members = [c for c in found if c.whole]
    if len(members) <= 1:
        return None
    sums = np.sum([survey.sums_of(c.element) for c in members], axis=0)
    together = float(survey.measure.score(sums)[0]) - len(members) * survey.cube.prices[key]
    return _Family(max(members, key=lambda c: c.score), together, sums)


def _replaces(survey: Survey[M], family: _Family, whole: Candidate) -> bool:
    """Say whether a family may be named instead; in place of everything, only when the rest is normal."""
    if whole.element.columns:
        return True
    everything, measure = survey.sums_of(whole.element), survey.measure
    kept = float(measure.excess(family.sums)[0]) >= measure.tolerance.kept * whole.excess
    return kept and not measure.struck_too(family.sums, everything - family.sums)


def _shortest(survey: Survey[M], found: Candidate) -> Candidate:
    """Give the shortest description of the same cells, since none of them can be told apart."""
    same = [e for e in narrower(found.element) if survey.cells(e) == survey.cells(found.element)]
    return _shortest(survey, max(map(survey.of_element, same), key=lambda c: c.score)) if same else found


def _climb(survey: Survey[M], part: Candidate) -> Candidate:
    """Widen a culprit to surroundings that explain little less and that it does not do justice to."""
    around = [c for c in map(survey.of_element, narrower(part.element)) if c.element.columns]
    enough = [c for c in around if c.score * (1.0 + survey.measure.tolerance.split) >= part.score]
    fit = [c for c in enough if _leaves_excess(survey, part, c)]
    return _climb(survey, max(fit, key=lambda c: c.score)) if fit else part


def _leaves_excess(survey: Survey[M], part: Candidate, whole: Candidate) -> bool:
    """Say whether much of a whole's excess lies outside a part, or what lies outside is struck as well."""
    if part.excess < survey.measure.tolerance.kept * whole.excess:
        return True
    inside = survey.sums_of(part.element)
    return survey.measure.struck_too(inside, survey.sums_of(whole.element) - inside)
