"""How a check compares a number with its limit and says so."""

from typing import Literal

from payments.verdict import Check

OnFailure = Literal["ask", "second", "block"]

_DIGITS = 9
"""Digits that are compared: shares are sums of products, so the last bits of a float say nothing."""


def figure(value: float) -> str:
    """Write a number with at most four decimals: 0.7999, 5,001.

    >>> figure(5001.0), figure(0.7999), figure(0.95)
    ('5,001', '0.7999', '0.95')
    """
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def at_most(name: str, what: str, measured: float, limit: float, on_failure: OnFailure = "ask") -> Check:
    """Pass when the measured number does not exceed the limit."""
    measured, limit = round(measured, _DIGITS), round(limit, _DIGITS)
    passed = measured <= limit
    words = "within" if passed else "above"
    return Check(
        name=name,
        passed=passed,
        sentence=f"{what} is {figure(measured)}, {words} the limit of {figure(limit)}.",
        on_failure=on_failure,
        measured=measured,
        limit=limit,
    )


def at_least(name: str, what: str, measured: float, limit: float, on_failure: OnFailure = "ask") -> Check:
    """Pass when the measured number reaches the limit."""
    passed = measured >= limit
    words = "which reaches" if passed else "below"
    return Check(
        name=name,
        passed=passed,
        sentence=f"{what} is {figure(measured)}, {words} the required {figure(limit)}.",
        on_failure=on_failure,
        measured=measured,
        limit=limit,
    )


def holds(name: str, sentence: str, *, passed: bool, on_failure: OnFailure = "ask") -> Check:
    """Make a check that compares no numbers."""
    return Check(name=name, passed=passed, sentence=sentence, on_failure=on_failure)
