"""Routers that choose for each payment."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.crew.policies.making import ALWAYS_ON, make
from bench.crew.policies.policy import Move, Policy
from simulator.traffic.arrays import Floats
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage

NAMES = sorted(ALWAYS_ON)


def shares_of(move: Move) -> Floats:
    assert move.routing is not None
    return move.routing.shares


def maker(name: str) -> Callable[[Stage], Policy]:
    return lambda stage: make(name, stage.topology, stage.truth, 5)


@pytest.mark.parametrize("name", NAMES)
def test_shares_sum_to_one_and_the_limits_leave_every_route_below_its_capacity(
    name: str,
    fault: Callable[[str], Scenario],
    play: Callable[..., tuple[list[Move], Stage]],
) -> None:
    moves, stage = play(fault("psp_outage"), maker(name), 40)
    topology = stage.topology
    for move in moves[1:]:
        assert move.routing is not None
        assert np.allclose(move.routing.shares.sum(axis=1), 1.0)
        assert (move.routing.shares >= 0.0).all()
        assert (move.routing.limits_per_s <= 0.95 * topology.capacity_per_s + 1e-9).all()
        assert (move.routing.limits_per_s >= 0.0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_dead_route_loses_nearly_all_payments_that_find_room_elsewhere(
    name: str,
    fault: Callable[[str], Scenario],
    play: Callable[..., tuple[list[Move], Stage]],
) -> None:
    roomy = fault("expired_cert")
    roomy = replace(roomy, world=replace(roomy.world, capacity_range=(3.0, 3.0)))
    moves, stage = play(roomy, maker(name), 60)
    route = stage.topology.routes.index(stage.truth.culprit.root["psp"])
    flow = stage.topology.payments_per_s
    before, after = (float(flow @ shares_of(moves[tick])[:, route]) / flow.sum() for tick in (10, 60))
    usual = float(flow @ stage.topology.shares[:, route]) / flow.sum()
    assert after < 0.15 * max(usual, before)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_world_gives_the_same_moves(
    name: str,
    fault: Callable[[str], Scenario],
    play: Callable[..., tuple[list[Move], Stage]],
) -> None:
    (one, first), (two, second) = (play(fault("psp_outage"), maker(name), 20) for _ in range(2))
    assert np.array_equal(shares_of(one[-1]), shares_of(two[-1]))
    assert first.score == second.score
