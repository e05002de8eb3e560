"""Whatever the diagnosis and the routes: one bounded action that the guardrails could allow."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.planner import Planner, Situation
from agents.risk_officer import RiskOfficer
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import Action, Reroute, touches_traffic
from payments.diagnosis import Diagnosis, Hypothesis
from payments.plan import Candidate, Interval, Plan
from payments.route import Route
from payments.tally import Tally
from payments.verdict import Ruling
from tests.agents.planner.any_situation import ANY_PROBABILITY, ANY_ROUTES, ANY_SITUATION
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, CATEGORY, ROUTES, diagnosis, reroute, route, tally

PLANNER = Planner()


def actions(plan: Plan) -> tuple[Action, ...]:
    return (plan.action, *(other.action for other in plan.alternatives))


def intervals(plan: Plan) -> Iterator[Interval]:
    own = Candidate(
        action=plan.action,
        payments_saved=plan.payments_saved,
        money_saved_minor=plan.money_saved_minor,
        reason="",
    )
    for candidate in (own, *plan.alternatives):
        yield candidate.payments_saved
        if candidate.money_saved_minor is not None:
            yield candidate.money_saved_minor
    if plan.expects is not None:
        yield plan.expects.success_rate
        yield plan.expects.success_rate_without
        yield plan.expects.saved_per_min


@given(ANY_SITUATION)
def test_every_interval_is_finite_and_holds_its_mean(given_situation: Situation) -> None:
    plan = PLANNER.plan(given_situation)
    for interval in intervals(plan):
        assert all(math.isfinite(value) for value in (interval.low, interval.mean, interval.high))
        assert interval.low <= interval.mean <= interval.high
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@given(ANY_SITUATION)
def test_the_proposal_is_never_worse_than_doing_nothing_and_stays_in_the_culprit(
    given_situation: Situation,
) -> None:
    plan = PLANNER.plan(given_situation)
    assert plan.payments_saved.mean >= 0.0
    assert all(action.scope == given_situation.diagnosis.culprit for action in actions(plan))


@given(ANY_SITUATION)
def test_the_same_situation_gets_the_same_plan(given_situation: Situation) -> None:
    again = replace(given_situation, diagnosis=given_situation.diagnosis.model_copy(deep=True))
    assert Planner().plan(again).model_dump_json() == PLANNER.plan(given_situation).model_dump_json()


@given(ANY_SITUATION)
def test_a_promise_is_a_rate_that_can_be_told_before_the_expiry(given_situation: Situation) -> None:
    plan = PLANNER.plan(given_situation)
    if plan.expects is None:
        assert not touches_traffic(plan.action)
        return
    for rate in (plan.expects.success_rate, plan.expects.success_rate_without):
        assert 0.0 <= rate.low <= rate.mean <= rate.high <= 1.0
    assert 0.0 < plan.expects.tells_after_s <= plan.expires_after_s


@given(ANY_SITUATION)
def test_no_target_is_ever_given_more_than_it_has_room_for(given_situation: Situation) -> None:
    for action in actions(PLANNER.plan(given_situation)):
        if isinstance(action, Reroute):
            assert_fits(action, given_situation)


def assert_fits(action: Reroute, given_situation: Situation) -> None:
    known = {route.name: route for route in given_situation.routes}
    assert 0.01 <= action.share <= 0.98
    assert sum(action.to.values()) == pytest.approx(1.0)
    assert list(action.to.values()) == sorted(action.to.values(), reverse=True)
    assert action.from_route not in action.to
    assert set(action.limits_per_s) in ({*action.to}, set())
    for name in action.to:
        capacity, load = known[name].capacity_per_s, known[name].load_per_s
        if action.limits_per_s:
            assert capacity is not None
            assert load + action.limits_per_s[name] <= capacity * (1.0 + 1e-9)
        else:
            assert capacity is None


@given(ANY_SITUATION)
def test_no_target_is_named_that_cannot_carry_the_payments(given_situation: Situation) -> None:
    known = {route.name: route for route in given_situation.routes}
    for action in actions(PLANNER.plan(given_situation)):
        for name in action.to if isinstance(action, Reroute) else ():
            source = known.get(action.from_route) if isinstance(action, Reroute) else None
            assert known[name].carries_scope(action.scope, source, given_situation.readings.currency)


@given(ANY_SITUATION)
def test_no_plan_is_one_that_nobody_may_carry_out(given_situation: Situation) -> None:
    plan, said = PLANNER.plan(given_situation), given_situation.diagnosis
    assume(math.isfinite(said.attempts_per_window + given_situation.total_attempts_per_window))
    facts = Facts(
        diagnosis=said,
        plan=plan,
        routes=given_situation.routes,
        window_s=given_situation.window_s,
        total_attempts_per_window=given_situation.total_attempts_per_window,
        data_age_s=0.0,
        ticks_learned=720,
        changes_traffic=True,
    )
    verdict = RiskOfficer(Policy()).review(facts)
    assert verdict.ruling is not Ruling.BLOCK, verdict.sentence
    if verdict.ruling is Ruling.ACT and touches_traffic(plan.action):
        assert plan.payments_saved.mean > 0.0
        assert said.confidence >= 0.8


# What must not look better


def sane_route(name: str) -> st.SearchStrategy[Route]:
    return st.builds(
        route,
        st.just(name),
        capacity=st.floats(10.0, 300.0),
        load=st.floats(0.0, 200.0),
        success=st.floats(0.6, 1.0),
    )


SANE_ROUTES = st.tuples(sane_route("beta"), sane_route("gamma"), sane_route("delta"))


def saved_by_moving(routes: tuple[Route, ...], counted: Tally) -> float:
    """Give what the planner's own reroute saves; doing nothing saves nothing."""
    plan = PLANNER.plan(situation(diagnosis(counted=counted), (ROUTES[0], *routes)))
    means = [plan.payments_saved.mean] if isinstance(plan.action, Reroute) else []
    means += [other.payments_saved.mean for other in plan.alternatives if isinstance(other.action, Reroute)]
    return max(means, default=0.0)


@given(SANE_ROUTES, st.integers(0, 2), st.floats(0.0, 300.0), st.sampled_from((0.15, 0.5, 0.9)))
def test_more_capacity_never_saves_less(
    routes: tuple[Route, ...], which: int, more: float, failure_rate: float
) -> None:
    capacity = routes[which].capacity_per_s or 0.0
    larger = routes[which].model_copy(update={"capacity_per_s": capacity + more})
    counted = tally(3000, failure_rate)
    before = saved_by_moving(routes, counted)
    after = saved_by_moving((*routes[:which], larger, *routes[which + 1 :]), counted)
    # Targets within two points count as equally good, so all that moves may go to the worse one.
    assert after >= before - 0.02 * 50.0 * 900.0


@given(SANE_ROUTES, st.floats(1.0, 4.0), st.sampled_from((0.15, 0.5, 0.9)))
def test_more_capacity_everywhere_never_saves_less(
    routes: tuple[Route, ...], factor: float, failure_rate: float
) -> None:
    alike = tuple(known.model_copy(update={"success_rate": 0.9}) for known in routes)
    larger = tuple(
        known.model_copy(update={"capacity_per_s": factor * (known.capacity_per_s or 0.0)}) for known in alike
    )
    counted = tally(3000, failure_rate)
    # Limits are rounded down to three digits.
    assert saved_by_moving(larger, counted) >= 0.98 * saved_by_moving(alike, counted) - 1.0


HARMFUL = ("issuer_outage", "card_testing", "webhook_lag", "user_mix")


@given(
    ANY_ROUTES, ANY_PROBABILITY, ANY_PROBABILITY, st.sampled_from(HARMFUL), st.sampled_from((0.1, 0.5, 1.0))
)
def test_a_more_probable_harmful_cause_never_makes_a_move_look_better(
    routes: tuple[Route, ...], one: float, other: float, harmful: str, share: float
) -> None:
    low, high = sorted((one, other))
    saved = [
        PLANNER.replan(
            situation(with_probability(harmful, p), (ROUTES[0], *routes)), reroute(share)
        ).payments_saved
        for p in (low, high)
    ]
    assert saved[1].mean <= saved[0].mean + 1e-6 * abs(saved[0].mean)


def with_probability(harmful: str, probability: float) -> Diagnosis:
    """Let a harmful cause take its probability from the healing one."""
    said = diagnosis("psp_outage")
    both = (("psp_outage", 1.0 - probability), (harmful, probability))
    hypotheses = tuple(
        Hypothesis(cause=cause, category=CATEGORY[cause], culprit=ALPHA, probability=p) for cause, p in both
    )
    return said.model_copy(update={"hypotheses": hypotheses})


@given(ANY_SITUATION, st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_any_edited_reroute_is_weighed_without_a_crash(
    given_situation: Situation, share: float, fraction: float
) -> None:
    action = reroute(share, {"beta": fraction, "\x00\n'": 1.0 - fraction, "omega": 0.0})
    plan = PLANNER.replan(given_situation, action)
    assert plan.action == action
    assert all(math.isfinite(interval.mean) for interval in intervals(plan))
