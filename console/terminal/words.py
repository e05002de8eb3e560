"""Actions, plans, evidence and figures in words."""

from collections.abc import Sequence
from datetime import datetime

from console.terminal.clean import one_line
from payments.action import (
    Action,
    ActionKind,
    AdjustRetryPolicy,
    Alert,
    NoAction,
    Reroute,
    Suppress,
    touches_traffic,
)
from payments.diagnosis import EvidenceItem
from payments.plan import Interval, Plan
from payments.verdict import Check

_SHARES = frozenset({"fraction", "share", "rate", "success_rate"})
"""Units of evidence that are fractions 0..1 and read better as a percentage."""

_SMALL_FRACTION, _LARGE, _ASTRONOMIC = 1e-3, 100, 1e15
"""Where another number of digits reads better."""

_KINDS = {
    ActionKind.REROUTE: "reroute",
    ActionKind.RETRY_POLICY: "retry policy",
    ActionKind.SUPPRESS: "suppress",
    ActionKind.ALERT: "alert",
    ActionKind.NONE: "none",
}


def percent(fraction: float | None) -> str:
    """Write a fraction as a percentage, with one decimal where it says something."""
    if fraction is None:
        return "-"
    digits = f"{100 * fraction:.2g}" if 0 < fraction < _SMALL_FRACTION else f"{100 * fraction:.1f}"
    return digits.removesuffix(".0") + " %"


def number(value: float | None) -> str:
    """Write a number with as many decimals as help: none for a whole or large one, at most three."""
    if value is None:
        return "-"
    if abs(value) >= _LARGE or float(value).is_integer():
        return count(value)
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.3g}"


def count(value: float) -> str:
    """Write a number of things, rounded to a whole."""
    return f"{value:,.0f}" if abs(value) < _ASTRONOMIC else f"{value:.3g}"


def duration(seconds: float) -> str:
    """Write a length of time in its largest fitting unit."""
    for unit_s, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit_s:
            return f"{number(round(seconds / unit_s, 1))} {name}"
    return f"{number(seconds)} s"


def clock(at: datetime) -> str:
    """Write the time of day by the feed's clock."""
    return f"{at:%H:%M:%S}"


def date(at: datetime) -> str:
    """Write the day."""
    return f"{at:%Y-%m-%d}"


def day(at: datetime) -> str:
    """Write the day and the time of day, with the time zone."""
    return f"{at:%Y-%m-%d %H:%M:%S %Z}"


def kind_words(kind: ActionKind) -> str:
    """Name a kind of action in one or two words."""
    return _KINDS[kind]


def cause_words(cause: str | None) -> str:
    """Name a cause as people say it, so that it also breaks between words."""
    return (cause or "-").replace("_", " ")


def action_words(action: Action) -> str:
    """Say in one line what would be done to which payments."""
    return one_line(_action(action))


def plan_words(plan: Plan) -> str:
    """Say what would be done, and when it undoes itself."""
    words = action_words(plan.action)
    return (
        f"{words}; undone after {duration(plan.expires_after_s)}" if touches_traffic(plan.action) else words
    )


def saved_words(saved: Interval) -> str:
    """Say how many payments are saved, with the 90 % interval."""
    return f"{count(saved.mean)} payments ({count(saved.low)} to {count(saved.high)})"


def evidence_words(item: EvidenceItem) -> str:
    """Say one number of the evidence beside what was expected."""
    expected = "" if item.expected is None else f", expected {quantity(item.expected, item.unit)}"
    unit = "" if item.label.endswith(item.unit) else unit_words(item.unit)
    observed = f"{quantity(item.observed, item.unit)} {unit}".rstrip()
    return one_line(f"{item.label} {observed}{expected}")


def quantity(value: float | None, unit: str) -> str:
    """Write an observed or expected figure of the evidence, without its unit unless that is %."""
    return percent(value) if unit in _SHARES else number(value)


def unit_words(unit: str) -> str:
    """Name the unit of a quantity; a percentage carries its own."""
    return "" if unit in _SHARES else unit


def compared_words(check: Check) -> tuple[str, str]:
    """Write both numbers of a check, exactly when rounding would make them look equal."""
    measured, limit = number(check.measured), number(check.limit)
    if measured == limit and check.measured != check.limit:
        return repr(check.measured), repr(check.limit)
    return measured, limit


def listed(parts: Sequence[str], otherwise: str = "none") -> str:
    """Join parts by semicolons, or say that there are none."""
    return "; ".join(parts) or otherwise


def _action(action: Action) -> str:
    match action:
        case Reroute():
            return _reroute(action)
        case AdjustRetryPolicy(max_attempts=1):
            return f"Do not retry failed payments of {action.scope}"
        case AdjustRetryPolicy():
            pause = f", {duration(action.backoff_s)} apart" if action.backoff_s else ""
            return f"Try payments of {action.scope} at most {action.max_attempts} times{pause}"
        case Suppress():
            return f"Offer {action.scope} to no payment"
        case Alert():
            return f"Alert operators ({action.severity}) about {action.scope}: {action.message}"
        case NoAction():
            return f"None: {action.reason}"


def _reroute(action: Reroute) -> str:
    # A scope that already names the route says "from" once; a wider one needs the route beside it.
    named = action.scope.role("route") == action.from_route
    source = f"{action.scope}" if named else f"{action.scope} on {action.from_route}"
    targets = ", ".join(f"{route} {percent(part)}" for route, part in action.to.items())
    return f"Reroute {percent(action.share)} of {source} to {targets or 'no route'}"
