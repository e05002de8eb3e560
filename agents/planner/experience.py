"""What similar past incidents say about whether an action helps, and which targets let it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log, tanh

from payments.action import ActionKind
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.plan import Interval
from payments.segment import Segment

_HELPED, _NOT_HELPED = 2.0, 1.0
"""Beta(2, 1): before any lesson, an action that should help is expected to, two times in three."""
_LEAST, _MOST = 0.5, 1.0
"""Bounds of the correction: lessons may halve an estimate and never raise it, for guardrails compare it."""
_HARM_COUNTS = 2.0

_USUALLY_BAD = 0.1
"""Chance that a target is bad for payments that it does not usually carry, before any lesson."""
_BELIEVED = 3.0
"""Odds that a lesson says the truth of a target: one in four may be wrong."""
_OTHER_CAUSE_COUNTS = 0.5
"""What a fault moves is another mix of payments than what another fault moves there."""
FORGOTTEN_HALF_AFTER = timedelta(days=90)
"""What is wrong with a target is mended some day: the age at which a lesson about it counts half."""


@dataclass(frozen=True)
class Experience:
    """How often an action helped before, and what that does to its estimate."""

    helped: int
    measured: int
    factor: float

    def adjust(self, saved: Interval) -> Interval:
        """Scale what should be saved; an expected loss is not made smaller by bad experience."""
        if saved.mean <= 0.0:
            return saved
        # The interval's ends scale too, but a possible loss never shrinks with a factor below 1.
        low = saved.low * (self.factor if saved.low > 0.0 else 1.0)
        mean = saved.mean * self.factor
        return Interval(low=min(low, mean), mean=mean, high=max(saved.high * self.factor, mean))

    @property
    def words(self) -> str:
        """Say it as part of a reason; nothing without lessons."""
        if not self.measured:
            return ""
        return f" Helped in {self.helped} of {self.measured} similar incidents: estimate x {self.factor:.2f}."


def experience(lessons: Sequence[Lesson], cause: str, kind: ActionKind) -> Experience:
    """Weigh the lessons of the same cause and action by their similarity.

    What failed for a bad target's sake says something of the target (`doubt`) and nothing of the action.
    """
    alike = [
        lesson
        for lesson in lessons
        if lesson.cause == cause and lesson.action is kind and lesson.effect is not Effect.NOT_MEASURED
        if lesson.effect is Effect.HELPED or not lesson.has_bad_target
    ]
    helped, failed = _HELPED, _NOT_HELPED
    for lesson in alike:
        weight = 1.0 if lesson.similarity is None else lesson.similarity
        if lesson.effect is Effect.HELPED:
            helped += weight
        else:
            failed += weight * (_HARM_COUNTS if lesson.effect is Effect.HARMED else 1.0)
    usual = _HELPED / (_HELPED + _NOT_HELPED)
    factor = helped / (helped + failed) / usual
    won = sum(lesson.effect is Effect.HELPED for lesson in alike)
    return Experience(won, len(alike), min(_MOST, max(_LEAST, factor)))


def doubt(lessons: Sequence[Lesson], target: str, cause: str, culprit: Segment, at: datetime) -> float:
    """Give how much more probable it is by past incidents that a target is bad for such payments, 0 to 1.

    Bayes' rule with each lesson at the odds that it is believed. What one lesson alone could say is not held
    against a target, for that lesson may be wrong.
    """
    against = 0.0
    for lesson in lessons:
        shown = lesson.targets.get(target)
        if shown is not None and _overlap(lesson.culprit, culprit):
            weight = 1.0 if lesson.similarity is None else lesson.similarity
            weight *= 1.0 if lesson.cause == cause else _OTHER_CAUSE_COUNTS
            against += weight * _freshness(lesson, at) * (1.0 - 2.0 * shown)
    by_one = _bad_after(1.0)
    return max(0.0, (_bad_after(against) - by_one) / (1.0 - by_one))


def _bad_after(against: float) -> float:
    """Give the posterior probability of a bad target when so many lessons more say so than deny it."""
    odds = log(_USUALLY_BAD / (1.0 - _USUALLY_BAD)) + against * log(_BELIEVED)
    return 0.5 * (1.0 + tanh(0.5 * odds))


def _overlap(one: Segment, other: Segment) -> bool:
    """Say whether some payment may be in both: no attribute has two values."""
    return all(other.get(name) in {None, value} for name, value in one.root.items())


def _freshness(lesson: Lesson, at: datetime) -> float:
    age = max(timedelta(0), at - lesson.at)
    return float(0.5 ** (age / FORGOTTEN_HALF_AFTER))
