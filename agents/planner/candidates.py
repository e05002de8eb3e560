"""The actions that are worth comparing for a diagnosis."""

from collections.abc import Iterator

from agents.planner.case import Case
from agents.planner.remedies import Remedy, remedy_for
from agents.planner.targets import eligible, free_together, split
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
    at_stake = case.culprit_attempts * remedy.stake_rate(case.tally)
    return Alert(
        scope=case.diagnosis.culprit,
        message=f"{case.diagnosis.sentence} {case.diagnosis.cause}: {remedy.because}.",
        severity="critical" if at_stake >= case.settings.critical_above else "warning",
    )


def _retry_policy(case: Case, remedy: Remedy) -> Iterator[AdjustRetryPolicy]:
    if remedy.max_attempts is not None and remedy.effect(ActionKind.RETRY_POLICY) > 0.0:
        yield AdjustRetryPolicy(
            scope=case.diagnosis.culprit, max_attempts=remedy.max_attempts, backoff_s=remedy.backoff_s
        )


def _reroute(case: Case, remedy: Remedy) -> Iterator[Reroute]:
    source = case.diagnosis.culprit.role("route")
    if source is None or remedy.effect(ActionKind.REROUTE) <= 0.0:
        return
    shares = split(case, source)
    if shares is not None:
        yield Reroute(scope=case.diagnosis.culprit, from_route=source, to=shares.to, share=shares.share)


def _suppress(case: Case, remedy: Remedy) -> Iterator[Suppress]:
    source = case.diagnosis.culprit.role("route")
    if source is None or remedy.effect(ActionKind.SUPPRESS) <= 0.0 or not eligible(case, source):
        return
    dead = (case.tally.success_rate or 0.0) < case.settings.dead_below
    free = free_together(case, source)
    if (dead or remedy.suppress_alive) and (free is None or free >= case.culprit_per_s):
        yield Suppress(scope=case.diagnosis.culprit)
