"""The rules that every action passes, as data: one pure function each, by what kind of action it speaks of.

Alerts and doing nothing touch no payment, so only the first rules speak of them. A rule that still has
nothing to say of an action returns None. To add a rule, add a function and list it; docs/guardrails.md shows
the whole table.
"""

from collections.abc import Callable

from guardrails.breadth import cumulative_share, four_eyes, share_of_total, volume
from guardrails.facts import Facts
from guardrails.harm import card_testing, cause_heals, retries, unknown_outcomes
from guardrails.knowledge import baseline, benefit, confidence, data_age, downside, within_culprit
from guardrails.pace import actions_per_hour, cool_down, expiry, rejection, repetition, reverts_per_hour
from guardrails.permission import allowed, freeze, kill_switch, mode, proposal_age
from guardrails.policy import Policy
from guardrails.price import commitment, cost, retry_fees
from guardrails.targets import alternative, capacity, eligible, probe, targets_better, targets_known
from payments.action import touches_traffic
from payments.verdict import Check

Rule = Callable[[Facts, Policy], Check | None]

FOR_EVERY_ACTION: tuple[Rule, ...] = (allowed, confidence)
FOR_TRAFFIC: tuple[Rule, ...] = (
    kill_switch,
    mode,
    freeze,
    proposal_age,
    volume,
    within_culprit,
    benefit,
    downside,
    data_age,
    baseline,
    expiry,
    cool_down,
    actions_per_hour,
    reverts_per_hour,
    repetition,
    rejection,
    retries,
    retry_fees,
)
FOR_MOVING: tuple[Rule, ...] = (
    cause_heals,
    card_testing,
    unknown_outcomes,
    share_of_total,
    cumulative_share,
    four_eyes,
    targets_known,
    eligible,
    targets_better,
    capacity,
    probe,
    alternative,
    cost,
    commitment,
)
FOR_GOING_ON: tuple[Rule, ...] = (allowed, mode, freeze)
"""What may change while an action is in force, beside the kill switch, and must let its next step or renewal
pass."""

CHECKS: tuple[Rule, ...] = (*FOR_EVERY_ACTION, *FOR_TRAFFIC, *FOR_MOVING)


def run_checks(facts: Facts, policy: Policy) -> tuple[Check, ...]:
    """Run every rule that speaks of the action, in the order of `CHECKS`."""
    made = (rule(facts, policy) for rule in _rules_for(facts))
    return tuple(check for check in made if check is not None)


def _rules_for(facts: Facts) -> tuple[Rule, ...]:
    if facts.moves:
        return CHECKS
    return (*FOR_EVERY_ACTION, *FOR_TRAFFIC) if touches_traffic(facts.action) else FOR_EVERY_ACTION
