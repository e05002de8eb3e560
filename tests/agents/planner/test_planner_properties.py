"""Whatever the diagnosis and the routes: one bounded action that the guardrails could allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner import Planner
from agents.risk_officer import RiskOfficer
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import (
    Reroute,
    Route,
    Ruling,
    touches_traffic,
)
from payments.incident import Diagnosis, Tally
from payments.segment import Segment
from tests.payments.made import (
    ALPHA,
    CATEGORY,
    LINK,
    WINDOW_S,
    diagnosis,
    route,
)

PLANNER = Planner()
ISSUER = Segment.of(issuer="northbank")
FLOW = Segment.of(method="upi", psp="alpha")
ALL = Segment({})

NAMES = ("alpha", "beta", "gamma", "delta")
ANY_ROUTE = st.builds(
    route,
    st.sampled_from(NAMES),
    capacity=st.none() | st.floats(1.0, 500.0),
    load=st.floats(0.0, 300.0),
    success=st.none() | st.floats(0.0, 1.0),
    fee_bps=st.floats(0.0, 300.0),
    methods=st.sampled_from(((), ("upi",), ("card", "upi"))),
)
ANY_ROUTES = st.lists(ANY_ROUTE, max_size=4, unique_by=lambda known: known.name).map(tuple)
ANY_CAUSE = st.sampled_from((*CATEGORY, "never seen before"))


@st.composite
def any_tally(draw: st.DrawFn) -> Tally:
    attempts = draw(st.integers(0, 20_000))
    failures = draw(st.integers(0, attempts))
    return Tally(
        attempts=attempts,
        failures=failures,
        pending=draw(st.integers(0, attempts - failures)),
        expected_attempts=draw(st.floats(0.0, 20_000.0)),
        expected_failures=draw(st.floats(0.0, 20_000.0)),
        expected_pending=draw(st.floats(0.0, 1000.0)),
    )


ANY_DIAGNOSIS = st.builds(
    diagnosis,
    ANY_CAUSE,
    st.sampled_from((ALPHA, LINK, FLOW, ISSUER, ALL)),
    st.floats(0.0, 1.0),
    counted=any_tally(),
    rivals=st.lists(st.tuples(ANY_CAUSE, st.floats(0.0, 1.0)), max_size=3).map(tuple),
    attempts_per_window=st.floats(0.0, 20_000.0),
)


@given(
    said=ANY_DIAGNOSIS,
    routes=ANY_ROUTES,
    total=st.floats(0.0, 40_000.0),
    window_s=st.sampled_from((60.0, 3600.0)),
)
def test_every_plan_is_one_bounded_action_that_overloads_nobody(
    said: Diagnosis, routes: tuple[Route, ...], total: float, window_s: float
) -> None:
    plan = PLANNER.plan(said, routes, (), window_s, total)
    for saved in (plan.payments_saved, *(other.payments_saved for other in plan.alternatives)):
        assert saved.low <= saved.mean <= saved.high
    assert plan.payments_saved.mean >= 0.0
    assert said.culprit == plan.action.scope
    for other in (plan.action, *(candidate.action for candidate in plan.alternatives)):
        if isinstance(other, Reroute):
            assert_fits(other, said, routes, window_s)


def assert_fits(action: Reroute, said: Diagnosis, routes: tuple[Route, ...], window_s: float) -> None:
    known = {route.name: route for route in routes}
    assert 0.0 < action.share <= 0.98
    assert sum(action.to.values()) == pytest.approx(1.0)
    assert action.from_route not in action.to
    for name, fraction in action.to.items():
        target = known[name]
        moved_per_s = action.share * fraction * said.attempts_per_window / window_s
        assert target.capacity_per_s is None or target.load_per_s + moved_per_s <= target.capacity_per_s * (
            1 + 1e-9
        )


@given(said=ANY_DIAGNOSIS, routes=ANY_ROUTES, total=st.floats(0.0, 40_000.0))
def test_no_plan_is_one_that_nobody_may_carry_out(
    said: Diagnosis, routes: tuple[Route, ...], total: float
) -> None:
    plan = PLANNER.plan(said, routes, (), WINDOW_S, total)
    facts = Facts(
        diagnosis=said,
        plan=plan,
        routes=routes,
        window_s=WINDOW_S,
        total_attempts_per_window=total,
        data_age_s=0.0,
        ticks_learned=720,
        changes_traffic=True,
    )
    verdict = RiskOfficer(Policy()).review(facts)
    assert verdict.ruling is not Ruling.BLOCK, verdict.sentence
    if verdict.ruling is Ruling.ACT and touches_traffic(plan.action):
        assert plan.payments_saved.mean > 0.0
        assert said.confidence >= 0.8
