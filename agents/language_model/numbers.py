"""Whether the numbers of a sentence stand in the evidence, as they are or rounded."""

import re
from collections.abc import Iterator
from functools import lru_cache

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_MIXED = re.compile(r"\w*\d\w*")
"""A word with a digit in it: a number, an id, a stand-in or a code."""
_PERCENT = re.compile(r"\s*(?:%|percent|per cent)")
_SPELLED = re.compile(
    r"\b(?:eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|[mb]illions?|dozens?|"
    r"half|halves|doubled?|doubling|twice|triple[ds]?|thrice|tenfold)\b",
    re.IGNORECASE,
)
"""Numbers in words cannot be compared, and amounts in words are claims all the same."""

_EXACT = 1e-9
_ROUNDED = 0.05
"""Most that rounding may change a number, relative to it."""


def made_up(text: str, evidence: str) -> str | None:
    """Give the first number of a text that the evidence does not hold; None when it holds them all."""
    if spelled := _SPELLED.search(text):
        return spelled[0]
    known, text = _known(evidence), _without_words_of(evidence, text)
    for found in _NUMBER.finditer(text):
        value, decimals = _value(found[0]), _decimals(found[0])
        as_share = _PERCENT.match(text, found.end()) is not None
        if not any(_same(value, decimals, one) for one in _meant(known, as_share=as_share)):
            return found[0]
    glued = _MIXED.search(_NUMBER.sub(" ", text))
    return None if glued is None else glued[0]


def _without_words_of(evidence: str, text: str) -> str:
    """Take out the words with a digit and a letter that the evidence holds as they are, such as U30 or e4."""
    held = {one for one in _MIXED.findall(evidence) if not one.isdecimal()}
    return _MIXED.sub(lambda found: " " if found[0] in held else found[0], text)


@lru_cache(maxsize=64)
def _known(evidence: str) -> frozenset[float]:
    return frozenset(abs(_value(found)) for found in _NUMBER.findall(evidence))


def _meant(known: frozenset[float], *, as_share: bool) -> Iterator[float]:
    yield from known
    if as_share:
        yield from (100.0 * one for one in known if one <= 1.0)


def _value(written: str) -> float:
    return float(written.replace(",", ""))


def _decimals(written: str) -> int:
    return len(written.partition(".")[2]) if "e" not in written.lower() else 0


def _same(value: float, decimals: int, known: float) -> bool:
    off = abs(abs(value) - known)
    return off <= _EXACT or (off <= 0.5 * 10.0**-decimals + _EXACT and off <= _ROUNDED * known)
