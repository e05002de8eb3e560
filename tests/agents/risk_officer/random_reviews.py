"""Policies and incidents drawn at random, most of them near a limit: all of one number, the seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, assert_never

import numpy as np

from guardrails.facts import Facts
from guardrails.policy import Freeze, Policy
from payments.action import Action, ActionKind, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.diagnosis import Diagnosis
from payments.plan import Expectation, Interval, Plan
from payments.route import Route
from payments.segment import Segment
from payments.verdict import Mode
from tests.payments.made import AT, CATEGORY, diagnosis, tally

T = TypeVar("T")
CAUSES = sorted(CATEGORY)
HEALS = ("psp_outage", "psp_issuer_link", "psp_brownout", "expired_cert")
CULPRITS: tuple[dict[str, str], ...] = (
    {"psp": "alpha"},
    {"psp": "alpha", "method": "card", "network": "mastercard"},
    {"issuer": "northbank"},
)
WINDOW_S = 60.0
MOST_DRAWS = 400


@dataclass
class Dice:
    """Numbers from one seed; `risk` is how often a value is drawn without regard to its limit."""

    seed: int
    _numbers: list[float] = field(init=False)
    risk: float = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = np.random.default_rng(self.seed).random(MOST_DRAWS).tolist()
        self.risk = self.of((0.0, 0.005, 0.03, 0.2))

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw evenly."""
        return low + self._numbers.pop() * (high - low)

    def whole(self, low: int, high: int) -> int:
        """Draw evenly, both ends included."""
        return min(high, int(self.number(low, high + 1)))

    def of(self, values: Sequence[T]) -> T:
        """Draw one of several."""
        return values[self.whole(0, len(values) - 1)]

    def risky(self, usual: T, other: T) -> T:
        """Draw what breaks a rule, now and then."""
        return other if self.number() < self.risk else usual

    def up_to(self, limit: float, beyond: float) -> float:
        """Draw a value within a limit, often the limit itself; now and then up to `beyond`."""
        if self.number() < self.risk:
            return self.number(min(limit, beyond), beyond)
        return limit if self.number() < 0.3 else self.number(0.0, limit)

    def whole_up_to(self, limit: int, beyond: int) -> int:
        """Draw the same for whole numbers."""
        if self.number() < self.risk:
            return self.whole(min(limit, beyond), beyond)
        return limit if self.number() < 0.3 else self.whole(0, limit)

    def subset(self, values: Sequence[T], share: float) -> frozenset[T]:
        """Draw some of several."""
        return frozenset(value for value in values if self.number() < share)


def review(seed: int) -> tuple[Facts, Policy]:
    """Draw what a risk officer is asked, and by which limits it rules."""
    dice = Dice(seed)
    policy = _policy(dice)
    return _facts(dice, policy), policy


def _policy(dice: Dice) -> Policy:
    share = dice.number(0.05, 1.0)
    kinds = list(ActionKind)
    heals = frozenset(HEALS) | dice.subset(CAUSES, 0.3)
    return Policy(
        confidence_threshold=dice.number(),
        max_autonomous_volume=dice.whole(0, 20_000),
        allowed_in_shadow=frozenset(kinds) - dice.subset(kinds, dice.risk),
        allowed_in_copilot=frozenset(kinds) - dice.subset(kinds, dice.risk),
        allowed_in_autopilot=frozenset(kinds) - dice.subset(kinds, dice.risk),
        max_share_of_total_moved=share,
        max_cumulative_share_moved=dice.number(share, 1.0),
        four_eyes_above_share=dice.number(0.05, 1.0),
        max_target_load=dice.number(0.5, 1.0),
        max_target_load_when_source_down=dice.number(0.5, 1.0),
        source_down_below=dice.number(),
        probe_share=dice.number(0.0, 0.5),
        margin_share=dice.number(),
        retry_fee_minor=dice.number(0.0, 100.0),
        max_retry_fees_minor=dice.of((0.0, dice.number(0.0, 1e6))),
        rerouting_heals=heals,
        rerouting_harms=dice.subset(CAUSES, dice.risk),
        rerouting_harms_categories=dice.subset(sorted(set(CATEGORY.values())), dice.risk),
        max_card_testing_probability=dice.number(),
        retries_harm=dice.subset(CAUSES, 0.5),
        max_attempts_where_retries_harm=dice.whole(1, 10),
        max_unknown_share=dice.number(),
        max_loss_to_gain=dice.number(0.0, 2.0),
        stale_after_windows=dice.number(0.1, 5.0),
        max_proposal_age_s=dice.number(1.0, 3600.0),
        min_ticks_learned=dice.whole(0, 500),
        cool_down_s=dice.number(0.0, 600.0),
        max_actions_per_hour=dice.whole(1, 20),
        max_reverts_per_hour=dice.whole(1, 6),
        max_ineffective_repeats=dice.whole(0, 3),
        max_rejections_before=dice.whole(0, 2),
        min_expires_after_s=60.0,
        max_expires_after_s=dice.number(60.0, 7200.0),
        freezes=dice.risky((), (_freeze(dice),)),
    )


def _freeze(dice: Dice) -> Freeze:
    start = AT + timedelta(minutes=dice.of((-60, -30, 0, 1)))
    return Freeze(start=start, end=start + timedelta(minutes=dice.of((30, 60, 90))))


def _facts(dice: Dice, policy: Policy) -> Facts:
    found = _diagnosis(dice, policy)
    action = _action(dice, policy, found)
    expires_s = dice.up_to(policy.max_expires_after_s, 8000.0)
    saved = dice.risky(dice.number(0.1, 5000.0), dice.number(-100.0, 0.0))
    least = -dice.up_to(policy.max_loss_to_gain * saved, 4.0 * saved) if saved > 0.0 else saved - 1.0
    mode = dice.risky(Mode.AUTOPILOT, dice.of(list(Mode)))
    plan = Plan(
        action=action,
        payments_saved=Interval(low=least, mean=saved, high=saved + 1),
        expires_after_s=max(expires_s, dice.risky(60.0, 1.0)),
        reason="Drawn.",
        currency=dice.of((None, "INR", "EUR")),
        expects=dice.of((None, _expectation(dice.number()))),
    )
    moved = _moved_per_window(action, found)
    least, most = sorted((policy.max_share_of_total_moved, policy.four_eyes_above_share))
    share = min(1.0, max(1e-3, dice.risky(dice.up_to(least, 1.0), dice.number(least, most))))
    room = max(0.0, policy.max_cumulative_share_moved - share)
    return Facts(
        diagnosis=found,
        plan=plan,
        routes=_routes(dice, policy, plan, found),
        window_s=WINDOW_S,
        total_attempts_per_window=max(moved / share, found.attempts_per_window),
        data_age_s=dice.up_to(policy.stale_after_windows * WINDOW_S, 600.0),
        proposal_age_s=dice.up_to(policy.max_proposal_age_s, 7200.0),
        ticks_learned=dice.risky(policy.min_ticks_learned + dice.whole(0, 9), dice.whole(0, 500)),
        changes_traffic=dice.of((True, True, False)),
        at=dice.of((None, AT, AT + timedelta(hours=7, seconds=0.25))),
        mode=mode,
        approvers=dice.of(((), (), ("asha",), ("asha", "Asha "), ("asha", "bo"), ("a", "b", "c"))),
        share_moved_already=dice.up_to(room, 1.0),
        actions_last_hour=dice.whole_up_to(policy.max_actions_per_hour - 1, 25),
        reverts_last_hour=dice.whole_up_to(policy.max_reverts_per_hour - 1, 8),
        seconds_since_last_on_scope=dice.of((None, dice.risky(policy.cool_down_s, 0.5 * policy.cool_down_s))),
        ineffective_before=dice.whole_up_to(policy.max_ineffective_repeats, 6),
        rejected_before=dice.whole_up_to(policy.max_rejections_before, 4),
        kill_switch_on=dice.risky(usual=False, other=True),
    )  # fmt: skip


def _expectation(without: float) -> Expectation:
    here, there = (Interval(low=rate, mean=rate, high=rate) for rate in (without, 1.0))
    return Expectation(success_rate=there, success_rate_without=here, saved_per_min=there, tells_after_s=60.0)


def _diagnosis(dice: Dice, policy: Policy) -> Diagnosis:
    cause = dice.risky(dice.of(sorted(set(HEALS) & policy.rerouting_heals)), dice.of(CAUSES))
    failure_rate = dice.number(0.0, 0.9)
    pending_rate = dice.of((0.0, 0.0, dice.risky(0.5, 1.0) * policy.max_unknown_share * (1.0 - failure_rate)))
    attempts = dice.whole_up_to(policy.max_autonomous_volume, 25_000)
    suspicion = dice.up_to(policy.max_card_testing_probability, 1.0)
    return diagnosis(
        cause,
        Segment(dice.of(CULPRITS)),
        confidence=1.0 - dice.up_to(1.0 - policy.confidence_threshold, 1.0),
        counted=tally(max(attempts, 0), failure_rate, pending_rate=pending_rate),
        rivals=(("card_testing", suspicion), ("noise", dice.number())),
        attempts_per_window=float(attempts),
    )


def _action(dice: Dice, policy: Policy, found: Diagnosis) -> Action:
    narrower = dice.of(({}, {"country": "BR"}, {"country": "IN", "issuer": "northbank"}))
    scope = Segment({**dice.risky(found.culprit.root, {"psp": "beta"}), **narrower})
    kind = dice.of(
        (*[ActionKind.REROUTE] * 6, *[ActionKind.RETRY_POLICY] * 3, *[ActionKind.SUPPRESS] * 2, *ActionKind)
    )
    match kind:
        case ActionKind.REROUTE:
            first = dice.number(0.1, 0.9)
            to = dice.of(({"beta": 1.0}, {"beta": first, "gamma": 1.0 - first}))
            to = dice.risky(
                to, dice.of(({"omega": 1.0}, {"alpha": 1.0}, {"beta": first, "gamma": first / 3}))
            )
            limits = {name: dice.number(0.1, 300.0) for name in to if dice.number() < 0.8}
            share = max(0.01, dice.up_to(1.0 - policy.probe_share, 1.0))
            given = dice.of(({}, limits))
            return Reroute(scope=scope, from_route="alpha", to=to, share=share, limits_per_s=given)
        case ActionKind.RETRY_POLICY:
            most = policy.max_attempts_where_retries_harm
            attempts = max(1, min(10, dice.whole_up_to(most, 10)))
            return AdjustRetryPolicy(scope=scope, max_attempts=attempts, backoff_s=dice.number(0.0, 60.0))
        case ActionKind.SUPPRESS:
            return Suppress(scope=scope)
        case ActionKind.ALERT:
            return Alert(scope=scope, message="Look.")
        case ActionKind.NONE:
            return NoAction(scope=scope, reason="Fine.")
    assert_never(kind)


def _moved_per_window(action: Action, found: Diagnosis) -> float:
    share = action.share if isinstance(action, Reroute) else 1.0
    return share * found.attempts_per_window


def _routes(dice: Dice, policy: Policy, plan: Plan, found: Diagnosis) -> tuple[Route, ...]:
    action, moved_per_s = plan.action, _moved_per_window(plan.action, found) / WINDOW_S
    margin = policy.margin_share * max(0.0, plan.payments_saved.mean)
    bps = 10_000 * margin / max(1e-9, moved_per_s * plan.expires_after_s)
    targets = [
        _target(dice, policy, name, _most_added(action, name, moved_per_s), min(bps, 1e6))
        for name in ("beta", "gamma")
    ]
    return (_source(dice), *targets)


def _source(dice: Dice) -> Route:
    promised = dice.of((None, None, dice.number(0.0, 0.4)))
    to_date = (
        None if promised is None else dice.risky(promised + dice.number(0.0, 0.1), dice.of((None, promised)))
    )
    return Route(
        name="alpha",
        capacity_per_s=dice.of((None, 500.0)),
        load_per_s=dice.number(0.0, 400.0),
        success_rate=dice.number(0.0, 1.0),
        fee_bps=dice.of((0.0, 20.0)),
        committed_share=promised,
        share_to_date=to_date,
    )


def _target(dice: Dice, policy: Policy, name: str, added: float, bps: float) -> Route:
    tightest = min(policy.max_target_load, policy.max_target_load_when_source_down)
    load = dice.number(0.0, 200.0)
    aimed = (load + added) / dice.up_to(tightest, 3.0) if added + load > 0.0 else 1.0
    capacity = min(1e12, max(1e-3, aimed))
    return Route(
        name=name,
        capacity_per_s=dice.risky(capacity, None),
        load_per_s=load,
        success_rate=dice.risky(1.0, dice.of((None, dice.number()))),
        scope_success=dice.of((None, dice.risky(1.0, dice.number()))),
        fee_bps=dice.up_to(bps, 2 * bps),
        methods=dice.risky((), dice.of((("upi",), ("card",)))),
        countries=dice.risky((), dice.of((("BR",), ("IN",)))),
        currencies=dice.risky((), ("INR",)),
    )


def _most_added(action: Action, name: str, moved_per_s: float) -> float:
    """Aim at the load limit: what a target gets at most."""
    if not isinstance(action, Reroute):
        return moved_per_s
    return min(moved_per_s, action.limits_per_s.get(name, moved_per_s))
