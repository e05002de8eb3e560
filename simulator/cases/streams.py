"""Random streams named by words: the same words give the same stream in every process and on every machine.

A stream is the output of SHAKE-256 (FIPS 202) on its name, 32 bits a chance.
"""

import hashlib
import math
import struct
from collections.abc import Sequence
from typing import Final, TypeVar

_BYTES: Final = 4
_UNIT: Final = 2.0**-32
_Item = TypeVar("_Item")


class Dice:
    """The first chances of the stream of these words, used one after another."""

    __slots__ = ("next",)

    def __init__(self, count: int, *words: str | int) -> None:
        self.next = iter(chances(count, *words)).__next__
        """Give the next one."""

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return low + (high - low) * self.next()

    def normal(self) -> float:
        """Draw from the standard normal distribution (Box and Muller 1958)."""
        return math.sqrt(-2.0 * math.log(1.0 - self.next())) * math.cos(2.0 * math.pi * self.next())

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number; both ends are possible."""
        return low + int((high - low + 1) * self.next())

    def one_of(self, items: Sequence[_Item]) -> _Item:
        """Draw an item."""
        return items[int(len(items) * self.next())]


def chances(count: int, *words: str | int) -> list[float]:
    """Give the first numbers from 0 to below 1 of the stream of these words."""
    drawn = hashlib.shake_256(_joined(words)).digest(_BYTES * count)
    return [bits * _UNIT for bits in struct.unpack(f"<{count}I", drawn)]


def digest(*words: str | int) -> str:
    """Give 32 hexadecimal digits of these words."""
    return hashlib.blake2b(_joined(words), digest_size=16).hexdigest()


def _joined(words: tuple[str | int, ...]) -> bytes:
    """Write the words with a mark between them that none contains."""
    return "\x1f".join(map(str, words)).encode()
