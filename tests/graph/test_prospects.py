"""Routes as an incident's payments would find them, and whose failures are those of moved payments."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.compose import deciding
from console.settings import Settings
from graph.lately import LATELY
from graph.prospects import bad_targets, elsewhere, routes_seen, was_moved_onto
from graph.services import Services
from payments.action import Reroute
from payments.intervention import Intervention
from payments.segment import Segment
from tests.graph.deciding import incident_of
from tests.graph.made import Left, crew, cycles, has_incident, until, world

SCOPE = Segment.of(issuer="alder_bank", psp="swiftgate")
MOVE = Reroute(scope=SCOPE, from_route="swiftgate", to={"unipay": 0.5, "northpay": 0.5}, share=0.9)
ON_UNIPAY = Segment.of(issuer="alder_bank", psp="unipay")


@pytest.fixture
def services(waiting: Left) -> Iterator[Services]:
    with deciding(waiting.feed, waiting.settings) as runs:
        yield runs.services


@pytest.fixture
def moved(waiting: Left, services: Services) -> Intervention:
    """Give an action of ten minutes ago, which nobody has kept yet."""
    begun = services.clock() - timedelta(minutes=10)
    return Intervention(
        key="another:1",
        incident_id=waiting.incident_id,
        feed=incident_of(waiting).feed,
        action=MOVE,
        goal=MOVE,
        started_at=begun,
        expires_at=begun + timedelta(minutes=15),
    )


def keep(services: Services, moved: Intervention, **changes: object) -> None:
    kept = moved.model_copy(update=changes)
    services.incidents.start_intervention(kept)
    services.incidents.keep_intervention(kept)


def bad(services: Services, moved: Intervention) -> frozenset[str]:
    return bad_targets(moved.feed, services.clock() - LATELY, services)


def onto(services: Services, moved: Intervention, culprit: Segment) -> bool:
    return was_moved_onto(culprit, moved.feed, services.clock() - timedelta(seconds=30), services)


def test_a_target_that_was_dropped_is_bad_for_an_hour(services: Services, moved: Intervention) -> None:
    keep(services, moved, dropped=("unipay",), stepped_at=services.clock() - timedelta(minutes=59))
    assert bad(services, moved) == {"unipay"}
    keep(services, moved, dropped=("unipay",), stepped_at=services.clock() - timedelta(minutes=61))
    assert bad(services, moved) == frozenset()


def test_the_last_targets_of_an_action_without_any_left_are_bad(
    services: Services, moved: Intervention
) -> None:
    keep(services, moved, ended_at=services.clock(), ended_because="no target is left")
    assert bad(services, moved) == {"unipay", "northpay"}


def test_an_action_that_ended_with_its_fault_leaves_no_bad_target(
    services: Services, moved: Intervention
) -> None:
    keep(services, moved, ended_at=services.clock(), ended_because="the fault is over")
    assert bad(services, moved) == frozenset()


def test_what_fails_among_moved_payments_is_left_to_the_test_of_their_target(
    services: Services, moved: Intervention
) -> None:
    keep(services, moved)
    assert onto(services, moved, ON_UNIPAY)
    assert onto(services, moved, Segment({**ON_UNIPAY.root, "method": "upi"}))


@pytest.mark.parametrize(
    "culprit", [Segment.of(psp="unipay"), SCOPE, Segment.of(issuer="alder_bank", psp="zenpay"), Segment({})]
)
def test_what_fails_elsewhere_is_another_fault(
    services: Services, moved: Intervention, culprit: Segment
) -> None:
    keep(services, moved)
    assert not onto(services, moved, culprit)


def test_half_a_minute_after_a_target_has_left_its_failures_are_its_own(
    services: Services, moved: Intervention
) -> None:
    without = MOVE.model_copy(update={"to": {"northpay": 1.0}})
    for seconds, counts in ((20, True), (40, False)):
        left = {"stepped_at": services.clock() - timedelta(seconds=seconds), "dropped": ("unipay",)}
        keep(services, moved, action=without, **left)
        assert onto(services, moved, ON_UNIPAY) is counts


def test_routes_say_how_the_scope_s_payments_usually_fare_there(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("quiet", settings)
    with crew(live, settings) as duty:
        cycles(duty, 12)
        senses = duty.senses
        routes = routes_seen(SCOPE, "new", live.now, senses, duty.services)
        everywhere = routes_seen(Segment.of(issuer="alder_bank"), "new", live.now, senses, duty.services)
        minute = {route.name: route.load_per_s for route in live.routes(SCOPE)}
    assert all(route.load_per_s >= minute[route.name] for route in routes)
    assert any(route.load_per_s > minute[route.name] for route in routes)
    said = {route.name: route.scope_success for route in routes}
    truth = {
        route: float(live.topology.success.reshape(live.topology.shares.shape)[rows, column].mean())
        for column, route in enumerate(live.topology.routes)
        for rows in [live.topology.demand(SCOPE)]
    }
    assert all(said[name] == pytest.approx(rate, abs=0.06) for name, rate in truth.items())
    assert {route.scope_success for route in everywhere} == {None}


@pytest.mark.parametrize(
    ("culprit", "counts"),
    [
        (Segment.of(merchant="shop", network="visa"), False),
        (Segment.of(psp="unipay"), True),
        (Segment.of(psp="unipay", method="upi"), True),
        (Segment.of(psp="unipay", issuer="birch_bank"), False),
        (Segment({}), True),
    ],
)
def test_only_faults_that_moved_payments_would_meet_on_a_route_count_against_it(
    waiting: Left, culprit: Segment, counts: bool
) -> None:
    incident = incident_of(waiting)
    assert incident.diagnosis is not None
    diagnosis = incident.diagnosis.model_copy(update={"culprit": culprit})
    found = elsewhere(SCOPE, "psp", [incident.model_copy(update={"diagnosis": diagnosis})])
    assert found == (() if counts else (culprit,))


def test_an_attack_that_comes_over_all_routes_makes_none_of_them_a_bad_target(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("card_testing", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        cycles(duty, 12)
        scope = Segment.of(psp=live.topology.routes[0])
        routes = routes_seen(scope, "new", live.now, duty.senses, duty.services)
        usual = duty.senses.monitor.usual_success(scope, "psp")
    assert {route.name: route.scope_success for route in routes} == pytest.approx(usual, abs=0.01)
