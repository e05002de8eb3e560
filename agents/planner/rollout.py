"""A reroute goes to its goal by steps: when the next one comes, which target leaves, and when all is undone.

Pure: the evidence comes from agents/monitor/target_test.py, and graph/rollout.py carries the decision out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveFloat, field_validator

from agents.planner.settings import OVERLOADED
from payments.action import LEAST_SHARE, Action, Reroute
from payments.intervention import Intervention, TargetEvidence
from payments.quantity import Fraction


class RolloutSettings(BaseModel):
    """How carefully an action is extended, and how long it may go on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rollout_steps: tuple[Fraction, ...] = (0.1, 0.25, 0.5, 1.0)
    """Shares of what the plan wants to move; the last one is all of it."""
    least_step_per_s: NonNegativeFloat = 0.2
    """Attempts a second that the first step moves at least, never all at once: fewer would tell nothing of a
    target within a minute."""
    step_wait_s: PositiveFloat = 60.0
    """After this long a step follows without evidence for the targets, if none speaks against them."""
    step_log_evidence: PositiveFloat = 1.0
    """Nats for every target being sound that bring the next step at once; as many against one hold it."""
    drop_log_evidence: PositiveFloat = 9.2
    """Nats for a target being bad that make it leave: a sound one does so in 10,000 increments."""
    overloaded_above: PositiveFloat = OVERLOADED
    """Load of a route as a share of its capacity above which it is overloaded, whatever else it is."""
    renew_before_s: NonNegativeFloat = 120.0
    """An action that helps is renewed when no more of its life is left, nor more than a third of it."""
    max_renewals: NonNegativeInt = 7
    """Renewals after which only a human may go on; 7 let a quarter of an hour last for two."""
    calm_before_end_s: NonNegativeFloat = 300.0
    """How long a fault must stay away before it counts as over: one that comes and goes finds its action in
    force."""

    @field_validator("rollout_steps")
    @classmethod
    def _rises_to_all(cls, steps: tuple[float, ...]) -> tuple[float, ...]:
        if not steps or steps[0] <= 0.0 or steps[-1] != 1.0 or list(steps) != sorted(set(steps)):
            msg = f"the steps of a rollout rise to 1, but not {steps!r}"
            raise ValueError(msg)
        return steps


@dataclass(frozen=True)
class Step:
    """Go on to the next share of the goal."""

    action: Reroute
    number: int
    because: str


@dataclass(frozen=True)
class Drop:
    """Go on without some targets."""

    action: Reroute
    targets: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Undo:
    """Take everything back: no target is sound."""

    because: str


@dataclass(frozen=True)
class Hold:
    """Leave everything as it is for now."""

    because: str


def first_number(goal: Action, per_s: float, settings: RolloutSettings) -> int:
    """Give the step to begin with: the first that moves enough of the scope's attempts a second to tell."""
    if not isinstance(goal, Reroute):
        return 1
    moves = [goal.share * part * per_s for part in settings.rollout_steps]
    tells = (number for number, moved in enumerate(moves, 1) if moved >= settings.least_step_per_s)
    return min(next(tells, len(moves)), max(1, len(moves) - 1))


def first_step(goal: Action, settings: RolloutSettings, number: int = 1) -> Action:
    """Give the action to begin with; what is no reroute is in force at once."""
    return at_step(goal, settings.rollout_steps[number - 1]) if isinstance(goal, Reroute) else goal


def at_step(goal: Reroute, fraction: float, dropped: Collection[str] = ()) -> Reroute:
    """Give the part of a reroute that is in force at a step, without the targets that left.

    What was theirs goes to the others within their limits; where one has no limit it stays on the source.
    """
    live = {name: part for name, part in goal.to.items() if name not in dropped}
    left = sum(live.values())
    share = goal.share * fraction * (1.0 if set(live) <= set(goal.limits_per_s) else left)
    return goal.model_copy(
        update={
            "share": min(max(share, LEAST_SHARE), goal.share),
            "to": {name: part / left for name, part in live.items()},
            "limits_per_s": {name: most for name, most in goal.limits_per_s.items() if name in live},
        }
    )


def decide(
    intervention: Intervention,
    evidence: Mapping[str, TargetEvidence],
    now: datetime,
    settings: RolloutSettings,
    *,
    helps: bool,
) -> Step | Drop | Undo | Hold:
    """Decide what follows after an increment.

    Args:
        intervention: an action in force.
        evidence: what each target has shown of itself; none yet for one that is not named.
        now: end of the increment, by the feed's clock.
        settings: the policy.
        helps: the action as a whole is measured to help, so what is worse than usual may still be the best.
    """
    goal, action = intervention.goal, intervention.action
    if not isinstance(goal, Reroute) or not isinstance(action, Reroute):
        return Hold("it is in force at once")
    shown = {name: evidence.get(name, TargetEvidence()) for name in action.to}
    bad = [name for name, found in shown.items() if found.worse >= settings.drop_log_evidence]
    if bad:
        return _without(bad, shown, intervention, goal, settings, helps=helps)
    if intervention.step >= len(settings.rollout_steps):
        return Hold("all of the plan is in force")
    return _onward(shown, intervention, goal, now, settings)


def _without(
    bad: list[str],
    shown: Mapping[str, TargetEvidence],
    intervention: Intervention,
    goal: Reroute,
    settings: RolloutSettings,
    *,
    helps: bool,
) -> Drop | Undo | Hold:
    """Let bad targets leave, unless all are alike and still better than the source."""
    others = [found for name, found in shown.items() if name not in bad]
    if helps and not any(found.sound > 0.0 for found in others):
        return Hold("no target is better than those that are worse than usual, and the action helps")
    words = f"{', '.join(bad)} succeeds less than it should (log evidence {_most(bad, shown):.1f})"
    if not any(goal.to.get(name, 0.0) for name in shown if name not in bad):
        return Undo(f"{words}, and no other target is left")
    fraction = settings.rollout_steps[min(intervention.step, len(settings.rollout_steps)) - 1]
    action = at_step(goal, fraction, {*_gone(intervention, goal), *bad})
    return Drop(action, tuple(bad), f"{words} and takes no more")


def _gone(intervention: Intervention, goal: Reroute) -> set[str]:
    """Name the targets that left, also when a crash came before it was recorded."""
    action = intervention.action
    return {*intervention.dropped, *(set(goal.to) - set(action.to) if isinstance(action, Reroute) else ())}


def _most(bad: list[str], shown: Mapping[str, TargetEvidence]) -> float:
    return max(shown[name].worse for name in bad)


def _onward(
    shown: Mapping[str, TargetEvidence],
    intervention: Intervention,
    goal: Reroute,
    now: datetime,
    settings: RolloutSettings,
) -> Step | Hold:
    least = min(found.sound for found in shown.values())
    waited_s = (now - (intervention.stepped_at or intervention.started_at)).total_seconds()
    if least >= settings.step_log_evidence:
        because = f"every target is sound (log evidence {least:.1f})"
    elif waited_s >= settings.step_wait_s and least > -settings.step_log_evidence:
        because = f"nothing spoke against a target in {waited_s:.0f} s"
    else:
        return Hold("there is too little evidence for the targets")
    number = intervention.step + 1
    action = at_step(goal, settings.rollout_steps[number - 1], _gone(intervention, goal))
    return Step(action, number, because)
