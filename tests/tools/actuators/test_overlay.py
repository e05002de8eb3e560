"""What an action makes of a routing rule: the payments of its scope move as decided, all others stay."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments.action import Action, Reroute, Suppress
from payments.errors import ActuatorError
from payments.segment import Segment
from tests.tools.actuators.engine import ROUTING_KEYS, Engine, gateway
from tools.actuators.decision_engine.api import RoutingKey
from tools.actuators.decision_engine.conditions import conditions_of, parameters_of
from tools.actuators.decision_engine.overlay import laid_over, offered
from tools.actuators.decision_engine.program import Offer, Program, read, write

NAMES = ("alpha", "beta", "gamma", "delta")
KEYS = {name: RoutingKey.model_validate(key) for name, key in ROUTING_KEYS.items()}
CARDS = ("visa", "rupay")

orders = st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda names: [*map(gateway, names)])
names, weights = st.sampled_from(NAMES), st.integers(1, 100)
outputs = st.one_of(
    orders.map(lambda order: {"priority": order}),
    st.lists(
        st.tuples(weights, st.sampled_from(NAMES)), min_size=1, max_size=4, unique_by=lambda one: one[1]
    ).map(
        lambda parts: {"volume_split": [{"split": split, "output": gateway(name)} for split, name in parts]}
    ),
    st.lists(st.tuples(weights, orders), min_size=1, max_size=3).map(
        lambda parts: {"volume_split_priority": [{"split": split, "output": order} for split, order in parts]}
    ),
)


def condition(network: str) -> dict[str, Any]:
    value = {"type": "enum_variant", "value": network}
    return {"lhs": "card_network", "comparison": "equal", "value": value, "metadata": {}}


def rule(network: str, output: Mapping[str, Any]) -> dict[str, Any]:
    (kind,) = output
    statements = [{"condition": [condition(network)], "nested": None}]
    return {"name": f"for {network}", "routing_type": kind, "output": output, "statements": statements}


programs = st.builds(
    lambda rules, otherwise: read(
        {"type": "advanced", "data": {"globals": {}, "default_selection": otherwise, "rules": rules}}
    ),
    st.lists(st.builds(rule, st.sampled_from(CARDS), outputs), max_size=3),
    outputs,
)
scopes = st.sampled_from([Segment.of(psp="alpha"), Segment.of(psp="alpha", network="visa")])
suppressions = scopes.map(lambda scope: Suppress(scope=scope))
reroutes = st.builds(
    lambda scope, share, part: Reroute(
        scope=scope,
        from_route="alpha",
        to={"beta": part / 100, "gamma": 1 - part / 100} if part < 100 else {"beta": 1.0},
        share=share / 100,
    ),
    scopes,
    st.integers(1, 100),
    st.integers(1, 100),
)
actions: st.SearchStrategy[Action] = st.one_of(suppressions, reroutes)


def laid(program: Program, action: Action) -> Program:
    """Lay an action over a rule that can say it."""
    conditions = conditions_of(action.scope, KEYS, "shoes")
    try:
        return laid_over(program, action, conditions)
    except ActuatorError:
        assume(False)
        raise


def shares(program: Program, network: str) -> dict[str, float]:
    """Give who gets the payments of a network first, in hundredths of them."""
    offer = offer_of(program, network)
    total = sum(part.weight for part in offer)
    found = defaultdict[str, float](float)
    for part in offer:
        found[part.order[0].name] += 100 * part.weight / total
    return found


def offer_of(program: Program, network: str) -> Offer:
    for branch in program.branches:
        for statement in branch.statements:
            wanted = [one["value"]["value"] for one in statement["condition"]]
            if all(network in (one if isinstance(one, list) else [one]) for one in wanted):
                return branch.offer
    return program.otherwise


def in_scope(action: Action, network: str) -> bool:
    return action.scope.get("network") in {None, network}


@given(programs, actions, st.sampled_from([*CARDS, "mastercard"]))
def test_payments_outside_the_scope_are_offered_what_they_were(
    program: Program, action: Action, network: str
) -> None:
    assume(not in_scope(action, network))
    assert offer_of(laid(program, action), network) == offer_of(program, network)


@given(programs, suppressions, st.sampled_from(CARDS))
def test_a_suppressed_gateway_is_offered_to_nobody_in_scope(
    program: Program, action: Action, network: str
) -> None:
    after = offer_of(laid(program, action), network)
    named = {one.name for part in after for one in part.order}
    assert not in_scope(action, network) or "alpha" not in named


@given(programs, reroutes, st.sampled_from(CARDS))
def test_never_more_moves_than_was_decided_and_at_most_a_hundredth_a_target_less(
    program: Program, action: Reroute, network: str
) -> None:
    before, after = shares(program, network), shares(laid(program, action), network)
    moved = before["alpha"] - after["alpha"]
    decided = before["alpha"] * action.share if in_scope(action, network) else 0.0
    parts = len(offer_of(program, network)) * (1 + len(action.to))
    assert decided - parts - 1e-6 <= moved <= decided + len(offer_of(program, network)) + 1e-6
    assert sum(after.values()) == pytest.approx(100.0)


@given(programs, actions)
def test_what_is_written_is_read_back(program: Program, action: Action) -> None:
    made = laid(program, action)
    again = read(write(made))
    for network in CARDS:
        assert shares(again, network) == pytest.approx(shares(made, network))


@given(programs, actions)
def test_the_engine_offers_what_is_foreseen(program: Program, action: Action) -> None:
    made = laid(program, action)
    engine = Engine()
    engine.active = engine.hold(write(made))
    for network in CARDS:
        card = parameters_of([condition(network)])
        assert {one["gateway_name"] for one in engine.offered(card)} == offered(made, card)
