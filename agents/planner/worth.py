"""What an action is worth until its expiry, against doing nothing, over all hypotheses."""

import math
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from agents.planner.case import Case
from agents.planner.experience import Experience
from agents.planner.intervals import Part, lasting, mixture
from agents.planner.moving import Move
from agents.planner.remedies import Remedy, remedy_for
from agents.planner.retrying import retry_fees_minor
from payments.action import Action, ActionKind, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.diagnosis import Hypothesis
from payments.plan import Interval

WHOLE_BPS = 10_000.0


@dataclass(frozen=True)
class Worth:
    """Payments won and lost under each hypothesis; what similar incidents taught corrects the mixture."""

    parts: tuple[Part, ...]
    learned: Experience
    case: Case

    @property
    def payments_saved(self) -> Interval:
        """Payments until the expiry, fees at the margin taken off."""
        return self.learned.adjust(mixture(self.parts, self._lasts))

    @property
    def money_saved_minor(self) -> Interval | None:
        """Amounts of the payments saved until the expiry, fees taken off as they are paid."""
        amount = self.case.situation.readings.average_amount_minor
        if amount is None:
            return None
        saved = self.learned.adjust(mixture(_without_fees(self.parts), self._lasts))
        fees = self.fees_minor or 0.0
        low, mean, high = (payments * amount - fees for payments in (saved.low, saved.mean, saved.high))
        return Interval(low=low, mean=mean, high=high)

    @property
    def fees_minor(self) -> float | None:
        """Extra fees until the expiry; None without amounts."""
        amount = self.case.situation.readings.average_amount_minor
        fee = max((part.fee for part in self.parts), default=0.0)
        return None if amount is None else fee * amount * self.case.settings.margin_bps / WHOLE_BPS

    @property
    def while_it_lasts(self) -> Interval:
        """Payments until the expiry if the fault lasts so long, fees left out."""
        return self.learned.adjust(mixture(_without_fees(self.parts), np.ones(1)))

    @property
    def brought(self) -> Interval:
        """The same as if it were known exactly what is lost now: how sure the state with the action is."""
        parts = [replace(part, deviation=0.0) for part in _without_fees(self.parts)]
        return self.learned.adjust(mixture(parts, np.ones(1)))

    @property
    def _lasts(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return lasting(self.case.expires_after_s, self.case.settings.fault_lasts_s)


def worth(action: Action, case: Case, learned: Experience) -> Worth:
    """Weigh an action under each hypothesis."""
    return Worth(_parts(action, case), learned, case)


def _without_fees(parts: tuple[Part, ...]) -> list[Part]:
    return [replace(part, fee=0.0) for part in parts]


def _parts(action: Action, case: Case) -> tuple[Part, ...]:
    match action:
        case Reroute() | Suppress():
            move = Move.of(action, case)
            return tuple(_moving(action, said, move, case) for said in case.hypotheses)
        case AdjustRetryPolicy():
            fee = _fee_of_retries(action, case)
            return tuple(_retrying(action, said, fee, case) for said in case.hypotheses)
        case Alert():
            return tuple(_alerting(said, case) for said in case.hypotheses)
        case NoAction():
            return tuple(Part(said.probability, won=0.0, deviation=0.0, cost=0.0) for said in case.hypotheses)
        case _:
            assert_never(action)


def _moving(action: Reroute | Suppress, said: Hypothesis, move: Move, case: Case) -> Part:
    remedy, seconds = remedy_for(said.cause), case.expires_after_s
    effect = remedy.effect(action.kind)
    # A scope beside the hypothetical culprit heals nothing, but can do harm.
    healed = max(0.0, effect) * move.culprit_share if action.scope.comparable(said.culprit) else 0.0
    harmed = (max(0.0, -effect) + case.settings.friction) * move.per_s
    return Part(
        said.probability,
        won=healed * move.won_per_s(remedy, case) * seconds,
        deviation=healed * case.loss_deviation(remedy) * move.per_s * seconds,
        spread=healed * move.spread_per_s(case) * seconds,
        cost=(harmed + move.lost_per_s(remedy, case)) * seconds,
        fee=move.fees_per_s(case) * seconds * WHOLE_BPS / case.settings.margin_bps,
    )


def _retrying(action: AdjustRetryPolicy, said: Hypothesis, fee: float, case: Case) -> Part:
    remedy = remedy_for(said.cause)
    effect, seconds = remedy.effect(ActionKind.RETRY_POLICY), case.expires_after_s
    touched = case.attempts_per_s(action.scope) * seconds
    tight = remedy.max_attempts is not None and action.max_attempts <= remedy.max_attempts
    healed = max(0.0, effect) * touched * case.culprit_share(action) if tight else 0.0
    return Part(
        said.probability,
        won=healed * case.stake_rate(remedy),
        deviation=healed * case.loss_deviation(remedy),
        spread=healed * case.settings.success_spread,
        cost=max(0.0, -effect) * touched,
        fee=fee,
    )


def _fee_of_retries(action: AdjustRetryPolicy, case: Case) -> float:
    """Turn the schemes' fees into payments; without amounts, or with tiny ones, they cannot be compared."""
    amount = case.situation.readings.average_amount_minor or 0.0
    margin = amount * case.settings.margin_bps / WHOLE_BPS
    return retry_fees_minor(action, case) / margin if margin else 0.0


def _alerting(said: Hypothesis, case: Case) -> Part:
    remedy = remedy_for(said.cause)
    effect, stake = remedy.effect(ActionKind.ALERT), stake_until_expiry(remedy, case)
    return Part(
        said.probability,
        won=max(0.0, effect) * stake * people_are_there(case),
        deviation=0.0,
        cost=max(0.0, -effect) * stake + case.settings.cost_of_waking_people,
    )


def stake_until_expiry(remedy: Remedy, case: Case) -> float:
    """Give the payments that a remedy could win back."""
    return case.culprit_attempts * case.stake_rate(remedy)


def people_are_there(case: Case) -> float:
    """Give the expected share of the time to expiry in which alerted people can help: exponential arrival."""
    ratio = case.expires_after_s / case.settings.people_arrive_after_s
    return 1.0 + math.expm1(-ratio) / ratio
