"""The actions that are worth comparing for a diagnosis."""

from collections.abc import Iterator

from agents.planner.case import Case
from agents.planner.remedies import Remedy, remedy_for
from agents.planner.retrying import most_attempts
from agents.planner.split import split
from agents.planner.targets import eligible, free_together
from agents.planner.worth import stake_until_expiry
from payments.action import Action, ActionKind, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress


def candidates(case: Case) -> tuple[Action, ...]:
    """Give them from the least to the most intrusive, so that the first of equals is the mildest.

    What touches traffic must heal the diagnosed cause; that it might heal another one is not enough.
    """
    remedy = remedy_for(case.diagnosis.cause)
    scope = case.diagnosis.culprit
    return (
        NoAction(scope=scope, reason=f"{case.diagnosis.cause}: {remedy.because}."),
        _alert(case, remedy),
        *_retry_policy(case, remedy),
        *_reroute(case, remedy),
        *_suppress(case, remedy),
    )


def _alert(case: Case, remedy: Remedy) -> Alert:
    return Alert(
        scope=case.diagnosis.culprit,
        message=f"{case.diagnosis.sentence} {case.diagnosis.cause}: {remedy.because}.",
        severity="critical"
        if stake_until_expiry(remedy, case) >= case.settings.critical_above
        else "warning",
    )


def _retry_policy(case: Case, remedy: Remedy) -> Iterator[AdjustRetryPolicy]:
    if remedy.max_attempts is None or remedy.effect(ActionKind.RETRY_POLICY) <= 0.0:
        return
    allowed = most_attempts(case)
    yield AdjustRetryPolicy(
        scope=case.diagnosis.culprit,
        max_attempts=remedy.max_attempts if allowed is None else min(remedy.max_attempts, allowed),
        backoff_s=remedy.backoff_s,
    )


def _reroute(case: Case, remedy: Remedy) -> Iterator[Reroute]:
    source = case.diagnosis.culprit.role("route")
    if source is None or remedy.effect(ActionKind.REROUTE) <= 0.0:
        return
    found = split(case, source)
    if found is not None:
        yield Reroute(
            scope=case.diagnosis.culprit,
            from_route=source,
            to=dict(found.to),
            share=found.share,
            limits_per_s=dict(found.limits_per_s),
        )


def _suppress(case: Case, remedy: Remedy) -> Iterator[Suppress]:
    source = case.diagnosis.culprit.role("route")
    if source is None or remedy.effect(ActionKind.SUPPRESS) <= 0.0:
        return
    targets = eligible(case, source)
    # Nothing steps or probes on the way of a suppression, so it leads to no route that is untested.
    if not targets or any(route.success_rate is None for route in targets):
        return
    dead = (case.tally.success_rate or 0.0) < case.settings.dead_below
    free = free_together(case, source)
    if (dead or remedy.suppress_alive) and (free is None or free >= case.culprit_per_s):
        yield Suppress(scope=case.diagnosis.culprit)
