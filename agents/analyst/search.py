"""The search: the fewest groups of cells that explain an anomaly."""

from agents.analyst.choice import strongest
from agents.analyst.survey import Candidate, M, Survey, covered, mask_of

_MOST_CULPRITS = 20


def explain(survey: Survey[M]) -> list[Candidate]:
    """Name the culprits, the strongest first; empty when nothing stands out.

    Greedy: the strongest element, then the strongest in the cells that are left. Then each is fitted again
    given all others, since a later one may have taken away what an earlier one was named for.
    """
    found: list[Candidate] = []
    left = survey
    while len(found) < _MOST_CULPRITS:
        best = strongest(left)
        if best is None or (found and best.score < left.measure.tolerance.further * found[0].score):
            break
        found.append(best)
        left = Survey.of(left.cube, left.measure.without(mask_of(left.cube, best.element)))
    return _refit(survey, found)


def _refit(survey: Survey[M], found: list[Candidate]) -> list[Candidate]:
    """Fit every element again that shares cells with others; drop it when it no longer pays."""
    cube, kept = survey.cube, list(found)
    for one in found:
        others = [c for c in kept if c is not one]
        taken = covered(cube, others)
        if not (taken & mask_of(cube, one.element)).any():
            continue
        again = strongest(Survey.of(cube, survey.measure.without(taken)))
        at = kept.index(one)
        kept[at : at + 1] = [] if again is None else [again]
    kept.sort(key=lambda c: -c.score)
    return kept
