"""From a lesson, a signature or a person's words to one vector: offline, without a model, always the same.

A vector has three blocks of fixed length each. The *look* (what is in excess, codes, latency, the roles of
the culprit, the hour) and the *place* (the values that the culprit names) have few features that weigh much,
where one collision of hashes would tell: each is a pseudo-random vector of signs (Achlioptas 2003), nearly
orthogonal to the others. The *words* are hashed with their character trigrams (Weinberger et al. 2009).

A question leaves open what it does not know. Every lesson's block of words is as long as any other's, so what
anybody wrote into a lesson never changes which lessons are like an incident at hand.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from payments.diagnosis import Signature
from payments.lesson import Lesson
from payments.segment import Segment, role_of

VERSION = 2
"""Vectors of different versions cannot be compared: raise it with every change to what is computed here."""

_LOOK, _PLACE, _WORDS = 128, 96, 160
DIMENSIONS = _LOOK + _PLACE + _WORDS
"""Length of every vector."""

_LOOK_WEIGHT, _PLACE_WEIGHT, _WORDS_WEIGHT = 1.0, 0.6, 1.0
_LESSON_LENGTH = math.hypot(_LOOK_WEIGHT, _PLACE_WEIGHT, _WORDS_WEIGHT)
SIGNATURE_SEES = math.hypot(_LOOK_WEIGHT, _PLACE_WEIGHT) / _LESSON_LENGTH
"""Cosine of a lesson and a question about its look and place, when these are the same."""
WORDS_SEE = _WORDS_WEIGHT / _LESSON_LENGTH
"""The same of a question in its words."""

_CHARACTERS_AT_MOST = 20_000
_TRIGRAM_WEIGHT, _ROLE_WEIGHT, _FLAG_WEIGHT, _HOUR_WEIGHT = 0.3, 0.5, 0.7, 0.2
_FLAGS = ("lead_", "scope_")
"""What is either so or not; the rest are amounts, whose square roots tell small ones apart."""
_DAY_H = 24.0

Vector = npt.NDArray[np.float32]
_Floats = npt.NDArray[np.float64]


def embed_lesson(lesson: Lesson) -> Vector:
    """Embed a past incident: its look, where it was, and every word said of it."""
    named = f"{lesson.cause} {lesson.category.value} {lesson.action.value} {lesson.culprit}"
    look = _look(lesson.culprit, lesson.shape, lesson.at)
    return _join(look, _place(lesson.culprit), _words(f"{named} {lesson.text}"))


def embed_signature(signature: Signature, at: datetime | None = None) -> Vector:
    """Embed an incident that nobody has named yet: its look, where it is, and when if that is known."""
    return _join(_look(signature.culprit, signature.shape, at), _place(signature.culprit), np.zeros(_WORDS))


def embed_text(text: str) -> Vector:
    """Embed a person's words; look and place stay open."""
    return _join(np.zeros(_LOOK), np.zeros(_PLACE), _words(text))


def _look(culprit: Segment, shape: Mapping[str, float], at: datetime | None) -> _Floats:
    """Add the features up, each along its own direction; a name with a colon is no part of a look."""
    vector = np.zeros(_LOOK)
    for name, value in shape.items():
        if ":" not in name:
            weight = _FLAG_WEIGHT * value if name.startswith(_FLAGS) else math.sqrt(value)
            vector += weight * _direction(f"shape:{name}", _LOOK)
    for role in sorted({role_of(name) for name in culprit.names()}):
        vector += _ROLE_WEIGHT * _direction(f"role:{role}", _LOOK)
    if at is not None:
        angle = 2.0 * math.pi * (at.hour + at.minute / 60.0) / _DAY_H
        vector += _HOUR_WEIGHT * math.cos(angle) * _direction("hour:east", _LOOK)
        vector += _HOUR_WEIGHT * math.sin(angle) * _direction("hour:north", _LOOK)
    return _unit(vector, "shape")


def _place(culprit: Segment) -> _Floats:
    values = [_direction(f"value:{name}={value}", _PLACE) for name, value in culprit.root.items()]
    return _unit(np.sum(values, axis=0) if values else np.zeros(_PLACE), "all payments")


def _direction(feature: str, size: int) -> _Floats:
    bits = np.unpackbits(np.frombuffer(_digest(feature, size // 8), dtype=np.uint8))
    return np.where(bits, 1.0, -1.0)


def _words(text: str) -> _Floats:
    vector = np.zeros(_WORDS)
    for feature, weight in _features(text[:_CHARACTERS_AT_MOST].lower()):
        place, sign = _bin(feature, _WORDS)
        vector[place] += sign * weight
    return _unit(np.sign(vector) * np.sqrt(np.abs(vector)), "no words")


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in re.findall(r"[^\W_]+", text):
        yield f"word:{word}", 1.0
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            yield f"tri:{padded[start : start + 3]}", _TRIGRAM_WEIGHT


def _bin(feature: str, size: int) -> tuple[int, int]:
    digest = int.from_bytes(_digest(feature, 8), "big")
    return digest % size, 1 if digest >> 63 else -1


def _digest(feature: str, size: int) -> bytes:
    return blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _join(look: _Floats, place: _Floats, words: _Floats) -> Vector:
    vector = np.concatenate([_LOOK_WEIGHT * look, _PLACE_WEIGHT * place, _WORDS_WEIGHT * words])
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _unit(vector: _Floats, nothing: str) -> _Floats:
    """Give a vector of length 1; that of nothing at all has a direction of its own."""
    length = float(np.linalg.norm(vector))
    if not length:
        vector = _direction(f"none:{nothing}", len(vector))
        length = float(np.linalg.norm(vector))
    return vector / length
