"""How probable each cause is, given the features: naive Bayes over the table of signatures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from agents.analyst.features import Features
from agents.analyst.settings import AnalystSettings
from agents.analyst.signatures import CauseSignature
from payments.lesson import Lesson
from payments.outcome import Effect

_WORTH: dict[Effect, float] = {
    Effect.HELPED: 1.0,
    Effect.NOT_MEASURED: 0.25,
    Effect.NO_EFFECT: -1.0,
    Effect.HARMED: -1.0,
}
_PER_LESSON = 0.35
_ATTACK = "card_testing"
"""Moving payments carries it to other routes: guardrails rest on its probability."""


@dataclass(frozen=True)
class Score:
    """One cause with its probability and what each feature contributed."""

    cause: str
    signature: CauseSignature
    probability: float
    parts: dict[str, float]
    """Log odds of each feature against the average cause; above 0 speaks for it. `lessons` is one of them."""


def scores(
    found: Features,
    lessons: Sequence[Lesson],
    known: Mapping[str, CauseSignature],
    settings: AnalystSettings,
) -> list[Score]:
    """Rank every known cause; the probabilities sum to 1."""
    parts = _parts(found, known, settings)
    logs, shifts = {}, lesson_shifts(known, lessons, settings.lesson_bound)
    for cause, signature in known.items():
        parts[cause]["lessons"] = shifts[cause]
        logs[cause] = log(signature.prior) + sum(parts[cause].values())
    highest = max(logs.values())
    weights = {cause: exp(value - highest) for cause, value in logs.items()}
    total = sum(weights.values())
    ranked = [Score(c, known[c], weight / total, parts[c]) for c, weight in weights.items()]
    return sorted(ranked, key=lambda score: (-score.probability, score.cause))


def lesson_shifts(causes: Iterable[str], lessons: Sequence[Lesson], bound: float) -> dict[str, float]:
    """Give the log odds that past incidents add to each cause; those of an attack never fall."""
    shifts = {cause: lesson_shift(cause, lessons, bound) for cause in causes}
    if _ATTACK in shifts:
        shifts[_ATTACK] = max(0.0, *shifts.values())
    return shifts


def lesson_shift(cause: str, lessons: Sequence[Lesson], bound: float) -> float:
    """Give the log odds that past incidents add to a cause: by similarity, failed remedies against."""
    shift = sum(_PER_LESSON * _worth(x) * (x.similarity or 0.0) for x in lessons if x.cause == cause)
    return max(-bound, min(bound, shift))


def _worth(lesson: Lesson) -> float:
    """Say what a lesson says of its cause: what failed for a bad target's sake says nothing."""
    worth = _WORTH[lesson.effect]
    return max(0.0, worth) if lesson.has_bad_target else worth


def _parts(
    found: Features, known: Mapping[str, CauseSignature], settings: AnalystSettings
) -> dict[str, dict[str, float]]:
    parts: dict[str, dict[str, float]] = {cause: {} for cause in known}
    for feature, level in found.levels.items():
        if level is not None:
            logs = {cause: signature.log_likelihood(feature, level) for cause, signature in known.items()}
            weight = settings.scope_weight if feature == "scope" else settings.evidence_weight
            _add(parts, feature, logs, weight)
    if found.groups:
        logs = {cause: signature.log_codes(found.groups) for cause, signature in known.items()}
        _add(parts, "codes", logs, settings.evidence_weight * found.votes)
    return parts


def _add(
    parts: dict[str, dict[str, float]], feature: str, logs: dict[str, float | None], weight: float
) -> None:
    """Add what a feature says, relative to the average of the causes that it says something about."""
    said = [value for value in logs.values() if value is not None]
    average = log(sum(exp(value) for value in said) / len(said))
    for cause, value in logs.items():
        parts[cause][feature] = 0.0 if value is None else weight * (value - average)
