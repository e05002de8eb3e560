"""A token bucket: no target above its limit, nothing lost, what fits nowhere stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.flows import flows
from payments.action import Reroute
from tests.payments.made import reroute

NAMES = ("beta", "gamma", "delta")
LIMITS = st.dictionaries(st.sampled_from(NAMES), st.floats(0.001, 1e6), max_size=3)
WEIGHTS = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100), min_size=1, max_size=3)


def to(weights: dict[str, int]) -> dict[str, float]:
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def limited(weights: dict[str, int], limits: dict[str, float]) -> Reroute:
    return reroute(1.0, to(weights)).model_copy(update={"limits_per_s": limits})


def test_overflow_goes_where_most_room_is_left() -> None:
    action = limited({"beta": 3, "gamma": 1, "delta": 1}, {"beta": 10.0, "gamma": 60.0, "delta": 15.0})
    assert flows(action, 50.0) == pytest.approx({"beta": 10.0, "gamma": 30.0, "delta": 10.0})


def test_what_fits_nowhere_stays_where_it_is() -> None:
    action = limited({"beta": 1, "gamma": 1}, {"beta": 10.0, "gamma": 5.0})
    assert flows(action, 50.0) == pytest.approx({"beta": 10.0, "gamma": 5.0})


def test_without_limits_everything_goes_by_its_fraction() -> None:
    assert flows(reroute(1.0, {"beta": 0.75, "gamma": 0.25}), 40.0) == {"beta": 30.0, "gamma": 10.0}


@given(WEIGHTS, LIMITS, st.floats(0.0, 1e6))
def test_no_flow_exceeds_its_limit_and_all_that_fits_moves(
    weights: dict[str, int], limits: dict[str, float], per_s: float
) -> None:
    taken = flows(limited(weights, limits), per_s)
    assert set(taken) == set(weights)
    assert all(0.0 <= flow <= limits.get(name, per_s) * (1 + 1e-9) + 1e-9 for name, flow in taken.items())
    fits = sum(limits.get(name, per_s) for name in weights)
    assert sum(taken.values()) == pytest.approx(min(per_s, fits), rel=1e-9, abs=1e-9)
