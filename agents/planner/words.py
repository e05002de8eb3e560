"""Actions and estimates in words."""

from typing import assert_never

from payments.action import Action, AdjustRetryPolicy, Alert, Interval, NoAction, Reroute, Suppress

_LONG_S = 7200.0


def describe(action: Action) -> str:
    """Name the action with its parameters, as the subject of a sentence."""
    match action:
        case Reroute(scope=scope, to=to, share=share):
            targets = ", ".join(f"{name} ({fraction:.0%})" for name, fraction in to.items())
            return f"Moving {share:.0%} of {scope} to {targets}"
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


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < _LONG_S else f"{seconds / 3600:.0f} h"
