"""Lessons as JSON lines: one lesson a line, the oldest first."""

import json
from collections.abc import Iterable, Iterator
from math import isnan
from typing import BinaryIO

from pydantic import ValidationError

from memory.rows import to_body
from payments.errors import InputError
from payments.lesson import Lesson

_LINE_AT_MOST = 4_000_000
"""Bytes; a lesson has some thousand."""
_FEATURES_AT_MOST = 1_000
_ID_AT_MOST = 200
_KNOWN = frozenset(Lesson.model_fields) - {"similarity"}


def line_of(lesson: Lesson) -> str:
    """Give a lesson as one line of ASCII, without what belongs to an answer."""
    return to_body(lesson.model_copy(update={"similarity": None})) + "\n"


def lessons_in(file: BinaryIO) -> Iterator[Lesson]:
    """Read lessons line by line; empty lines count for nothing.

    Raises:
        InputError: a line is no lesson; the message names its number.
    """
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            yield _lesson(line, number)


def _lines(file: BinaryIO) -> Iterable[bytes]:
    """Give the lines, an endless one only as far as it is needed to refuse it."""
    while line := file.readline(_LINE_AT_MOST + 1):
        yield line


def _lesson(line: bytes, number: int) -> Lesson:
    if len(line) > _LINE_AT_MOST:
        raise _refused(number, f"it is longer than {_LINE_AT_MOST:,} bytes")
    try:
        given = json.loads(line, parse_constant=_constant)
        lesson = Lesson.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:_ID_AT_MOST]
        raise _refused(number, f"{where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _refused(number, f"it is not JSON: {error}") from error
    if complaint := _complaint(given, lesson):
        raise _refused(number, complaint)
    return lesson.model_copy(update={"similarity": None})


def _complaint(given: dict[str, object], lesson: Lesson) -> str | None:
    """Say what is wrong with a lesson whose fields have the right types."""
    unknown = sorted(given.keys() - _KNOWN - {"similarity"})
    if unknown:
        return f"{unknown[0][:_ID_AT_MOST]!r} is no field of a lesson; there are {', '.join(sorted(_KNOWN))}"
    if not 0 < len(lesson.incident_id) <= _ID_AT_MOST:
        return f"incident_id has {len(lesson.incident_id)} characters, not 1 to {_ID_AT_MOST}"
    if len(lesson.shape) > _FEATURES_AT_MOST or any(map(isnan, lesson.shape.values())):
        return f"shape has more than {_FEATURES_AT_MOST} features, or one that is not a number"
    if lesson.payments_saved is not None and isnan(lesson.payments_saved):
        return "payments_saved is not a number"
    return None


def _constant(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def _refused(number: int, reason: str) -> InputError:
    return InputError(f"line {number} is no lesson: {reason}; nothing was imported, mend or remove the line")
