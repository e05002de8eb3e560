"""Each rule alone: its boundary, and a case in which nothing but this rule stops the action."""

from typing import Any

import pytest

from guardrails.checks import CHECKS, run_checks
from guardrails.comparing import figure
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import (
    Action,
    ActionKind,
    AdjustRetryPolicy,
    Alert,
    NoAction,
    Reroute,
    Route,
    Suppress,
)
from payments.segment import Segment
from tests.guardrails.made import check, facts, failed
from tests.payments.made import ALPHA, LINK, ROUTES, diagnosis, plan, reroute, route, tally

RETRY = AdjustRetryPolicy(scope=ALPHA, max_attempts=2, backoff_s=30.0)
STORM = diagnosis("retry_storm")
# One route takes all of alpha's payments but the probe, if its capacity allows.
TO_BETA = reroute(0.5, {"beta": 1.0})


def only_beta(capacity: float) -> tuple[Route, ...]:
    return (ROUTES[0], route("beta", capacity=capacity))


def test_a_sound_reroute_passes_every_rule() -> None:
    assert failed(facts()) == {}


def test_a_sound_retry_policy_passes_every_rule() -> None:
    assert failed(facts(RETRY, diagnosis=STORM)) == {}


def test_a_sound_suppression_passes_every_rule() -> None:
    small = diagnosis("routing_misconfig", LINK, counted=tally(600))
    assert failed(facts(Suppress(scope=LINK), diagnosis=small)) == {}


ONLY = [
    ("kill_switch", "block", {"kill_switch_on": True}),
    ("confidence", "ask", {"diagnosis": diagnosis(confidence=0.7999)}),
    ("expiry", "ask", {"plan": plan(reroute(), expires_after_s=3600.1)}),
    ("expiry", "ask", {"plan": plan(reroute(), expires_after_s=59.9)}),
    ("benefit", "ask", {"plan": plan(reroute(), mean=0.0)}),
    ("benefit", "ask", {"plan": plan(reroute(), mean=-5.0)}),
    ("data_age", "ask", {"data_age_s": 120.1}),
    ("baseline", "ask", {"ticks_learned": 59}),
    ("repetition", "ask", {"ineffective_before": 2}),
    ("cause_heals", "block", {"diagnosis": diagnosis("issuer_outage")}),
    ("cause_heals", "block", {"diagnosis": diagnosis("card_testing")}),
    ("cause_heals", "block", {"diagnosis": diagnosis("user_mix")}),
    ("cause_heals", "block", {"diagnosis": diagnosis("webhook_lag")}),
    ("cause_heals", "ask", {"diagnosis": diagnosis("card_network_outage")}),
    ("cause_heals", "ask", {"diagnosis": diagnosis("never seen")}),
    (
        "unknown_outcomes",
        "ask",
        {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.41))},
    ),
    (
        "share_of_total",
        "ask",
        {
            "diagnosis": diagnosis(counted=tally(600)),
            "total_attempts_per_window": 599.0,
            "plan": plan(reroute(0.51)),
        },
    ),
    ("targets_known", "block", {"plan": plan(reroute(to={"beta": 0.5, "omega": 0.5}))}),
    ("targets_known", "block", {"plan": plan(reroute(to={"beta": 0.5, "gamma": 0.4}))}),
    ("methods", "block", {"routes": (ROUTES[0], ROUTES[1], route("gamma", methods=("card",)))}),
    ("targets_better", "ask", {"routes": (ROUTES[0], ROUTES[1], route("gamma", success=0.1))}),
    ("targets_better", "ask", {"routes": (ROUTES[0], ROUTES[1], route("gamma", success=None))}),
    ("capacity", "block", {"routes": (ROUTES[0], ROUTES[1], route("gamma", capacity=62.0))}),
    ("capacity", "ask", {"routes": (ROUTES[0], ROUTES[1], route("gamma", capacity=None))}),
    ("probe", "ask", {"plan": plan(reroute(0.9801)), "diagnosis": diagnosis(counted=tally(1500))}),
]


@pytest.mark.parametrize(("name", "on_failure", "changes"), ONLY)
def test_the_rule_alone_stops_the_action(name: str, on_failure: str, changes: dict[str, Any]) -> None:
    assert failed(facts(**changes)) == {name: on_failure}


def test_the_volume_alone_stops_a_large_retry_policy() -> None:
    assert failed(facts(RETRY, diagnosis=diagnosis("retry_storm", counted=tally(5001)))) == {"volume": "ask"}


def test_a_scope_wider_than_the_culprit_is_stopped() -> None:
    narrow = diagnosis("retry_storm", LINK, counted=tally(600))
    assert failed(facts(RETRY, diagnosis=narrow, total_attempts_per_window=4000.0)) == {
        "within_culprit": "ask"
    }


def test_a_kind_that_the_policy_does_not_list_is_blocked() -> None:
    assert failed(facts(), Policy(allowed_kinds=frozenset({ActionKind.ALERT}))) == {"allowed": "block"}


def test_a_suppression_without_another_route_is_stopped() -> None:
    lonely = facts(Suppress(scope=ALPHA), routes=ROUTES[:1])
    assert failed(lonely) == {"alternative": "ask", "capacity": "ask"}


def test_a_suppression_of_no_route_is_stopped() -> None:
    scope = Segment.of(issuer="northbank")
    cut = diagnosis("routing_misconfig", scope, counted=tally(600))
    assert failed(facts(Suppress(scope=scope), diagnosis=cut)) == {"alternative": "ask"}


@pytest.mark.parametrize("attempts", [5000, 4999])
def test_retries_may_only_be_few_where_they_harm(attempts: int) -> None:
    many = AdjustRetryPolicy(scope=ALPHA, max_attempts=3, backoff_s=0.0)
    storm = diagnosis("retry_storm", counted=tally(attempts))
    assert failed(facts(many, diagnosis=storm)) == {"retries": "block"}
    assert failed(facts(many, diagnosis=diagnosis("acs_outage", counted=tally(attempts)))) == {}


BOUNDARIES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("confidence", {"diagnosis": diagnosis(confidence=0.8)}, {"diagnosis": diagnosis(confidence=0.7999)}),
    (
        "volume",
        {"diagnosis": diagnosis(attempts_per_window=5000.0)},
        {"diagnosis": diagnosis(attempts_per_window=5001.0)},
    ),
    ("data_age", {"data_age_s": 120.0}, {"data_age_s": 120.01}),
    ("baseline", {"ticks_learned": 60}, {"ticks_learned": 59}),
    ("repetition", {"ineffective_before": 1}, {"ineffective_before": 2}),
    (
        "share_of_total",
        {"plan": plan(reroute(0.8)), "total_attempts_per_window": 4800.0},
        {"plan": plan(reroute(0.8)), "total_attempts_per_window": 4799.0},
    ),
    ("probe", {"plan": plan(reroute(0.98))}, {"plan": plan(reroute(0.9801))}),
    (
        "expiry",
        {"plan": plan(reroute(), expires_after_s=60.0)},
        {"plan": plan(reroute(), expires_after_s=59.0)},
    ),
    (
        "expiry",
        {"plan": plan(reroute(), expires_after_s=3600.0)},
        {"plan": plan(reroute(), expires_after_s=3601.0)},
    ),
    # 25 attempts a second move to a route that carries 50; the source is down, so it may be filled.
    (
        "capacity",
        {"plan": plan(TO_BETA), "routes": only_beta(capacity=75.0)},
        {"plan": plan(TO_BETA), "routes": only_beta(capacity=74.9)},
    ),
    # The source succeeds at 80 %, so a target is filled to 95 % only.
    (
        "capacity",
        {
            "plan": plan(TO_BETA),
            "routes": only_beta(capacity=75.0 / 0.95),
            "diagnosis": diagnosis(counted=tally(failure_rate=0.2)),
        },
        {
            "plan": plan(TO_BETA),
            "routes": only_beta(capacity=78.9),
            "diagnosis": diagnosis(counted=tally(failure_rate=0.2)),
        },
    ),
    (
        "unknown_outcomes",
        {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.4))},
        {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.401))},
    ),
]


@pytest.mark.parametrize(("name", "last_that_passes", "first_that_fails"), BOUNDARIES)
def test_the_limit_itself_still_passes(
    name: str, last_that_passes: dict[str, Any], first_that_fails: dict[str, Any]
) -> None:
    assert check(name, facts(**last_that_passes)).passed
    assert not check(name, facts(**first_that_fails)).passed


def test_a_suppression_that_others_cannot_absorb_is_blocked() -> None:
    # 50 attempts a second are suppressed; three routes have room for 15 each.
    assert failed(facts(Suppress(scope=ALPHA))) == {"capacity": "block"}


def test_a_suppression_with_an_unknown_capacity_asks() -> None:
    routes = (*ROUTES[:3], route("delta", capacity=None))
    assert failed(facts(Suppress(scope=ALPHA), routes=routes)) == {"capacity": "ask"}


def test_overload_of_a_known_target_blocks_even_beside_an_unknown_one() -> None:
    routes = (ROUTES[0], route("beta", capacity=51.0), route("gamma", capacity=None))
    assert failed(facts(routes=routes)) == {"capacity": "block"}


@pytest.mark.parametrize(
    ("methods", "passes"),
    [((), True), (("card",), False), (("upi", "card"), True)],
    ids=["any", "other", "its own"],
)
def test_a_target_must_carry_the_method_of_the_scope(methods: tuple[str, ...], passes: bool) -> None:
    scope = Segment.of(method="upi", psp="alpha")
    given = facts(
        reroute(0.5, {"beta": 1.0}, scope),
        diagnosis=diagnosis(culprit=scope, counted=tally(600)),
        routes=(ROUTES[0], route("beta", methods=methods)),
    )
    assert check("methods", given).passed is passes


def test_a_target_must_carry_all_that_the_source_carries_when_the_scope_names_no_method() -> None:
    source = route("alpha", success=0.1, methods=("card", "upi"))
    narrow, equal = route("beta", methods=("upi",)), route("beta", methods=("upi", "card", "wallet"))
    assert not check("methods", facts(TO_BETA, routes=(source, narrow))).passed
    assert check("methods", facts(TO_BETA, routes=(source, equal))).passed


def test_a_reroute_back_to_its_source_is_blocked() -> None:
    assert not check("targets_known", facts(reroute(to={"alpha": 1.0}))).passed


def test_a_reroute_without_known_routes_is_blocked() -> None:
    assert failed(facts(routes=()))["targets_known"] == "block"


def test_an_actuator_that_only_records_passes_and_says_so() -> None:
    recorded = check("actuator", facts(changes_traffic=False))
    assert recorded.passed
    assert "only records" in recorded.sentence


@pytest.mark.parametrize(
    "action", [Alert(scope=ALPHA, message="Look."), NoAction(scope=ALPHA, reason="Fine.")]
)
def test_what_touches_no_payment_needs_only_confidence(action: Action) -> None:
    worst = {"kill_switch_on": True, "data_age_s": 1e9, "ticks_learned": 0, "ineffective_before": 9}
    assert failed(facts(action, **worst)) == {}
    assert failed(facts(action, diagnosis=diagnosis(confidence=0.5), **worst)) == {"confidence": "ask"}


def test_each_rule_names_its_check_after_itself() -> None:
    actions: tuple[Action, ...] = (reroute(), RETRY, Suppress(scope=ALPHA))
    for action in actions:
        for rule in CHECKS:
            made = rule(facts(action, diagnosis=STORM), Policy())
            assert made is None or made.name == getattr(rule, "__name__", None)


def test_each_failed_number_says_what_was_measured_against_what() -> None:
    given = facts(diagnosis=diagnosis(confidence=0.7999, attempts_per_window=5001.0))
    sentences = [made.sentence for made in run_checks(given, Policy()) if not made.passed]
    assert sentences[0] == "Confidence is 0.7999, below the required 0.8."
    assert sentences[1] == "Affected payments per window is 5,001, above the limit of 5,000."


def test_figures_have_no_needless_decimals() -> None:
    assert [figure(x) for x in (0.0, 5001.0, 0.7999, 100.0)] == ["0", "5,001", "0.7999", "100"]


def test_an_action_outside_the_culprit_is_taken_to_touch_all_traffic() -> None:
    wide = Reroute(scope=Segment.of(psp="beta"), from_route="beta", to={"gamma": 1.0}, share=0.5)
    given: Facts = facts(wide)
    assert given.attempts_in_scope == given.total_attempts_per_window
    assert given.share_of_total_moved == 0.5
