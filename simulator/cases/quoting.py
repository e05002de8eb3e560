"""Quote what a client sent in a message to that client: short, whatever it is."""

from typing import Final

_LONGEST: Final = 60
_WIDEST_BITS: Final = 64


def quoted(value: object) -> str:
    """Quote a value; what is long or nested is named by its kind.

    >>> quoted("x"), quoted({"a": [1]}), quoted(10**5000)
    ("'x'", 'an object', 'a number of 16610 bits')
    """
    if isinstance(value, str):
        return repr(value[:_LONGEST]) + ("..." if len(value) > _LONGEST else "")
    if isinstance(value, int) and value.bit_length() > _WIDEST_BITS:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:_LONGEST]
