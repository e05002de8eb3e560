"""The analyst: evidence in, diagnosis out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.analyst.channels import Mask
from agents.analyst.counts import Counts, count
from agents.analyst.features import Features, features, normal_outside, on_calendar, shape
from agents.analyst.place import Place, locate
from agents.analyst.score import Score, scores
from agents.analyst.settings import AnalystSettings
from agents.analyst.words import evidence_items, place_sentence, speaks
from payments.incident import (
    Diagnosis,
    Evidence,
    Hypothesis,
    Lesson,
    Maintenance,
    Signature,
    Tally,
)

_REST_ABNORMAL = 0.85


@dataclass(frozen=True)
class Analyst:
    """Says where a change lies, what caused it and how sure that is."""

    settings: AnalystSettings = field(default_factory=AnalystSettings)

    def describe(self, evidence: Evidence) -> Signature:
        """Say what the incident looks like, before anything is said about its cause."""
        place = locate(evidence, self.settings)
        counts = count(evidence, place.mask)
        found = features(evidence, place, counts, "unplanned", self.settings)
        return Signature(culprit=place.culprit, shape=shape(place, counts, found.groups))

    def analyse(
        self,
        evidence: Evidence,
        lessons: Sequence[Lesson],
        planned: Sequence[Maintenance],
        at: datetime,
        window_s: float,
    ) -> Diagnosis:
        """Name the culprit and rank the causes; `window_s` is the aggregation window in seconds."""
        place = locate(evidence, self.settings)
        counts = count(evidence, place.mask)
        calendar = on_calendar(evidence, place, planned, at)
        found = features(evidence, place, counts, calendar, self.settings)
        ranked = scores(found, lessons, self.settings)
        normal = normal_outside(place, self.settings)
        return Diagnosis(
            at=at,
            since=evidence.since,
            culprit=place.culprit,
            cause=ranked[0].cause,
            category=ranked[0].signature.category,
            confidence=self._confidence(ranked, place, rest_normal=normal),
            shape=shape(place, counts, found.groups),
            hypotheses=self._hypotheses(ranked, found, counts, place),
            evidence=evidence_items(counts, count(evidence, ~place.mask), place, ranked[0].parts["lessons"]),
            share_explained=place.share,
            complement_normal=normal,
            tally=_tally(evidence, counts),
            attempts_per_window=_volume(evidence, place.mask, window_s),
            sentence=place_sentence(place, counts, evidence.since, rest_normal=normal),
        )

    def _confidence(self, ranked: Sequence[Score], place: Place, *, rest_normal: bool) -> float:
        """Probability that the category is right, times the probability that the culprit is."""
        first = ranked[0].signature.category
        category = sum(score.probability for score in ranked if score.signature.category is first)
        if place.lead == "none":
            return min(category * place.probability, self.settings.max_confidence)
        needed = self.settings.share_needed if place.second is None else 1.0
        explained = min(1.0, place.share / needed)
        culprit = place.probability * explained * (1.0 if rest_normal else _REST_ABNORMAL)
        return min(category * culprit, self.settings.max_confidence)

    def _hypotheses(
        self, ranked: Sequence[Score], found: Features, counts: Counts, place: Place
    ) -> tuple[Hypothesis, ...]:
        """Show the most probable causes; all others are folded into one, `other`."""
        shown = ranked[: self.settings.shown_hypotheses]
        rest = ranked[self.settings.shown_hypotheses :]
        told = [_hypothesis(score, found, counts, place) for score in shown]
        if rest:
            left = max(0.0, 1.0 - sum(score.probability for score in shown))
            category = rest[0].signature.category
            words = (f"{len(rest)} further causes, first {rest[0].cause}",)
            other = Hypothesis(cause="other", category=category, culprit=place.culprit, probability=left)
            told.append(other.model_copy(update={"speaks_against": words}))
        return tuple(told)


def _hypothesis(score: Score, found: Features, counts: Counts, place: Place) -> Hypothesis:
    speaks_for, speaks_against = speaks(score, found, counts, place)
    return Hypothesis(
        cause=score.cause,
        category=score.signature.category,
        culprit=place.culprit,
        probability=min(1.0, score.probability),
        speaks_for=speaks_for,
        speaks_against=speaks_against,
    )


def _volume(evidence: Evidence, mask: Mask, window_s: float) -> float:
    """Give the whole attempts a window of the culprit, or what it should have had if that is more.

    An earlier action may have moved most of them away: a new one would still touch them all.
    """
    attempts = max(float(evidence.attempts[mask].sum()), float(evidence.expected_attempts[mask].sum()))
    return float(round(attempts * window_s / max(evidence.duration_s, evidence.tick_s)))


def _tally(evidence: Evidence, counts: Counts) -> Tally:
    payments = None if counts.repeats is None else max(0, round(counts.attempts - counts.repeats))
    return Tally(
        attempts=round(counts.attempts),
        failures=round(counts.failures),
        pending=round(counts.pending),
        expected_attempts=max(0.0, counts.expected_attempts),
        expected_failures=max(0.0, counts.expected_failures),
        payments=payments,
        ticks=max(0, round(evidence.duration_s / evidence.tick_s)),
    )
