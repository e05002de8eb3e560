"""A row of characters whose heights follow a series."""

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-:=+*#"
"""For terminals without UTF-8: the darker, the higher."""

_LEAST_SPAN = 0.05
"""Rates that differ by less than this are drawn nearly level, or noise would look like an incident."""


def scale(series: Sequence[float | None]) -> tuple[float, float] | None:
    """Give the lowest and highest value to draw, or None when nothing is known."""
    known = [value for value in series if value is not None]
    if not known:
        return None
    top = max(known)
    return min(*known, top - _LEAST_SPAN), top


def sparkline(series: Sequence[float | None], span: tuple[float, float], levels: str = BLOCKS) -> str:
    """Draw one character a value, a blank for an unknown one."""
    low, high = span
    step = (high - low) / (len(levels) - 1)
    return "".join(" " if value is None else levels[round((value - low) / step)] for value in series)
