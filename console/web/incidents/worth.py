"""What a proposal is worth in few words: what it saves, what it risks, what it moves, how long it lasts."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from console.terminal.words import count, duration, percent
from payments.action import Reroute, touches_traffic
from payments.incident import Incident
from payments.money import Money
from payments.plan import Interval, Plan

SHARE_CHECK = "share_of_total"
"""The check that knows which share of all traffic an action moves."""

_GRADED = "by the traffic in its reach and the room on its targets"
"""What the risk officer grades a risk by: not by what the estimate beside it may lose."""
_TONES = {"low": "good", "medium": "warn", "high": "bad"}


@dataclass(frozen=True)
class Figure:
    """One number that people decide by."""

    name: str
    value: str
    beside: str = ""
    """What else must be known of it."""
    tone: str = ""
    """`good`, `warn` or `bad`; empty for neither."""


def figures_of(incident: Incident) -> tuple[Figure, ...]:
    """Give what the proposal of an incident saves, risks and moves, and how long it lasts."""
    plan = incident.plan
    if plan is None:
        return ()
    if not touches_traffic(plan.action):
        return (_saves(incident, plan), Figure("Touches", "no payment", "nothing is changed"))
    return (_saves(incident, plan), _risks(incident, plan), _moves(incident, plan), _lasts(plan))


def money_words(saved: Interval | None, currency: str | None) -> str:
    """Write money saved with its 90 % interval; empty without amounts or a currency."""
    if saved is None or currency is None or not all(map(isfinite, (saved.low, saved.mean, saved.high))):
        return ""
    low, high = rounded(saved.low, currency), rounded(saved.high, currency)
    return f"{rounded(saved.mean, currency)} ({low} to {high})"


def rounded(minor: float, currency: str) -> str:
    """Write an amount in whole units: an estimate has no cents.

    >>> rounded(166788174, "EUR"), rounded(-1234567, "JPY")
    ('1,667,882 EUR', '-1,234,567 JPY')
    """
    amount, _ = str(Money(minor=round(abs(minor)), currency=currency)).replace(",", "").split()
    return f"{'-' if minor < 0 else ''}{float(amount):,.0f} {currency}"


def _saves(incident: Incident, plan: Plan) -> Figure:
    saved = plan.payments_saved
    beside = f"90 %: {count(saved.low)} to {count(saved.high)}"
    if plan.money_saved_minor is not None and plan.currency is not None:
        beside += f"; worth {rounded(plan.money_saved_minor.mean, plan.currency)}"
    name = "Should save" if incident.executed else "Saves"
    return Figure(name, f"{count(saved.mean)} payments", beside, "good" if saved.low > 0 else "warn")


def _risks(incident: Incident, plan: Plan) -> Figure:
    risk = incident.verdict.risk if incident.verdict else "not reviewed yet"
    return Figure("Risks", risk, "; ".join((_GRADED, *_at_worst(plan))), _TONES.get(risk, ""))


def _at_worst(plan: Plan) -> Iterator[str]:
    low = plan.payments_saved.low
    if low < 0:
        yield f"may lose {count(-low)} payments"
    if plan.fees_minor and plan.currency:
        yield f"{rounded(plan.fees_minor, plan.currency)} of extra fees"


def _moves(incident: Incident, plan: Plan) -> Figure:
    checks = incident.verdict.checks if incident.verdict else ()
    share = next((check.measured for check in checks if check.name == SHARE_CHECK), None)
    beside = "" if share is None else f"{percent(share)} of all traffic"
    if isinstance(plan.action, Reroute):
        return Figure(
            "Moves", percent(plan.action.share), f"of {plan.action.scope}; {beside}".removesuffix("; ")
        )
    volume = incident.diagnosis.attempts_per_window if incident.diagnosis else None
    return Figure("Touches", "-" if volume is None else f"{count(volume)} a window", beside)


def _lasts(plan: Plan) -> Figure:
    return Figure("Lasts", duration(plan.expires_after_s), "then undone by itself; renewed while it helps")
