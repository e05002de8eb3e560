"""What one value of a file means, as an integer; a wrong one raises a ValueError that says what it is."""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from payments.window import LATENCY_EDGES_MS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MOST_ATTEMPTS = 10**9
"""Most that one row may count; more is a damaged number."""
_MOST_MINOR = 10**14
_MOST_DIGITS = 18
"""More digits are read as a float, so that a huge text costs no time."""

_EARLIEST_S, _LATEST_S = 10**8, 42 * 10**8
"""Plausible times, 1973 to 2103; so a bare year or a compact date is never taken for seconds."""
_MILLISECONDS_FROM = 10**11
_EPOCH_NUMBER = re.compile(r"[0-9]{9,}(\.[0-9]*)?|[0-9](\.[0-9]*)?[eE]\+?[0-9]{1,2}")

_EDGES = LATENCY_EDGES_MS.tolist()

FAILURE, SUCCESS, PENDING = 0, 1, 2

_SUCCESSES = (
    "1 true t yes y success succeeded successful approved authorised authorized captured charged ok paid"
)
_FAILURES = (
    "0 false f no n decline declined error failed failure fail refused rejected cancelled canceled expired"
)
_PENDINGS = "pending processing timeout unknown in_progress"
WORDS: Mapping[int, tuple[str, ...]] = MappingProxyType({
    SUCCESS: tuple(_SUCCESSES.split()),
    FAILURE: tuple(_FAILURES.split()),
    PENDING: tuple(_PENDINGS.split()),
})  # fmt: skip
"""What each outcome may be called, in lower case."""
_OUTCOMES: Mapping[str, int] = MappingProxyType(
    {word: outcome for outcome, known in WORDS.items() for word in known}
)

EXPECTED: Mapping[str, str] = MappingProxyType({
    "time": "ISO 8601, YYYY-MM-DD HH, or seconds or milliseconds since 1970",
    "count": f"a whole number from 0 to {MOST_ATTEMPTS:,}",
    "outcome": "such as 1, 0, true, false, success, approved, declined, error, failed or pending",
    "flag": "such as 1, 0, true or false",
    "attempt": "a whole number from 1",
    "amount": "a whole number of minor units (2031 for 20.31): convert it, or leave amount out with --map",
    "latency": "milliseconds, 0 or more",
    "currency": "three letters, such as INR",
})  # fmt: skip


def time_us(text: str) -> int:
    """Read a time as microseconds since 1970; without a zone it is UTC."""
    stripped = text.strip()
    is_number = "-" not in stripped and _EPOCH_NUMBER.fullmatch(stripped)
    microseconds = _epoch_us(stripped) if is_number else _iso_us(stripped)
    if not _EARLIEST_S * 10**6 <= microseconds <= _LATEST_S * 10**6:
        raise ValueError("is outside the years 1973 to 2103")
    return microseconds


def _epoch_us(text: str) -> int:
    number = int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else float(text)
    scale = 10**3 if number >= _MILLISECONDS_FROM else 10**6
    return round(number * scale) if number < 10**15 else 10**17


def _iso_us(text: str) -> int:
    if not text:
        raise ValueError("is empty")
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise ValueError("is no time") from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6)


def count(text: str) -> int:
    """Read a number of attempts or payments; 3.0 is 3."""
    return _whole(text, MOST_ATTEMPTS)


def _whole(text: str, most: int) -> int:
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit() and len(stripped) <= _MOST_DIGITS:
        number: float = int(stripped)
    else:
        number = _float(stripped)
    if number < 0:
        raise ValueError("is negative")
    if number > most:
        raise ValueError("is too large")
    if number != int(number):
        raise ValueError("is not whole")
    return int(number)


def _float(stripped: str) -> float:
    if not stripped:
        raise ValueError("is empty")
    try:
        number = float(stripped)
    except ValueError:
        raise ValueError("is no number") from None
    if not math.isfinite(number) or "_" in stripped:
        raise ValueError("is no number")
    return number


def _optional(read: Callable[[str], int], empty: int) -> Callable[[str], int]:
    return lambda text: read(text) if text.strip() else empty


def outcome(text: str) -> int:
    """Read the outcome of one attempt: FAILURE, SUCCESS or PENDING."""
    word = text.strip().lower()
    known = _OUTCOMES.get(word.removesuffix(".0"))
    if known is None:
        raise ValueError("is no known outcome" if word else "is empty")
    return known


def _flag(text: str) -> int:
    known = _OUTCOMES.get(text.strip().lower().removesuffix(".0"))
    if known not in {FAILURE, SUCCESS}:
        raise ValueError("is neither true nor false")
    return known


def attempt_number(text: str) -> int:
    """Read which attempt of its payment a row is; 1 is the first."""
    number = count(text)
    if number < 1:
        raise ValueError("is below 1")
    return number


def _latency(text: str) -> int:
    number = _float(text.strip())
    if number < 0:
        raise ValueError("is negative")
    return bisect_right(_EDGES, number)


NO_LATENCY = -1

flag = _optional(_flag, FAILURE)
"""Reads true or false; empty is false."""
optional_count = _optional(count, 0)
"""Reads a number; empty is 0."""
amount_minor = _optional(lambda text: _whole(text, _MOST_MINOR), 0)
"""Reads an amount in minor units; empty is 0."""
latency_bin = _optional(_latency, NO_LATENCY)
"""Reads milliseconds as the bin of the latency histogram; empty is NO_LATENCY."""


NO_CURRENCY = 0
_LETTERS = 3


def currency_number(text: str) -> int:
    """Read an ISO 4217 code as the number that its letters spell; empty is NO_CURRENCY."""
    code = text.strip().upper()
    if not code:
        return NO_CURRENCY
    if len(code) != _LETTERS or not (code.isascii() and code.isalpha()):
        raise ValueError("is no currency code")
    return int.from_bytes(code.encode("ascii"), "big")


def currency_of(number: int) -> str:
    """Give back the code of a currency's number."""
    return number.to_bytes(_LETTERS, "big").decode("ascii")
