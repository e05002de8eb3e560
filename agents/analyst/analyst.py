"""The analyst: evidence in, diagnosis out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.analyst.assessment import assess, confidence
from agents.analyst.counts import Counts, count
from agents.analyst.cube import Mask
from agents.analyst.features import normal_outside
from agents.analyst.score import Score
from agents.analyst.settings import AnalystSettings
from agents.analyst.signatures import signatures
from agents.analyst.view import Located, View, look
from agents.analyst.words import evidence_items, place_sentence, told
from payments.diagnosis import Diagnosis, Hypothesis, Signature
from payments.evidence import Evidence
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from payments.tally import Tally


@dataclass(frozen=True)
class Analyst:
    """Says where a change lies, what caused it and how sure that is."""

    settings: AnalystSettings = field(default_factory=AnalystSettings)
    located: Located = field(default_factory=Located, init=False, repr=False, compare=False)

    def describe(self, evidence: Evidence) -> Signature:
        """Say what the incident looks like, before anything is said about its cause."""
        return look(evidence, (), evidence.until, self.settings, self.located).signature

    def analyse(
        self,
        evidence: Evidence,
        lessons: Sequence[Lesson],
        planned: Sequence[Maintenance],
        at: datetime,
        window_s: float,
    ) -> Diagnosis:
        """Name the culprit and rank the causes; `window_s` is the aggregation window in seconds."""
        view = look(evidence, planned, at, self.settings, self.located)
        place, counts = view.place, view.counts
        alone = assess(view, (), signatures(), self.settings)
        assessment = assess(view, lessons, signatures(), self.settings) if lessons else alone
        lessons_shift = assessment.ranked[0].parts["lessons"]
        normal = normal_outside(place, self.settings)
        return Diagnosis(
            at=at,
            since=evidence.since,
            culprit=place.culprit,
            culprits=assessment.culprits,
            cause=assessment.cause,
            category=assessment.category,
            confidence=min(confidence(assessment, alone), self.settings.max_confidence),
            shape=view.shape,
            hypotheses=self._hypotheses(assessment.ranked, view),
            others=assessment.others,
            evidence=evidence_items(counts, count(evidence, ~place.mask), place, lessons_shift),
            share_explained=place.share,
            complement_normal=normal,
            tally=_tally(evidence, counts),
            attempts_per_window=_volume(evidence, place.mask, window_s),
            sentence=place_sentence(place, counts, evidence.since, rest_normal=normal),
        )

    def _hypotheses(self, ranked: Sequence[Score], view: View) -> tuple[Hypothesis, ...]:
        """Show the most probable causes; all others are folded into one, `other`."""
        shown = ranked[: self.settings.shown_hypotheses]
        rest = ranked[self.settings.shown_hypotheses :]
        hypotheses = [told(score, view) for score in shown]
        if rest:
            left = max(0.0, 1.0 - sum(score.probability for score in shown))
            words = (f"{len(rest)} further causes, first {rest[0].cause}",)
            other = Hypothesis(
                cause="other",
                category=rest[0].signature.category,
                culprit=view.place.culprit,
                probability=left,
                speaks_against=words,
            )
            hypotheses.append(other)
        return tuple(hypotheses)


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
        expected_pending=max(0.0, counts.expected_pending),
        payments=payments,
        ticks=max(0, round(evidence.duration_s / evidence.tick_s)),
    )
