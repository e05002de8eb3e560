"""Lengths of time as people type them."""

import re
from datetime import timedelta

from payments.errors import InputError

_UNITS = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DIGITS_AT_MOST = 6


def span_of(text: str) -> timedelta:
    """Read a whole number with its unit.

    >>> span_of("7d"), span_of("90 min")
    (datetime.timedelta(days=7), datetime.timedelta(seconds=5400))

    Raises:
        InputError: it is not of that form, or zero.
    """
    found = re.fullmatch(r"\s*([0-9]+)\s*([a-z]+)\s*", text)
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None or len(found[1]) > _DIGITS_AT_MOST or not int(found[1]):
        msg = (
            f"{text!r} is no length of time: give a whole number above 0 and a unit, such as 7d, 12h or 30min"
        )
        raise InputError(msg)
    return timedelta(**{unit: int(found[1])})
