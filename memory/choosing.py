"""Which of many similar lessons an incident is given."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from payments.lesson import Lesson

_AGE_COSTS, _AGE_HALF = 0.1, timedelta(days=90)
"""Similarity that a very old lesson loses in the order, and the age at which it loses half of that."""
_SAME_COSTS = 0.1
"""The same of a lesson that shows the same targets as many before it; half of that after the first."""


def chosen(lessons: Sequence[Lesson], k: int) -> Iterator[Lesson]:
    """Give the most similar first; of those about as much alike the newer, and what shows other targets.

    Which targets a lesson shows counts, not what it says of them: a false one is not preferred for being odd.
    """
    newest = max((one.at for one in lessons), default=None)
    left, shown = list(lessons), Counter[frozenset[str]]()

    def rank(lesson: Lesson) -> float:
        aged = ((newest or lesson.at) - lesson.at) / _AGE_HALF
        costs = _AGE_COSTS * _nearly_one(aged) + _SAME_COSTS * _nearly_one(shown[_targets(lesson)])
        return costs - (lesson.similarity or 0.0)

    while left and k > 0:
        best = min(left, key=rank)
        left.remove(best)
        shown[_targets(best)] += 1
        k -= 1
        yield best


def _nearly_one(halvings: float) -> float:
    return 1.0 - float(0.5**halvings)


def _targets(lesson: Lesson) -> frozenset[str]:
    return frozenset(lesson.targets)
