"""Which routes are asked to help, how much each may take, and what overload is not."""

import pytest

from agents.planner import Planner, Readings
from payments.action import ActionKind, Reroute
from payments.diagnosis import Diagnosis
from payments.plan import Plan
from payments.route import Route
from payments.segment import Segment
from tests.agents.planner.situations import situation
from tests.payments.made import ALPHA, ROUTES, diagnosis, route, tally

SOURCE = ROUTES[0]


def propose(
    routes: tuple[Route, ...], said: Diagnosis | None = None, readings: Readings | None = None
) -> Plan:
    return Planner().plan(situation(said, routes, readings=readings))


def moved(plan: Plan) -> Reroute:
    assert isinstance(plan.action, Reroute)
    return plan.action


def targets(
    routes: tuple[Route, ...], said: Diagnosis | None = None, currency: str | None = None
) -> set[str]:
    return set(moved(propose((SOURCE, *routes), said, Readings(currency=currency))).to)


def test_a_target_must_take_the_country_of_the_culprit() -> None:
    french = route("beta").model_copy(update={"countries": ("FR",)})
    indian = route("gamma").model_copy(update={"countries": ("IN", "AE")})
    in_india = diagnosis(culprit=Segment.of(country="IN", psp="alpha"), counted=tally(600))
    assert targets((french, indian), in_india) == {"gamma"}


def test_a_target_must_take_all_countries_of_the_source_where_the_culprit_names_none() -> None:
    source = route("alpha", success=0.1).model_copy(update={"countries": ("FR", "IN")})
    some, all_of_them = (
        route(name).model_copy(update={"countries": countries})
        for name, countries in (("beta", ("IN",)), ("gamma", ("FR", "IN", "SG")))
    )
    assert set(moved(propose((source, some, all_of_them))).to) == {"gamma"}


@pytest.mark.parametrize(
    ("currency", "expected"), [("EUR", {"beta"}), ("INR", {"gamma"}), (None, {"beta", "gamma"})]
)
def test_a_target_must_settle_the_currency_where_it_is_known(
    currency: str | None, expected: set[str]
) -> None:
    euros = route("beta").model_copy(update={"currencies": ("EUR", "USD")})
    rupees = route("gamma").model_copy(update={"currencies": ("INR",)})
    assert targets((euros, rupees), currency=currency) == expected


def test_an_untested_route_is_the_last_choice_and_promises_less() -> None:
    full, idle = route("beta", load=65.0), route("idle", capacity=120.0, load=0.0, success=None)
    assert targets((route("beta"), idle)) == {"beta"}
    working = idle.model_copy(update={"success_rate": 0.9})
    untested, tested = propose((SOURCE, full, idle)), propose((SOURCE, full, working))
    assert set(moved(untested).to) == {"idle"}
    assert untested.payments_saved.mean < tested.payments_saved.mean
    assert untested.payments_saved.low < tested.payments_saved.low


def test_nothing_is_suppressed_onto_an_untested_route() -> None:
    dead = diagnosis("expired_cert", counted=tally(600, failure_rate=1.0))
    idle = route("idle", capacity=120.0, load=0.0, success=None)
    kinds = [
        {plan.action.kind, *(other.action.kind for other in plan.alternatives)}
        for plan in (propose((SOURCE, idle), dead), propose((SOURCE, route("beta", capacity=120.0)), dead))
    ]
    assert [ActionKind.SUPPRESS in found for found in kinds] == [False, True]


def test_equally_good_targets_share_and_a_worse_one_gets_what_they_cannot_take() -> None:
    small = diagnosis(counted=tally(600))
    best, as_good, worse = (
        route("beta", capacity=60.0),
        route("gamma", success=0.89),
        route("delta", success=0.83),
    )
    assert moved(propose((SOURCE, best, as_good, worse), small)).to == {"gamma": 0.6, "beta": 0.4}
    assert set(moved(propose((SOURCE, best, as_good, worse))).to) == {"gamma", "delta", "beta"}


def test_where_the_mix_is_known_half_a_point_tells_targets_apart() -> None:
    small = diagnosis(counted=tally(600))
    better, worse = (
        route(name).model_copy(update={"scope_success": rate})
        for name, rate in (("beta", 0.88), ("gamma", 0.87))
    )
    assert set(moved(propose((SOURCE, better, worse), small)).to) == {"beta"}
    foreign = (route("beta", success=0.88), route("gamma", success=0.87))
    assert set(moved(propose((SOURCE, *foreign), small)).to) == {"beta", "gamma"}


def test_each_class_of_targets_fills_before_the_next() -> None:
    rates = {"beta": 0.8, "gamma": 0.84, "delta": 0.88}
    routes = tuple(
        route(name).model_copy(update={"scope_success": rate, "capacity_per_s": 32.0, "load_per_s": 25.0})
        for name, rate in rates.items()
    )
    action = moved(propose((SOURCE, *routes), diagnosis(counted=tally(600))))
    assert list(action.to) == ["delta", "gamma"]
    assert sum(action.limits_per_s.values()) > 0.98 * 10.0 * action.to["delta"]


def test_of_targets_above_the_usual_the_better_one_comes_first() -> None:
    small = diagnosis(counted=tally(600))
    best, good = (
        route(name).model_copy(update={"scope_success": rate})
        for name, rate in (("beta", 0.99), ("gamma", 0.97))
    )
    assert set(moved(propose((SOURCE, best, good), small)).to) == {"beta"}


def test_the_largest_target_comes_first_and_its_limit_is_a_readable_figure() -> None:
    action = moved(propose((SOURCE, route("beta", load=50.123), route("gamma", load=20.0))))
    assert list(action.to) == ["gamma", "beta"]
    assert action.limits_per_s == {"gamma": 45.0, "beta": 14.8}


# Overload is a cause of its own


def test_a_target_above_its_capacity_gets_nothing() -> None:
    overloaded = route("beta", capacity=100.0, load=97.5)
    assert targets((overloaded, route("gamma"))) == {"gamma"}
    assert propose((SOURCE, overloaded)).action.kind is ActionKind.ALERT


def test_of_an_overloaded_source_only_the_excess_moves() -> None:
    hot = route("alpha", capacity=50.0, load=55.0, success=0.82)
    said = diagnosis("psp_outage", counted=tally(3300, failure_rate=0.18))
    plan = propose((hot, route("beta", capacity=120.0)), said)
    assert moved(plan).share == pytest.approx((55.0 - 0.95 * 50.0) / 55.0, abs=1e-4)
    assert "alpha is overloaded, not broken" in plan.reason


def test_relieving_an_overloaded_source_cannot_save_more_than_it_loses() -> None:
    hot = route("alpha", capacity=50.0, load=55.0, success=0.82)
    said = diagnosis("psp_outage", confidence=1.0, counted=tally(3300, failure_rate=0.18))
    plan = propose((hot, route("beta", capacity=500.0)), said)
    assert 0.0 < plan.payments_saved.mean < (0.18 - 0.1) * 55.0 * 900.0


def test_a_source_that_loses_far_more_than_its_excess_is_broken() -> None:
    dead = route("alpha", capacity=50.0, load=55.0, success=0.1)
    plan = propose((dead, route("beta", capacity=120.0)), diagnosis(counted=tally(3300)))
    assert moved(plan).share == 0.98
    assert "overloaded" not in plan.reason


def test_without_room_elsewhere_an_overloaded_source_is_left_to_people() -> None:
    hot = route("alpha", capacity=50.0, load=55.0, success=0.82)
    said = diagnosis("psp_outage", counted=tally(3300, failure_rate=0.18))
    assert propose((hot, route("beta", load=64.0)), said).action.kind is ActionKind.ALERT


def test_a_surge_moves_nothing_however_much_room_there_is() -> None:
    surge = diagnosis(
        "holiday_surge", ALPHA, counted=tally(6000, 0.3, forecast=3000), rivals=(("psp_outage", 0.1),)
    )
    hot = route("alpha", capacity=50.0, load=100.0, success=0.7)
    plan = propose((hot, route("beta", capacity=500.0)), surge)
    assert plan.action.kind is ActionKind.NONE
    assert ActionKind.REROUTE not in {other.action.kind for other in plan.alternatives}


def test_a_mix_of_known_and_unknown_capacities_uses_only_the_known() -> None:
    action = moved(propose((SOURCE, route("beta"), route("gamma", capacity=None))))
    assert (action.to, action.limits_per_s) == ({"beta": 1.0}, {"beta": 15.0})


@pytest.mark.parametrize(("room", "kind"), [(0.4, ActionKind.ALERT), (30.0, ActionKind.REROUTE)])
def test_room_for_less_than_a_hundredth_of_what_moves_is_no_room(room: float, kind: ActionKind) -> None:
    assert propose((SOURCE, route("beta", capacity=10.0 + room, load=10.0 - room / 10.0))).action.kind is kind


def test_a_suppression_may_lead_to_a_route_of_unknown_capacity() -> None:
    dead = diagnosis("expired_cert", counted=tally(600, failure_rate=1.0))
    kinds = {
        other.action.kind
        for other in propose((SOURCE, route("beta", capacity=None), route("gamma")), dead).alternatives
    }
    assert ActionKind.SUPPRESS in kinds


def test_a_move_is_planned_within_the_share_of_all_traffic_that_may_move() -> None:
    wide = tuple(route(name, capacity=400.0) for name in ("beta", "gamma"))
    most = moved(Planner().plan(situation(routes=(SOURCE, *wide), total=4_000.0)))
    assert most.share * diagnosis().attempts_per_window <= 0.5 * 4_000.0
    assert most.share * diagnosis().attempts_per_window > 0.49 * 4_000.0


def test_what_limits_hold_back_needs_no_lower_share() -> None:
    assert moved(Planner().plan(situation(total=6_000.0))).share == 0.98


def test_how_such_payments_fare_on_a_route_goes_before_what_its_own_have() -> None:
    weak = route("beta").model_copy(update={"scope_success": 0.05})
    good = route("gamma", success=0.85).model_copy(update={"scope_success": 0.9})
    assert set(moved(propose((SOURCE, weak, good))).to) == {"gamma"}


def test_a_route_with_few_payments_that_all_succeed_makes_no_other_one_broken() -> None:
    lucky = route("beta", success=1.0).model_copy(update={"scope_success": 0.0})
    usual = route("gamma", success=0.85).model_copy(update={"scope_success": 0.85})
    assert set(moved(propose((SOURCE, lucky, usual))).to) == {"gamma"}


def test_a_known_mix_leaves_less_doubt_than_a_foreign_one() -> None:
    known = tuple(one.model_copy(update={"scope_success": one.success_rate}) for one in ROUTES)
    narrow, wide = (propose(routes).expects for routes in (known, ROUTES))
    assert narrow is not None
    assert wide is not None
    assert narrow.success_rate.high < wide.success_rate.high
