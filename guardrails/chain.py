"""A chain of lines, each with the hash of the one before: pure, for any record of plain JSON.

To change, drop, swap or insert a line, all that follow must be written anew (Haber and Stornetta 1991,
"How to time-stamp a digital document"), which takes the key where there is one.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from math import isfinite

from pydantic import JsonValue

BEFORE_THE_FIRST = "0" * 64
"""What stands for the hash of the line before the first."""
_BITS = 64


@dataclass(frozen=True)
class Link:
    """One line of the chain, without its end of line."""

    number: int
    hash: str
    line: bytes


def canonical(value: JsonValue) -> bytes:
    """Write plain JSON in the one form that is hashed.

    Raises:
        ValueError: it holds a number that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def digest(value: JsonValue, key: bytes | None = None) -> str:
    """Hash plain JSON: SHA-256, or HMAC-SHA-256 with a key; in hexadecimal digits."""
    text = canonical(value)
    return hashlib.sha256(text).hexdigest() if key is None else hmac.new(key, text, "sha256").hexdigest()


def plain(value: JsonValue) -> JsonValue:
    """Write as text the numbers that JSON cannot carry: not finite, or whole ones beyond 64 bits."""
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > _BITS:
        return hex(value)
    return value


def link(number: int, previous: str, record: JsonValue, key: bytes | None) -> Link:
    """Make the line with this number, after the one with the hash `previous`."""
    content: dict[str, JsonValue] = {"number": number, "previous": previous, "record": record}
    own = digest(content, key)
    return Link(number, own, canonical({**content, "hash": own}))


def fault_of(line: bytes, number: int, previous: str, key: bytes | None) -> str | None:
    """Say what is wrong with a line at this place; None when nothing is."""
    try:
        held = json.loads(line)
        its_number, its_previous, record = held["number"], held["previous"], held["record"]
        right = link(its_number, its_previous, record, key)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "it is no record"
    if right.line != line:
        return "it was changed, or written under another key"
    if its_number != number:
        return f"it is number {its_number}: lines were dropped, added or put in another order"
    if its_previous != previous:
        return "it does not follow from the line before"
    return None


def identity_of(line: bytes) -> tuple[str, str]:
    """Read the hash of a line and the id of its record; empty when it is no record."""
    try:
        held = json.loads(line)
        return str(held["hash"]), str(held["record"]["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""
