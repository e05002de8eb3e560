"""The right action for each cause, and what every plan keeps whatever it is given."""

import pytest

from agents.planner import Planner, PlannerSettings
from agents.planner.remedies import remedies
from guardrails.policy import Policy
from payments.action import ActionKind, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.diagnosis import Diagnosis
from payments.lesson import Lesson
from payments.plan import Plan
from payments.route import Route
from payments.segment import Segment
from payments.tally import Tally
from tests.agents.planner.situations import situation
from tests.payments.made import (
    ALPHA,
    CATEGORY,
    LINK,
    ROUTES,
    diagnosis,
    reroute,
    route,
    tally,
)

PLANNER = Planner()
ISSUER = Segment.of(issuer="northbank")
FLOW = Segment.of(method="upi", psp="alpha")
ALL = Segment({})


def propose(said: Diagnosis, routes: tuple[Route, ...] = ROUTES, lessons: tuple[Lesson, ...] = ()) -> Plan:
    return PLANNER.plan(situation(said, routes, lessons))


RIGHT: list[tuple[str, Segment, Tally, tuple[tuple[str, float], ...], set[ActionKind]]] = [
    ("psp_outage", ALPHA, tally(), (), {ActionKind.REROUTE}),
    ("psp_outage", ALPHA, tally(failure_rate=0.28), (("issuer_outage", 0.1),), {ActionKind.REROUTE}),
    ("psp_issuer_link", LINK, tally(300), (("issuer_outage", 0.08),), {ActionKind.REROUTE}),
    ("expired_cert", ALPHA, tally(failure_rate=1.0), (), {ActionKind.REROUTE, ActionKind.SUPPRESS}),
    ("routing_misconfig", FLOW, tally(600), (), {ActionKind.SUPPRESS, ActionKind.REROUTE}),
    (
        "issuer_outage",
        ISSUER,
        tally(1000, 0.6),
        (("psp_issuer_link", 0.1),),
        {ActionKind.ALERT, ActionKind.RETRY_POLICY},
    ),
    ("card_network_outage", Segment.of(network="visa"), tally(4000, 0.6), (), {ActionKind.ALERT}),
    ("acs_outage", Segment.of(method="card"), tally(5000, 0.5), (), {ActionKind.ALERT}),
    ("card_testing", Segment.of(merchant="m1"), tally(900, 0.8, forecast=200), (), {ActionKind.ALERT}),
    ("webhook_lag", ALPHA, tally(3000, 0.1, pending_rate=0.6), (), {ActionKind.ALERT}),
    ("retry_storm", ISSUER, tally(3000, 0.6, forecast=1000), (), {ActionKind.RETRY_POLICY}),
    (
        "retry_storm",
        ALPHA,
        tally(4500, 0.2, forecast=3000),
        (("psp_outage", 0.1),),
        {ActionKind.RETRY_POLICY},
    ),
    ("user_mix", ALL, tally(12_000, 0.25), (("acs_outage", 0.08),), {ActionKind.NONE}),
    ("settlement_cutover", ISSUER, tally(800, 0.6), (("issuer_outage", 0.08),), {ActionKind.NONE}),
    ("planned_maintenance", ALPHA, tally(), (("psp_outage", 0.08),), {ActionKind.NONE}),
    ("holiday_surge", ALL, tally(20_000, 0.1, forecast=12_000), (("retry_storm", 0.05),), {ActionKind.NONE}),
    ("code_mix_drift", ALL, tally(12_000, 0.1), (), {ActionKind.NONE}),
    ("noise", ISSUER, tally(100, 0.2), (("issuer_outage", 0.1),), {ActionKind.NONE}),
    ("never seen before", ALPHA, tally(), (), {ActionKind.ALERT}),
]


@pytest.mark.parametrize(("cause", "culprit", "counted", "rivals", "right"), RIGHT)
def test_each_cause_gets_its_right_action(
    cause: str,
    culprit: Segment,
    counted: Tally,
    rivals: tuple[tuple[str, float], ...],
    right: set[ActionKind],
) -> None:
    plan = propose(diagnosis(cause, culprit, 0.9, counted=counted, rivals=rivals))
    assert plan.action.kind in right
    assert plan.action.scope == culprit


def test_the_table_speaks_of_every_cause() -> None:
    assert set(remedies()) == set(CATEGORY)


@pytest.mark.parametrize("culprit", [ISSUER, LINK, ALPHA])
@pytest.mark.parametrize("cause", ["issuer_outage", "card_testing", "user_mix", "webhook_lag", "retry_storm"])
def test_payments_never_move_when_the_fault_would_go_with_them(cause: str, culprit: Segment) -> None:
    torn = diagnosis(cause, culprit, 0.4, rivals=(("psp_issuer_link", 0.39), ("psp_outage", 0.2)))
    plan = propose(torn)
    moving = {ActionKind.REROUTE, ActionKind.SUPPRESS}
    assert plan.action.kind not in moving
    assert not any(other.action.kind in moving for other in plan.alternatives)


def test_a_reroute_touches_the_culprit_only_and_leaves_a_probe() -> None:
    action = propose(diagnosis("psp_issuer_link", LINK, counted=tally(300))).action
    assert isinstance(action, Reroute)
    assert action.scope == LINK
    assert action.from_route == "alpha"
    assert action.share == 0.98
    assert set(action.to) == {"beta", "gamma", "delta"}
    assert sum(action.to.values()) == pytest.approx(1.0)


def test_most_goes_where_most_is_free() -> None:
    routes = (ROUTES[0], route("beta", capacity=80.0), route("gamma", capacity=60.0))
    action = propose(diagnosis(counted=tally(600)), routes).action
    assert isinstance(action, Reroute)
    assert list(action.to.items()) == [("beta", 0.75), ("gamma", 0.25)]
    assert action.limits_per_s == {"beta": 30.0, "gamma": 10.0}


def test_a_target_gets_no_more_than_fits_and_the_rest_stays() -> None:
    plan = propose(diagnosis(), (ROUTES[0], route("beta")))
    assert isinstance(plan.action, Reroute)
    assert (plan.action.share, plan.action.limits_per_s) == (0.98, {"beta": 15.0})
    roomy = propose(diagnosis(), (ROUTES[0], route("beta", capacity=150.0)))
    assert plan.payments_saved.mean == pytest.approx(roomy.payments_saved.mean * 15.0 / 49.0)


def test_targets_are_filled_less_while_the_source_still_works_mostly() -> None:
    action = propose(diagnosis(counted=tally(failure_rate=0.2)), (ROUTES[0], route("beta"))).action
    assert isinstance(action, Reroute)
    assert action.limits_per_s == {"beta": 11.7}


def test_without_room_anywhere_people_are_told() -> None:
    full = (ROUTES[0], route("beta", load=65.0), route("gamma", load=70.0))
    assert propose(diagnosis(), full).action.kind is ActionKind.ALERT


def test_broken_and_unfit_and_untested_routes_are_no_targets() -> None:
    routes = (
        *ROUTES[:2],
        route("broken", success=0.7),
        route("cards_only", methods=("card",)),
        route("idle", success=None),
    )
    action = propose(diagnosis("psp_outage", FLOW, counted=tally(1200)), routes).action
    assert isinstance(action, Reroute)
    assert set(action.to) == {"beta"}


def test_a_target_must_carry_all_methods_of_the_source() -> None:
    routes = (route("alpha", methods=("card", "upi")), route("beta", methods=("upi",)), route("gamma"))
    action = propose(diagnosis(counted=tally(600)), routes).action
    assert isinstance(action, Reroute)
    assert set(action.to) == {"gamma"}


def test_routes_of_unknown_capacity_are_proposed_in_equal_parts() -> None:
    replayed = tuple(
        route(name, capacity=None, load=load) for name, load in (("alpha", 9.0), ("b", 1.0), ("c", 5.0))
    )
    action = propose(diagnosis(), replayed).action
    assert isinstance(action, Reroute)
    assert action.to == {"b": 0.5, "c": 0.5}


@pytest.mark.parametrize(
    ("culprit", "routes"), [(ALPHA, ()), (ALPHA, ROUTES[:1]), (Segment.of(country="IN"), ROUTES)]
)
def test_without_a_source_or_a_target_there_is_no_reroute(
    culprit: Segment, routes: tuple[Route, ...]
) -> None:
    assert propose(diagnosis(culprit=culprit), routes).action.kind is ActionKind.ALERT


def test_a_dead_path_may_be_suppressed_when_others_have_room() -> None:
    dead = diagnosis("expired_cert", LINK, counted=tally(300, failure_rate=1.0))
    plan = propose(dead)
    kinds = {plan.action.kind, *(other.action.kind for other in plan.alternatives)}
    assert ActionKind.SUPPRESS in kinds
    alive = propose(diagnosis("psp_issuer_link", LINK, counted=tally(300, failure_rate=0.9)))
    assert ActionKind.SUPPRESS not in {
        alive.action.kind,
        *(other.action.kind for other in alive.alternatives),
    }


def test_a_cheap_failure_does_not_pay_for_an_expensive_route() -> None:
    faint = diagnosis(counted=tally(3000, failure_rate=0.11, usual=0.1))
    routes = (route("alpha"), route("beta", fee_bps=100.0))
    assert propose(faint, routes).action.kind is not ActionKind.REROUTE
    assert propose(faint, (route("alpha"), route("beta"))).action.kind is ActionKind.REROUTE


def test_a_large_stake_makes_the_alert_critical() -> None:
    plan = propose(diagnosis("acs_outage", Segment.of(method="card"), counted=tally(5000, 0.5)))
    assert isinstance(plan.action, Alert)
    assert plan.action.severity == "critical"
    small = propose(diagnosis("acs_outage", Segment.of(method="card"), counted=tally(50, 0.9)))
    assert isinstance(small.action, Alert)
    assert small.action.severity == "warning"


def test_without_attempts_nothing_is_done() -> None:
    empty = Tally()
    assert propose(diagnosis(counted=empty)).action.kind is ActionKind.NONE


def test_without_hypotheses_the_diagnosis_is_the_only_one() -> None:
    alone = diagnosis().model_copy(update={"hypotheses": ()})
    assert propose(alone) == propose(diagnosis())


def test_an_action_lives_at_least_one_window() -> None:
    assert propose(diagnosis()).expires_after_s == 900.0
    hourly = PLANNER.plan(situation(window_s=3600.0))
    assert hourly.expires_after_s == 3600.0


def test_the_reason_has_the_numbers_and_the_alternatives_are_ranked() -> None:
    plan = propose(diagnosis())
    assert plan.reason.startswith("Moving up to 98% of psp=alpha to beta (33%, at most 15 a second), ")
    assert f"should save {plan.payments_saved.mean:,.0f} payments in 15 min" in plan.reason
    means = [other.payments_saved.mean for other in plan.alternatives]
    assert means == sorted(means, reverse=True)
    assert plan.payments_saved.mean >= means[0]


def test_surer_diagnoses_promise_more() -> None:
    sure, unsure = (
        propose(diagnosis(confidence=p, rivals=(("issuer_outage", 1.0 - p),))) for p in (0.95, 0.6)
    )
    assert sure.payments_saved.mean > unsure.payments_saved.mean


# An edited action


def again(
    action: Reroute | AdjustRetryPolicy | Suppress | Alert | NoAction, said: Diagnosis | None = None
) -> Plan:
    return PLANNER.replan(situation(said), action)


def test_an_edited_share_saves_in_proportion() -> None:
    little, more = again(reroute(0.1)), again(reroute(0.2))
    assert little.action == reroute(0.1)
    assert more.payments_saved.mean == pytest.approx(2.0 * little.payments_saved.mean)
    assert any(other.action == propose(diagnosis()).action for other in little.alternatives)


def test_replanning_the_proposal_gives_the_proposal() -> None:
    proposed = propose(diagnosis())
    assert again(proposed.action) == proposed


def test_an_edited_reroute_that_overloads_its_target_saves_less() -> None:
    assert (
        again(reroute(0.9, {"beta": 1.0})).payments_saved.mean
        < again(reroute(0.3, {"beta": 1.0})).payments_saved.mean
    )


def test_an_edited_reroute_to_an_unknown_route_promises_nothing() -> None:
    assert again(reroute(to={"omega": 1.0})).payments_saved.mean < 0.0


def test_an_edited_suppression_that_others_cannot_absorb_loses_part() -> None:
    small = diagnosis(counted=tally(600))
    whole, cramped = again(Suppress(scope=ALPHA), small), again(Suppress(scope=ALPHA))
    assert cramped.payments_saved.mean / 3000 < whole.payments_saved.mean / 600


def test_a_suppression_of_what_has_no_other_route_loses_what_still_succeeds() -> None:
    plan = PLANNER.replan(situation(routes=ROUTES[:1]), Suppress(scope=ALPHA))
    assert plan.payments_saved.mean < 0.0


def test_more_retries_in_a_storm_promise_nothing() -> None:
    storm = diagnosis("retry_storm")
    many = AdjustRetryPolicy(scope=ALPHA, max_attempts=5, backoff_s=0.0)
    assert again(many, storm).payments_saved.mean == 0.0
    assert (
        again(AdjustRetryPolicy(scope=ALPHA, max_attempts=1, backoff_s=0.0), storm).payments_saved.mean > 0.0
    )


def test_a_retry_policy_costs_where_retries_help() -> None:
    few = AdjustRetryPolicy(scope=ALPHA, max_attempts=1, backoff_s=0.0)
    assert again(few, diagnosis("user_mix")).payments_saved.mean < 0.0
    assert again(few, diagnosis("psp_outage")).payments_saved.mean == 0.0


def test_a_wider_scope_costs_more_and_saves_no_more() -> None:
    wide = again(reroute(0.1, scope=ALL), diagnosis(culprit=ALPHA))
    assert wide.payments_saved.mean < again(reroute(0.1)).payments_saved.mean


def test_a_scope_beside_the_culprit_heals_nothing() -> None:
    assert again(reroute(0.5, {"gamma": 1.0}, Segment.of(psp="beta"), "beta")).payments_saved.mean < 0.0


def test_a_narrower_scope_is_an_upper_bound_and_says_so() -> None:
    assert "at most, for its scope is narrower" in again(reroute(0.5, scope=LINK)).reason


# Whatever comes


def test_planner_and_guardrails_start_from_the_same_limits() -> None:
    shared = set(PlannerSettings.model_fields) & set(Policy.model_fields)
    assert shared == {
        "probe_share",
        "max_target_load",
        "max_target_load_when_source_down",
        "source_down_below",
        "max_share_of_total_moved",
        "retry_fee_minor",
    }
    assert PlannerSettings().margin_bps / 10_000.0 == Policy().margin_share
    assert PlannerSettings().model_dump(include=shared) == Policy().model_dump(include=shared)
