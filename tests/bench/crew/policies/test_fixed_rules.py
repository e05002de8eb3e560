"""The agent with fixed rules."""

from collections.abc import Callable

import pytest

from bench.crew.policies.fixed_rules import FixedRules, rules
from bench.crew.policies.policy import Move
from payments.action import ActionKind
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage

CALM = {
    "payments": 500.0,
    "user_share": 0.4,
    "issuer_down_share": 0.0,
    "one_bank_share": 0.2,
    "timeout_share": 0.0,
    "network_share": 0.0,
    "slow_share": 0.0,
}


def first(**changed: float) -> str | None:
    return next((rule.does for rule in rules() if rule.holds(CALM | changed)), None)


@pytest.mark.parametrize(
    ("changed", "does"),
    [
        ({}, None),
        ({"payments": 9.0, "issuer_down_share": 1.0}, "nothing"),
        ({"payments": 10.0, "issuer_down_share": 1.0}, "suppress"),
        ({"user_share": 0.5, "one_bank_share": 1.0}, "nothing"),
        ({"user_share": 0.49, "one_bank_share": 1.0}, "reroute"),
        ({"issuer_down_share": 0.3}, "suppress"),
        ({"timeout_share": 0.3, "network_share": 0.5}, "retry_policy"),
        ({"network_share": 0.3}, "alert"),
        ({"slow_share": 0.2}, "alert"),
    ],
)
def test_the_first_rule_that_holds_decides(changed: dict[str, float], does: str | None) -> None:
    assert first(**changed) == does


def test_what_suppresses_or_reroutes_is_as_sure_as_the_old_agent_was() -> None:
    assert {r.confidence for r in rules() if r.does in {"suppress", "reroute"}} == {0.75, 0.82}


def test_it_does_nothing_on_an_ordinary_day(
    fault: Callable[[str], Scenario], play: Callable[..., tuple[list[Move], Stage]]
) -> None:
    moves, _ = play(fault("quiet"), lambda _: FixedRules(), 60)
    assert not any(move.actions for move in moves)


def test_it_holds_what_it_does_about_a_bank_for_a_quarter_of_an_hour(
    fault: Callable[[str], Scenario],
    play: Callable[..., tuple[list[Move], Stage]],
) -> None:
    moves, stage = play(fault("issuer_outage"), lambda _: FixedRules(), 60)
    acted = [move.actions for move in moves if move.actions]
    assert acted[0][0].kind is ActionKind.SUPPRESS
    assert acted[0][0].scope.get("issuer") == stage.truth.culprit.get("issuer")
    assert set(acted) == {acted[0]}
