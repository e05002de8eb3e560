"""Ten thousand random policies and incidents: nothing that is carried out breaks a rule."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.risk_officer import RiskOfficer
from guardrails.checks import CHECKS
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.verdict import Ruling, Verdict
from tests.agents.risk_officer.oracle import people_needed
from tests.agents.risk_officer.random_reviews import review

EXAMPLES = 10_000
SLACK = 1e-8
"""Numbers are compared to nine digits."""


def rule_on(seed: int) -> tuple[Facts, Policy, Verdict]:
    """Draw a case and let the risk officer rule."""
    facts, policy = review(seed)
    return facts, policy, RiskOfficer(policy).review(facts)


def people(facts: Facts) -> int:
    """Count those who said yes, by name."""
    return len({name.strip().lower() for name in facts.approvers})


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**40))
def test_no_executed_action_breaks_a_rule_that_fewer_people_may_overrule_than_said_yes(seed: int) -> None:
    facts, policy, verdict = rule_on(seed)
    if verdict.ruling is Ruling.ACT:
        assert people_needed(facts, policy, SLACK) <= people(facts), verdict.sentence
    else:
        needed = people_needed(facts, policy, -SLACK)
        assert needed > people(facts), verdict.sentence
        assert verdict.ruling is not Ruling.BLOCK or needed == float("inf")


@pytest.mark.slow
def test_the_random_cases_reach_every_rule_alone_and_are_often_carried_out() -> None:
    alone, rulings = Counter[str](), Counter[Ruling]()
    for seed in range(4_000):
        _, _, verdict = rule_on(seed)
        rulings[verdict.ruling] += 1
        if len(verdict.failed) == 1:
            alone[verdict.failed[0].name] += 1
    assert {rule.__name__ for rule in CHECKS} - set(alone) == set()
    assert min(rulings.values()) > 300
