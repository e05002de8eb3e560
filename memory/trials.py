"""What later incidents said of a lesson, and how much it counts for since."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, func, select

from memory.lesson_tables import LESSON_TRIALS
from memory.rows import plain
from memory.tables import replace
from payments.lesson import Lesson
from payments.outcome import Effect

_REFUTED_COUNTS = 2.0
"""Confirmations that make up for one refutation: who was wrong once has to be right twice."""
_NOT_HELPED = frozenset({Effect.NO_EFFECT, Effect.HARMED})


def agrees(earlier: Lesson, later: Lesson) -> bool | None:
    """Say whether what came of a later incident confirms a lesson or refutes it; None when it says nothing.

    Only a measured outcome tells, and only of the same payments, or wider or narrower ones. When the action
    helped, its diagnosis was right; when it did not, a lesson that had praised it misled.
    """
    if later.effect is Effect.NOT_MEASURED or not earlier.culprit.comparable(later.culprit):
        return None
    same = earlier.cause == later.cause and earlier.action is later.action
    if later.effect is Effect.HELPED:
        refused = same and earlier.effect in _NOT_HELPED
        return earlier.cause == later.cause and not refused and not _targets_differ(earlier, later)
    if not same or earlier.effect is Effect.NOT_MEASURED:
        return None
    return earlier.effect in _NOT_HELPED


def _targets_differ(earlier: Lesson, later: Lesson) -> bool:
    """Say whether a target was sound in one and bad in the other."""
    one, other = earlier.targets, later.targets
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def weight(confirmed: int, refuted: int) -> float:
    """Give what a lesson counts for, above 0 and at most 1.

    >>> [round(weight(*said), 2) for said in ((0, 0), (0, 1), (1, 1), (9, 1), (0, 2))]
    [1.0, 0.33, 0.5, 0.83, 0.2]
    """
    return (1.0 + confirmed) / (1.0 + confirmed + _REFUTED_COUNTS * refuted)


def record(connection: Connection, engine: Engine, recalled: Iterable[Lesson], later: Lesson) -> None:
    """Keep what an incident says of the lessons that it was given; once per incident, the latest stands."""
    for earlier in recalled:
        agreed = agrees(earlier, later)
        if agreed is not None and earlier.incident_id != later.incident_id:
            row = {
                "lesson_id": plain(earlier.incident_id),
                "incident_id": plain(later.incident_id),
                "agreed": int(agreed),
            }
            connection.execute(replace(engine, LESSON_TRIALS, row))


def weights(connection: Connection, keys: Sequence[str]) -> Mapping[str, float]:
    """Give the weights of the lessons that were ever tried, of those asked for."""
    counted = (LESSON_TRIALS.c.lesson_id, func.sum(LESSON_TRIALS.c.agreed), func.count())
    query = select(*counted).where(LESSON_TRIALS.c.lesson_id.in_(keys)).group_by(LESSON_TRIALS.c.lesson_id)
    return {key: weight(int(agreed), tried - int(agreed)) for key, agreed, tried in connection.execute(query)}
