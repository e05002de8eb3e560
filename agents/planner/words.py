"""Actions and estimates in words."""

from typing import assert_never

from agents.planner.case import Case
from agents.planner.overload import relief_per_s
from agents.planner.remedies import Remedy
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.money import Money
from payments.plan import Interval

_LONG_S = 7200.0


def reason(action: Action, saved: Interval, money: Interval | None, case: Case) -> str:
    """Say what an action should bring, and what bounds the estimate."""
    currency = case.situation.readings.currency
    worth = f", {_sum(money, currency)}" if money is not None and currency and money.mean else ""
    narrower = action.scope != case.diagnosis.culprit and case.diagnosis.culprit.contains(action.scope)
    bound = " at most, for its scope is narrower than the culprit" if narrower else ""
    return f"{describe(action)} {saving(saved, case.expires_after_s)}{worth}{bound}.{_overload(action, case)}"


def because(cause: str, remedy: Remedy) -> str:
    """Say why the right answer is what it is."""
    return f"{cause}: {remedy.because}."


def describe(action: Action) -> str:
    """Name the action with its parameters, as the subject of a sentence."""
    match action:
        case Reroute(scope=scope, share=share):
            return f"Moving {_whole_or_most(action)}{share:.0%} of {scope} to {_targets(action)}"
        case AdjustRetryPolicy(scope=scope, max_attempts=most, backoff_s=backoff):
            return f"Allowing {scope} at most {most} attempts, {backoff:.0f} s apart,"
        case Suppress(scope=scope):
            return f"Suppressing {scope}"
        case Alert(scope=scope):
            return f"Alerting people about {scope}"
        case NoAction(scope=scope):
            return f"Leaving {scope} alone"
        case _:
            assert_never(action)


def saving(saved: Interval, seconds: float) -> str:
    """Say how many payments an action saves until its expiry, with the 90 % interval."""
    if saved.low == saved.high == 0.0:
        return "saves and costs nothing"
    verb, low, high = "save", saved.low, saved.high
    if saved.mean < 0.0:
        verb, low, high = "lose", -saved.high, -saved.low
    span = f"{round(low):,} to {round(high):,}"  # whole numbers have no minus zero
    return f"should {verb} {abs(saved.mean):,.0f} payments in {_span(seconds)} (90 %: {span})"


def _whole_or_most(action: Reroute) -> str:
    return "up to " if action.limits_per_s else ""


def _targets(action: Reroute) -> str:
    return ", ".join(
        f"{name} ({fraction:.0%}{_limit(action.limits_per_s.get(name))})"
        for name, fraction in action.to.items()
    )


def _limit(per_s: float | None) -> str:
    return "" if per_s is None else f", at most {per_s:g} a second"


def _sum(money: Interval, currency: str) -> str:
    return f"{Money(minor=round(money.mean), currency=currency)}"


def _overload(action: Action, case: Case) -> str:
    if not isinstance(action, Reroute) or relief_per_s(case, action.from_route) is None:
        return ""
    return f" {action.from_route} is overloaded, not broken: only what is too much for it moves."


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < _LONG_S else f"{seconds / 3600:.0f} h"
