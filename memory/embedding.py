"""From a lesson, a signature or a person's words to one vector: offline, without a model, always the same.

Words and character trigrams by signed feature hashing (Weinberger et al. 2009), joined with the shape. The
shape has few features that weigh much, where one collision of hashes would tell: each is a pseudo-random
vector of signs (Achlioptas 2003), nearly orthogonal to the others. The two halves have unit length each, so
that words and shape weigh the same where both are known.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from payments.incident import Lesson, Signature
from payments.segment import Segment, role_of

VERSION = 1
"""Vectors of different versions cannot be compared: raise it with every change to what is computed here."""

DIMENSIONS = 384
"""Length of every vector: 128 for the shape, 256 for the words."""

_SHAPE, _WORDS = 128, 256
_CHARACTERS_AT_MOST, _CHARACTERS_OF_A_VALUE = 20_000, 200
_TRIGRAM_WEIGHT, _ROLE_WEIGHT = 0.3, 0.5

Vector = npt.NDArray[np.float32]


def embed_lesson(lesson: Lesson) -> Vector:
    """Embed a past incident: its shape, where it was, and every word said of it."""
    named = f"{lesson.cause} {lesson.category.value} {lesson.action.value}"
    words = f"{_place_words(lesson.culprit)} {named} {lesson.text}"
    return _join(_shape(lesson.culprit, lesson.shape), _words(words))


def embed_signature(signature: Signature) -> Vector:
    """Embed an incident that nobody has named yet: its shape and where it is."""
    return _join(_shape(signature.culprit, signature.shape), _words(_place_words(signature.culprit)))


def embed_text(text: str) -> Vector:
    """Embed a person's words; the shape stays open."""
    return _join(np.zeros(_SHAPE), _words(text))


def _place_words(culprit: Segment) -> str:
    return " ".join(f"{name} {value[:_CHARACTERS_OF_A_VALUE]}" for name, value in culprit.root.items())


def _shape(culprit: Segment, shape: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Add the features up, each along its own direction; the roles of the culprit are features too."""
    vector = np.zeros(_SHAPE)
    for name, value in shape.items():
        vector += value * _direction(f"shape:{name}")
    for role in sorted({role_of(name) for name in culprit.names()}):
        vector += _ROLE_WEIGHT * _direction(f"role:{role}")
    return vector


def _direction(feature: str) -> npt.NDArray[np.float64]:
    bits = np.unpackbits(np.frombuffer(_digest(feature, _SHAPE // 8), dtype=np.uint8))
    return np.where(bits, 1.0, -1.0)


def _words(text: str) -> npt.NDArray[np.float64]:
    vector = np.zeros(_WORDS)
    for feature, weight in _features(text[:_CHARACTERS_AT_MOST].lower()):
        place, sign = _bin(feature, _WORDS)
        vector[place] += sign * weight
    return np.sign(vector) * np.sqrt(np.abs(vector))


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


def _join(shape: npt.NDArray[np.float64], words: npt.NDArray[np.float64]) -> Vector:
    vector = np.concatenate([_unit(shape), _unit(words)])
    return _unit(vector).astype(np.float32)


def _unit(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
