"""Each rule alone: what nothing but it stops, its boundary, and what it says."""

from collections.abc import Iterable

import pytest

from guardrails.checks import CHECKS, run_checks
from guardrails.comparing import figure
from guardrails.policy import Policy
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.plan import Expectation, Interval
from payments.segment import Segment
from payments.verdict import Mode
from tests.guardrails.cases import (
    ALONE,
    BOUNDARIES,
    IN_BRAZIL,
    RETRY,
    STORM,
    TO_BETA,
    Alone,
    Boundary,
    beside,
)
from tests.guardrails.made import check, facts, failed
from tests.payments.made import ALPHA, AT, LINK, ROUTES, diagnosis, plan, reroute, route, tally

NAMES = [rule.__name__ for rule in CHECKS]
WITHOUT_NUMBERS = {
    "allowed",
    "kill_switch",
    "mode",
    "within_culprit",
    "cause_heals",
    "eligible",
    "alternative",
}


def numbered(names: Iterable[str]) -> list[str]:
    """Tell cases of the same rule apart."""
    return [f"{name}-{number}" for number, name in enumerate(names)]


def test_a_sound_reroute_passes_every_rule() -> None:
    assert failed(facts()) == {}


def test_a_sound_retry_policy_passes_every_rule() -> None:
    assert failed(facts(RETRY, diagnosis=STORM)) == {}


def test_a_sound_suppression_passes_every_rule() -> None:
    small = diagnosis("routing_misconfig", LINK, counted=tally(600))
    assert failed(facts(Suppress(scope=LINK), diagnosis=small)) == {}


@pytest.mark.parametrize("case", ALONE, ids=numbered(case.name for case in ALONE))
def test_the_rule_alone_stops_the_action(case: Alone) -> None:
    assert failed(facts(**case.changes), case.policy) == {case.name: case.on_failure}


@pytest.mark.parametrize("case", BOUNDARIES, ids=numbered(case.name for case in BOUNDARIES))
def test_the_limit_itself_still_passes(case: Boundary) -> None:
    assert check(case.name, facts(**case.passes), case.policy).passed
    assert not check(case.name, facts(**case.fails), case.policy).passed


def test_every_rule_has_a_case_of_its_own_and_every_number_a_boundary() -> None:
    assert {case.name for case in ALONE} == set(NAMES)
    assert {case.name for case in BOUNDARIES} == set(NAMES) - WITHOUT_NUMBERS


def test_each_rule_names_its_check_after_itself() -> None:
    actions: tuple[Action, ...] = (reroute(), RETRY, Suppress(scope=ALPHA))
    for action in actions:
        for rule in CHECKS:
            made = rule(facts(action, diagnosis=STORM), Policy())
            assert made is None or made.name == rule.__name__


def test_a_suppression_without_another_route_is_stopped() -> None:
    lonely = facts(Suppress(scope=ALPHA), routes=ROUTES[:1])
    assert failed(lonely) == {"alternative": "ask", "capacity": "ask"}


def test_many_retries_are_only_forbidden_where_they_harm() -> None:
    many = AdjustRetryPolicy(scope=ALPHA, max_attempts=3, backoff_s=0.0)
    assert failed(facts(many, diagnosis=diagnosis("acs_outage"))) == {}


def test_overload_of_a_known_target_blocks_even_beside_an_unknown_one() -> None:
    routes = (ROUTES[0], route("beta", capacity=51.0), route("gamma", capacity=None))
    assert failed(facts(routes=routes)) == {"capacity": "block"}


def test_a_suppression_that_names_no_route_counts_all_routes_as_targets() -> None:
    scope = Segment.of(issuer="northbank")
    given = facts(Suppress(scope=scope), diagnosis=diagnosis("routing_misconfig", scope))
    assert check("capacity", given).limit == 60.0


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_limits_within_the_room_of_each_target_pass_whatever_the_share(share: float) -> None:
    action = reroute(share).model_copy(update={"limits_per_s": {"beta": 11.75, "gamma": 11.75}})
    slow = diagnosis(counted=tally(failure_rate=0.2))
    assert failed(facts(action, diagnosis=slow)) == {}


def test_a_target_without_a_limit_may_get_what_the_others_do_not_take() -> None:
    action = reroute(0.5).model_copy(update={"limits_per_s": {"beta": 1.0}})
    assert failed(facts(action)) == {"capacity": "block"}
    assert check("capacity", facts(action)).measured == pytest.approx(75.0 / 65.0)


def test_limits_bound_how_much_of_all_traffic_moves() -> None:
    action = reroute(0.98).model_copy(update={"limits_per_s": {"beta": 2.0, "gamma": 4.0}})
    assert check("share_of_total", facts(action)).measured == pytest.approx(6.0 / 200.0)


@pytest.mark.parametrize(
    ("methods", "passes"),
    [((), True), (("card",), False), (("upi", "card"), True)],
    ids=["any", "other", "its own"],
)
def test_a_target_must_carry_the_method_of_the_scope(methods: tuple[str, ...], *, passes: bool) -> None:
    scope = Segment.of(method="upi", psp="alpha")
    given = facts(
        reroute(0.5, {"beta": 1.0}, scope),
        diagnosis=diagnosis(culprit=scope, counted=tally(600)),
        routes=(ROUTES[0], route("beta", methods=methods)),
    )
    assert check("eligible", given).passed is passes


def test_a_target_must_carry_all_that_the_source_carries_when_the_scope_names_no_method() -> None:
    source = route("alpha", success=0.1, methods=("card", "upi"))
    narrow, equal = route("beta", methods=("upi",)), route("beta", methods=("upi", "card", "wallet"))
    assert not check("eligible", facts(TO_BETA, routes=(source, narrow))).passed
    assert check("eligible", facts(TO_BETA, routes=(source, equal))).passed


def test_a_reroute_back_to_its_source_is_blocked() -> None:
    assert not check("targets_known", facts(reroute(to={"alpha": 1.0}))).passed


def test_a_reroute_without_known_routes_is_blocked() -> None:
    assert failed(facts(routes=()))["targets_known"] == "block"


def test_a_reroute_of_no_attempts_at_all_is_still_judged_by_its_cause() -> None:
    empty = diagnosis("issuer_outage", attempts_per_window=0.0)
    assert failed(facts(diagnosis=empty, total_attempts_per_window=0.0)) == {"cause_heals": "block"}


def test_an_attack_elsewhere_does_not_stop_a_reroute() -> None:
    elsewhere = beside("card_testing", Segment.of(psp="beta"), 0.9)
    assert failed(facts(**elsewhere)) == {}


@pytest.mark.parametrize(
    ("scope", "passes"),
    [
        (IN_BRAZIL, False),
        (Segment.of(country="IN", network="mastercard", psp="alpha"), True),
        (Segment.of(country="BR", network="rupay", psp="alpha"), True),
        (Segment.of(country="BR", method="pix", psp="alpha"), True),
        (Segment.of(country="BR", method="credit_card", psp="alpha"), False),
        (Segment.of(country="br", psp="alpha"), False),
    ],
    ids=str,
)
def test_the_caps_of_a_scheme_hold_for_its_cards_in_its_country(scope: Segment, *, passes: bool) -> None:
    action = AdjustRetryPolicy(scope=scope, max_attempts=9, backoff_s=0.0)
    given = facts(action, diagnosis=diagnosis("acs_outage", scope))
    assert check("retry_fees", given).passed is passes


def test_a_scope_that_was_not_changed_lately_has_nothing_to_cool_down_from() -> None:
    assert "cool_down" not in {made.name for made in run_checks(facts(), Policy())}


def test_a_proposal_to_an_actuator_that_only_records_is_never_too_old() -> None:
    assert failed(facts(changes_traffic=False, proposal_age_s=1e9)) == {}


def test_an_actuator_that_only_records_says_so() -> None:
    assert "only records" in check("mode", facts(changes_traffic=False)).sentence
    assert "only records" in check("mode", facts(changes_traffic=False, mode=Mode.SHADOW)).sentence


@pytest.mark.parametrize(
    "action", [Alert(scope=ALPHA, message="Look."), NoAction(scope=ALPHA, reason="Fine.")]
)
@pytest.mark.parametrize("mode", Mode)
def test_what_touches_no_payment_needs_only_confidence(action: Action, mode: Mode) -> None:
    worst = {"kill_switch_on": True, "data_age_s": 1e9, "ticks_learned": 0, "ineffective_before": 9}
    assert failed(facts(action, mode=mode, **worst)) == {}
    unsure = facts(action, mode=mode, diagnosis=diagnosis(confidence=0.5), **worst)
    assert failed(unsure) == {"confidence": "ask"}


def test_each_failed_number_says_what_was_measured_against_what() -> None:
    given = facts(diagnosis=diagnosis(confidence=0.7999, attempts_per_window=5001.0))
    sentences = [made.sentence for made in run_checks(given, Policy()) if not made.passed]
    assert sentences[0] == "Confidence is 0.7999, below the required 0.8."
    assert sentences[1] == "Attempts per window in the scope is 5,001, above the limit of 5,000."


def test_figures_have_no_needless_decimals() -> None:
    assert [figure(x) for x in (0.0, 5001.0, 0.7999, 100.0)] == ["0", "5,001", "0.7999", "100"]


def test_an_action_outside_the_culprit_is_taken_to_touch_all_traffic() -> None:
    wide = Reroute(scope=Segment.of(psp="beta"), from_route="beta", to={"gamma": 1.0}, share=0.5)
    given = facts(wide)
    assert given.attempts_in_scope == given.total_attempts_per_window
    assert given.share_of_total_moved == 0.5


def test_an_alert_moves_nothing_and_has_no_target() -> None:
    given = facts(Alert(scope=ALPHA, message="Look."))
    assert (given.moved_per_s, given.share_of_total_moved, given.targets) == (0.0, 0.0, ())


@pytest.mark.parametrize(
    ("approvers", "people"),
    [
        ((), 0),
        (("asha",), 1),
        (("asha", " ASHA "), 1),
        (("asha", "ash\u200ba", "asha\x07"), 1),
        (("josé", "jose\u0301"), 1),
        (("asha", "\uff41sha"), 1),
        (("asha\nrao", "asha rao"), 1),
        (("asha", "bo"), 2),
        (("", "  ", "\u200b"), 0),
    ],
)
def test_case_spaces_and_what_nobody_sees_do_not_make_another_person(
    approvers: tuple[str, ...], people: int
) -> None:
    assert facts(approvers=approvers).people == people


def test_the_review_is_at_the_time_of_the_diagnosis_unless_told_otherwise() -> None:
    assert facts().now == AT


def test_a_plan_that_costs_more_than_any_margin_is_compared_with_no_margin_below_zero() -> None:
    losing = facts(plan=plan(reroute(), mean=-5.0))
    assert check("cost", losing).limit == 0.0


def test_a_choking_route_is_compared_by_what_it_will_fail_if_nothing_is_done() -> None:
    choking = diagnosis("psp_brownout", counted=tally(failure_rate=0.02))
    rate, later = Interval(low=0.9, mean=0.9, high=0.9), Interval(low=0.3, mean=0.4, high=0.5)
    promised = Expectation(
        success_rate=rate, success_rate_without=later, saved_per_min=rate, tells_after_s=60.0
    )
    expecting = plan(reroute(0.1)).model_copy(update={"expects": promised})
    assert not check("targets_better", facts(reroute(0.1), diagnosis=choking)).passed
    assert check("targets_better", facts(plan=expecting, diagnosis=choking)).passed


def test_two_unknown_outcomes_among_hundreds_of_attempts_are_chance() -> None:
    few = tally(500, failure_rate=0.1, pending_rate=0.004)
    many = tally(500, failure_rate=0.1, pending_rate=0.04)
    assert check("unknown_outcomes", facts(diagnosis=diagnosis(counted=few))).passed
    assert not check("unknown_outcomes", facts(diagnosis=diagnosis(counted=many))).passed


def test_how_such_payments_usually_fare_on_a_target_goes_before_what_its_own_have() -> None:
    routes = tuple(one.model_copy(update={"scope_success": 0.9, "success_rate": 0.01}) for one in ROUTES)
    assert check("targets_better", facts(routes=routes)).passed
