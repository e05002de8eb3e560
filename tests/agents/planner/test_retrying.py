"""No retry policy beyond what the schemes allow, and what it would cost to ask for more."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner import Planner, Readings
from agents.planner.case import Case
from agents.planner.readings import Declined
from agents.planner.retrying import attempts_allowed
from agents.planner.settings import PlannerSettings
from payments.action import AdjustRetryPolicy
from payments.plan import Plan
from payments.segment import Segment
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, diagnosis, tally

STORM = diagnosis("retry_storm", counted=tally(3000, 0.6, forecast=1000))


def read(*declined: tuple[str, str, int], amount: float | None = 5000.0) -> Readings:
    counted = tuple(Declined(scheme=scheme, code=code, count=count) for scheme, code, count in declined)
    return Readings(average_amount_minor=amount, currency="EUR", declined=counted)


def proposed(readings: Readings) -> AdjustRetryPolicy:
    action = Planner().plan(situation(STORM, readings=readings)).action
    assert isinstance(action, AdjustRetryPolicy)
    return action


def edited(max_attempts: int, readings: Readings) -> Plan:
    action = AdjustRetryPolicy(scope=ALPHA, max_attempts=max_attempts, backoff_s=30.0)
    return Planner().replan(situation(STORM, readings=readings), action)


def test_a_code_that_may_never_be_tried_again_leaves_one_attempt() -> None:
    assert proposed(read(("visa", "04", 900), ("visa", "51", 100))).max_attempts == 1


def test_a_rare_code_does_not_bind_the_policy_of_all_payments() -> None:
    assert proposed(read(("visa", "04", 20), ("visa", "51", 980))).max_attempts == 2


@pytest.mark.parametrize(
    ("scheme", "code", "culprit", "allowed"),
    [
        ("visa", "04", ALPHA, 1),
        ("visa", "51", ALPHA, 21),
        ("mastercard", "51", ALPHA, 10),
        ("mastercard", "51", Segment.of(country="BR", psp="alpha"), 8),
        ("rupay", "51", ALPHA, None),
        ("", "51", ALPHA, 10),
    ],
)
def test_each_scheme_allows_what_its_rules_say(
    scheme: str, code: str, culprit: Segment, allowed: int | None
) -> None:
    said = diagnosis("retry_storm", culprit).model_copy(update={"at": datetime(2026, 3, 2, tzinfo=UTC)})
    case = Case(situation(said), PlannerSettings())
    assert attempts_allowed(Declined(scheme=scheme, code=code, count=1), case) == allowed


def test_attempts_beyond_the_schemes_limits_are_priced() -> None:
    readings = read(("visa", "04", 600), ("visa", "51", 600))
    within, beyond = edited(1, readings), edited(2, readings)
    assert within.fees_minor == 0.0
    # 600 of 3,000 attempts may not be repeated: a fifth of 50 attempts a second over 900 s, at 50 each.
    assert beyond.fees_minor == pytest.approx(0.2 * 45_000 * 50.0)
    assert beyond.payments_saved.mean < within.payments_saved.mean


def test_without_amounts_fees_cannot_be_weighed_but_the_limit_still_binds() -> None:
    blind = read(("visa", "04", 900), amount=None)
    assert proposed(blind).max_attempts == 1
    assert edited(2, blind).fees_minor is None


CODES = st.sampled_from(("04", "14", "51", "05", "91", "R1", "no such code", ""))
DECLINED = st.builds(
    Declined,
    scheme=st.sampled_from(("visa", "mastercard", "rupay", "")),
    code=CODES,
    count=st.integers(1, 10**9),
)


def test_amounts_of_next_to_nothing_weigh_no_fees_and_break_nothing() -> None:
    tiny = read(("visa", "05", 10), amount=5e-324)
    assert edited(10, tiny).payments_saved == edited(10, read(("visa", "05", 10), amount=None)).payments_saved


@given(st.lists(DECLINED, max_size=6).map(tuple), st.sampled_from(("retry_storm", "issuer_outage")))
def test_no_proposal_asks_for_more_than_the_schemes_allow(declined: tuple[Declined, ...], cause: str) -> None:
    said = diagnosis(cause, counted=tally(3000, 0.6, forecast=1000))
    given_situation = situation(said, readings=Readings(declined=declined))
    plan = Planner().plan(given_situation)
    case = Case(given_situation, PlannerSettings())
    total = sum(each.count for each in declined)
    allowed = [attempts_allowed(each, case) for each in declined if each.count >= 0.05 * total]
    for action in (plan.action, *(other.action for other in plan.alternatives)):
        if isinstance(action, AdjustRetryPolicy):
            assert all(action.max_attempts <= most for most in allowed if most is not None)
