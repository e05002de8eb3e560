"""A move that is approved late, fitted to what its targets can still take."""

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from graph.fitting import fitted
from payments.action import Action, Reroute, Suppress
from payments.route import Route
from payments.segment import Segment

MOVE = Reroute(
    scope=Segment.of(psp="a"),
    from_route="a",
    to={"b": 0.75, "c": 0.25},
    share=0.98,
    limits_per_s={"b": 30.0, "c": 10.0},
)
THEN = {"a": 50.0, "b": 60.0, "c": 80.0}


def routes(**load_per_s: float) -> tuple[Route, ...]:
    loads = {**THEN, **load_per_s}
    return tuple(
        Route(name=name, capacity_per_s=100.0, load_per_s=load, success_rate=0.9)
        for name, load in loads.items()
    )


def move(**load_per_s: float) -> Reroute:
    given_back = fitted(MOVE, routes(), routes(**load_per_s))
    assert isinstance(given_back, Reroute)
    return given_back


def test_a_target_that_got_busier_takes_less() -> None:
    assert move(b=65.0).limits_per_s == {"b": 25.0, "c": 10.0}


def test_room_that_became_free_was_not_approved() -> None:
    assert move(b=10.0, c=10.0) == MOVE


def test_a_target_without_room_leaves_the_move() -> None:
    without = move(b=95.0)
    assert (without.to, without.limits_per_s) == ({"c": 1.0}, {"c": 10.0})


def test_a_move_for_which_nobody_has_room_is_left_to_the_guardrails() -> None:
    assert move(b=95.0, c=95.0) == MOVE


def test_a_move_without_limits_and_any_other_action_stay_as_they_are() -> None:
    unlimited = MOVE.model_copy(update={"limits_per_s": {}})
    others: list[Action] = [unlimited, Suppress(scope=Segment.of(psp="a"))]
    assert [fitted(other, routes(), routes(b=95.0)) for other in others] == others


def test_a_target_that_no_process_sees_now_keeps_its_limit() -> None:
    assert fitted(MOVE, routes(), ()) == MOVE
    assert fitted(MOVE, (), routes()) == MOVE


LOADS = st.floats(0.0, 200.0)


@given(LOADS, LOADS)
def test_a_fitted_move_loads_nobody_more_than_was_planned_and_moves_all_of_its_share(
    b: float, c: float
) -> None:
    after = move(b=b, c=c)
    assert isclose(sum(after.to.values()), 1.0)
    if after != MOVE:
        now = {"b": b, "c": c}
        for name, limit in after.limits_per_s.items():
            assert limit <= MOVE.limits_per_s[name]
            assert now[name] + limit <= THEN[name] + MOVE.limits_per_s[name] + 1e-9
