"""Routing payment by payment: as few move as must, none beyond the limits, and luck stays the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from payments.segment import Segment
from simulator.traffic.arrays import Floats, cumulative, drawn
from simulator.traffic.detours import Arrivals, Routing, route
from simulator.traffic.stage import Stage
from tests.simulator.traffic.made import BRIEF, add

SHARES = arrays.arrays(np.float64, (3, 4), elements=st.floats(0.01, 1.0))
LUCK = arrays.arrays(np.float64, st.integers(0, 60), elements=st.floats(0.0, 1.0, exclude_max=True))
NO_LIMIT = np.full(4, np.inf)


def rows_of_one(weights: Floats) -> Floats:
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def arrivals(shares: Floats, luck: Floats) -> Arrivals:
    closed = np.zeros(shares.shape, dtype=np.bool_)
    demand, edges = np.arange(len(luck)) % len(shares), cumulative(shares)
    return Arrivals(demand, luck, drawn(edges, demand, luck), shares, edges, closed)


def test_a_router_gets_the_shares_that_it_wants() -> None:
    usual, wanted = np.array([[0.4, 0.3, 0.2, 0.1]]), np.array([[0.1, 0.3, 0.2, 0.4]])
    every = arrivals(usual, np.random.default_rng(1).random(20_000))
    taken = route(every, [(Routing(wanted, NO_LIMIT), NO_LIMIT)])
    assert np.bincount(taken) / 20_000 == pytest.approx(wanted[0], abs=0.015)
    assert float((taken != every.usual).mean()) == pytest.approx(0.3, abs=0.015)


@given(usual=SHARES, wanted=SHARES, luck=LUCK, tokens=st.tuples(*[st.integers(0, 9)] * 4))
def test_routes_give_only_what_they_have_too_much_and_take_no_more_than_their_tokens(
    usual: Floats, wanted: Floats, luck: Floats, tokens: tuple[int, ...]
) -> None:
    usual, wanted = rows_of_one(usual), rows_of_one(wanted)
    every = arrivals(usual, luck)
    routing = Routing(wanted, NO_LIMIT)
    taken = route(every, [(routing, np.array(tokens, dtype=np.float64))])
    moved = taken != every.usual
    demand = every.demand[moved]
    assert (wanted[demand, taken[moved]] > usual[demand, taken[moved]]).all()
    assert (wanted[demand, every.usual[moved]] < usual[demand, every.usual[moved]]).all()
    assert (np.bincount(taken[moved], minlength=4) <= np.array(tokens)).all()


@given(usual=SHARES, luck=LUCK)
def test_a_router_that_wants_what_is_usual_moves_nothing(usual: Floats, luck: Floats) -> None:
    every = arrivals(rows_of_one(usual), luck)
    taken = route(every, [(Routing(every.shares, NO_LIMIT), NO_LIMIT)])
    assert np.array_equal(taken, every.usual)


def test_nothing_is_routed_where_a_suppression_closes_the_path() -> None:
    every = arrivals(np.array([[0.5, 0.5, 0.0, 0.0]]), np.random.default_rng(1).random(500))
    every.closed[0, 2] = True
    taken = route(every, [(Routing(np.array([[0.0, 0.0, 0.5, 0.5]]), NO_LIMIT), NO_LIMIT)])
    assert set(taken) == {3}


def test_what_finds_no_token_goes_to_another_route_that_has_less_than_wanted_or_stays() -> None:
    every = arrivals(np.array([[1.0, 0.0, 0.0, 0.0]]), np.random.default_rng(1).random(100))
    routing = Routing(np.array([[0.0, 0.5, 0.5, 0.0]]), NO_LIMIT)
    taken = route(every, [(routing, np.array([9.0, 10.0, 20.0, 50.0]))])
    assert np.bincount(taken, minlength=4).tolist() == [70, 10, 20, 0]


def test_a_stage_routes_within_the_limits_and_leaves_the_rest_of_the_world_alone() -> None:
    stage, twin = Stage("quiet", 7, BRIEF), Stage("quiet", 7, BRIEF)
    routes = stage.topology.routes
    wanted = np.zeros_like(stage.topology.shares)
    wanted[:, routes.index("zenpay")] = 1.0
    limits = np.full(len(routes), np.inf)
    limits[routes.index("zenpay")] = 4.0
    ours = [stage.step(routing=Routing(wanted, limits)) for _ in range(30)]
    theirs = [twin.step() for _ in range(30)]
    zenpay = Segment.of(psp="zenpay")
    more = add(ours, zenpay).attempts - add(theirs, zenpay).attempts
    assert more == pytest.approx(4.0 * 5.0 * 30, rel=0.02)
    assert stage.score.moved == 4 * 5 * 30
    assert add(ours).payments == add(theirs).payments
