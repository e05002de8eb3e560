"""Where a router's payments find room."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.crew.policies.allocation import Preference, allocate, limits_per_s
from simulator.traffic.arrays import Flags, Floats

ROUTES = 3
FLOWS = arrays(np.float64, st.integers(1, 6), elements=st.floats(0.0, 100.0))
ROOM = arrays(np.float64, ROUTES, elements=st.floats(0.0, 200.0))
SLACK = 1e-6


def by_weight(weights: Floats) -> Preference:
    def prefer(open_routes: Flags) -> Floats:
        kept = weights * open_routes
        shares: Floats = kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12)
        return shares

    return prefer


def weights_for(flow: Floats, seed: int) -> Floats:
    return np.random.default_rng(seed).dirichlet(np.ones(ROUTES), size=len(flow))


@given(FLOWS, ROOM, st.integers(0, 99))
def test_no_route_gets_more_than_its_room_and_no_group_more_than_it_has(
    flow: Floats, room: Floats, seed: int
) -> None:
    placed = allocate(flow, by_weight(weights_for(flow, seed)), room)
    assert (placed >= 0.0).all()
    assert (placed.sum(axis=1) <= 1.0 + SLACK).all()
    assert (flow @ placed <= room + SLACK * (1.0 + room)).all()


@given(FLOWS, st.integers(0, 99))
def test_with_room_for_all_everyone_gets_what_they_prefer(flow: Floats, seed: int) -> None:
    weights = weights_for(flow, seed)
    assert np.allclose(allocate(flow, by_weight(weights), np.full(ROUTES, np.inf)), weights)


def test_what_finds_no_room_goes_to_the_next_best() -> None:
    best_first = by_weight(np.array([[1.0, 1e-6, 0.0]]))
    placed = allocate(np.array([10.0]), best_first, np.array([4.0, 3.0, 100.0]))
    assert np.allclose(placed, [[0.4, 0.3, 0.0]])


def test_a_full_route_gives_each_group_the_same_part_of_what_it_wants() -> None:
    placed = allocate(np.array([10.0, 30.0]), by_weight(np.eye(2, 3)[[0, 0]]), np.array([20.0, 0.0, 0.0]))
    assert np.allclose(placed[:, 0], 0.5)


@given(FLOWS, ROOM, st.integers(0, 99))
def test_what_stays_and_what_may_move_together_never_exceed_a_route(
    flow: Floats, most: Floats, seed: int
) -> None:
    usual, wanted = weights_for(flow, seed), weights_for(flow, seed + 100)
    staying = flow @ np.minimum(usual, wanted)
    limits = limits_per_s(flow, usual, wanted, most)
    assert (limits >= 0.0).all()
    assert (limits + staying <= np.maximum(most, staying) + SLACK).all()
