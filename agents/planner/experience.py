"""What similar past incidents say about whether an action helps."""

from collections.abc import Sequence
from dataclasses import dataclass

from payments.action import ActionKind, Effect, Interval
from payments.incident import Lesson

_HELPED, _NOT_HELPED = 2.0, 1.0
"""Beta(2, 1): before any lesson, an action that should help is expected to, two times in three."""
_LEAST, _MOST = 0.5, 1.2
"""Bounds of the correction: lessons may halve an estimate, or raise it by a fifth."""
_HARM_COUNTS = 2.0


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
    """Weigh the lessons of the same cause and action by their similarity."""
    alike = [
        lesson
        for lesson in lessons
        if lesson.cause == cause and lesson.action is kind and lesson.effect is not Effect.NOT_MEASURED
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
