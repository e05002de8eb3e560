"""What an action is worth until its expiry, against doing nothing: payments saved, over all hypotheses."""

import math
from dataclasses import dataclass
from typing import assert_never

from agents.planner.case import Case
from agents.planner.intervals import Part, lasting, mixture
from agents.planner.remedies import Remedy, remedy_for
from agents.planner.targets import eligible, free_together, gain
from payments.action import (
    Action,
    ActionKind,
    AdjustRetryPolicy,
    Alert,
    Interval,
    NoAction,
    Reroute,
    Route,
    Suppress,
)
from payments.incident import Hypothesis


@dataclass(frozen=True)
class Move:
    """Payments that leave their route until the expiry."""

    attempts: float
    """All that move."""
    culprits: float
    """Those of them that belong to the culprit, which alone can be healed."""
    gain: float
    """Success rate won per payment of the culprit, were the fault to last."""
    fee: float
    """Extra fees of all of them, in payments."""


def payments_saved(action: Action, case: Case) -> Interval:
    """Mix what the action would bring under each hypothesis."""
    lasts = lasting(case.expires_after_s, case.settings.fault_lasts_s)
    return mixture([_part(action, hypothesis, case) for hypothesis in case.hypotheses], lasts)


def _part(action: Action, hypothesis: Hypothesis, case: Case) -> Part:
    remedy, probability = remedy_for(hypothesis.cause), hypothesis.probability
    match action:
        case Reroute() | Suppress():
            heals = action.scope.comparable(hypothesis.culprit)
            effect = remedy.effect(action.kind)
            return _moving(probability, _move(action, case), effect if heals else min(effect, 0.0), case)
        case AdjustRetryPolicy():
            return _retrying(probability, action, remedy, case)
        case Alert():
            return _alerting(probability, remedy, case)
        case NoAction():
            return Part(probability, won=0.0, deviation=0.0, cost=0.0)
        case _:
            assert_never(action)


def _moving(probability: float, move: Move, effect: float, case: Case) -> Part:
    harm = max(0.0, -effect) * move.attempts
    healed = max(0.0, effect) * move.culprits
    return Part(
        probability,
        won=healed * move.gain,
        deviation=healed * case.loss_deviation,
        cost=harm + case.settings.friction * move.attempts + move.fee,
    )


def _move(action: Reroute | Suppress, case: Case) -> Move:
    attempts, culprits = case.attempts_in(action.scope), case.touched_culprit_attempts(action)
    known = {route.name: route for route in case.routes}
    if isinstance(action, Suppress):
        source = action.scope.role("route")
        targets = eligible(case, source)
        to = {route.name: 1.0 / len(targets) for route in targets}
        rate = _suppressed_gain(case, source, to, known)
        return Move(attempts, culprits, rate, attempts * _fee(source, to, known, case))
    rate = sum(
        fraction * _gain_with_overflow(known.get(name), action.share * fraction * attempts, case)
        for name, fraction in action.to.items()
    )
    fee = action.share * attempts * _fee(action.from_route, action.to, known, case)
    return Move(action.share * attempts, action.share * culprits, rate, fee)


def _gain_with_overflow(route: Route | None, moved: float, case: Case) -> float:
    """Count what exceeds the target's capacity as lost, though some of it succeeds where it is."""
    free = route.free_per_s(1.0) if route else None
    moved_per_s = moved / case.expires_after_s
    carried = 1.0 if free is None or moved_per_s <= free else free / moved_per_s
    return carried * gain(route, case) - (1.0 - carried) * (1.0 - case.loss_rate)


def _suppressed_gain(case: Case, source: str | None, to: dict[str, float], known: dict[str, Route]) -> float:
    """Count payments that find no room elsewhere as lost."""
    free = free_together(case, source) if to else 0.0
    carried = 1.0 if free is None else min(1.0, free / case.culprit_per_s) if case.culprit_per_s else 0.0
    healed = sum(fraction * gain(known[name], case) for name, fraction in to.items())
    return carried * healed - (1.0 - carried) * (1.0 - case.loss_rate)


def _fee(source: str | None, to: dict[str, float], known: dict[str, Route], case: Case) -> float:
    """Give the extra fee of a moved payment in payments; a cheaper route wins nothing."""
    old = known[source].fee_bps if source in known else 0.0
    new = sum(fraction * known[name].fee_bps for name, fraction in to.items() if name in known)
    return max(0.0, new - old) / case.settings.margin_bps


def _retrying(probability: float, action: AdjustRetryPolicy, remedy: Remedy, case: Case) -> Part:
    effect = remedy.effect(ActionKind.RETRY_POLICY)
    tight = remedy.max_attempts is not None and action.max_attempts <= remedy.max_attempts
    healed = max(0.0, effect) * case.touched_culprit_attempts(action) if tight else 0.0
    return Part(
        probability,
        won=healed * remedy.stake_rate(case.tally),
        deviation=healed * case.loss_deviation,
        cost=max(0.0, -effect) * case.attempts_in(action.scope),
    )


def _alerting(probability: float, remedy: Remedy, case: Case) -> Part:
    effect = remedy.effect(ActionKind.ALERT)
    stake = case.culprit_attempts * remedy.stake_rate(case.tally)
    return Part(
        probability,
        won=max(0.0, effect) * stake * people_are_there(case),
        deviation=0.0,
        cost=max(0.0, -effect) * stake + case.settings.cost_of_waking_people,
    )


def people_are_there(case: Case) -> float:
    """Give the expected share of the time to expiry in which alerted people can help: exponential arrival."""
    ratio = case.expires_after_s / case.settings.people_arrive_after_s
    return 1.0 + math.expm1(-ratio) / ratio
