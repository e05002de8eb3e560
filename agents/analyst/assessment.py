"""What a view means: the causes ranked, the other faults, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.analyst.calibration import Grounds, calibration, log_amount, log_odds
from agents.analyst.place import Place
from agents.analyst.score import Score, scores
from agents.analyst.settings import AnalystSettings
from agents.analyst.signatures import CauseSignature
from agents.analyst.view import View
from agents.analyst.words import told
from payments.diagnosis import Category, Hypothesis
from payments.lesson import Lesson
from payments.segment import Segment


@dataclass(frozen=True)
class Assessment:
    """The causes of a view, most probable first, and the causes of other faults at the same time."""

    ranked: tuple[Score, ...]
    others: tuple[Hypothesis, ...]
    culprits: tuple[Segment, ...]
    """All that is at fault: the culprit, those of the other faults, and what else remains in excess."""
    rests_on: Grounds

    @property
    def cause(self) -> str:
        """The most probable cause."""
        return self.ranked[0].cause

    @property
    def category(self) -> Category:
        """Its category."""
        return self.ranked[0].signature.category


def assess(
    view: View, lessons: Sequence[Lesson], known: Mapping[str, CauseSignature], settings: AnalystSettings
) -> Assessment:
    """Rank the known causes and gather what that rests on."""
    ranked = tuple(scores(view.found, lessons, known, settings))
    rests_on = _grounds(view, ranked)
    if view.rest is None:
        return Assessment(ranked, (), view.place.segments or (view.place.culprit,), rests_on)
    others = scores(view.rest.found, (), known, settings)
    if others[0].signature.category is Category.NO_INCIDENT:
        return Assessment(ranked, (), view.place.segments, rests_on)
    told_other = told(others[0], view.rest)
    explained = view.place.share + (1.0 - view.place.share) * told_other.probability
    both = rests_on.weaker(_grounds(view.rest, others))
    named = _named(view.place, told_other.culprit)
    return Assessment(ranked, (told_other,), named, replace(both, explained=explained))


def confidence(assessment: Assessment, alone: Assessment) -> float:
    """Give the probability that category and culprit are right: lessons may lower it and never raise it.

    A cause that lessons put first is believed no more than the evidence alone believes it, which prefers
    another one.

    Args:
        assessment: with the lessons.
        alone: of the same view without any.
    """
    sure = min(calibration().probability(one.rests_on) for one in (assessment, alone))
    if assessment.cause == alone.cause:
        return sure
    return min(sure, next(one.probability for one in alone.ranked if one.cause == assessment.cause))


def _named(place: Place, other: Segment) -> tuple[Segment, ...]:
    """Put the other fault's culprit before what remains, and leave out what means a part of either."""
    first = (place.culprit, other)
    apart = [one for one in place.segments if not any(map(one.comparable, first))]
    return (*first, *apart)


def _grounds(view: View, ranked: Sequence[Score]) -> Grounds:
    place, first = view.place, ranked[0].signature.category
    probability = sum(one.probability for one in ranked if one.signature.category is first)
    return Grounds(
        category=0.0 if place.lead == "none" else log_odds(probability),
        culprit=log_odds(place.probability),
        narrower=log_amount(view.margins.narrower),
        wider=log_amount(view.margins.wider),
        explained=place.share,
        excess=log_amount(view.counts.excess_of(place.lead)),
    )
