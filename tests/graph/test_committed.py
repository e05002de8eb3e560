"""Room that a growing action will take is not offered to another one."""

from dataclasses import dataclass

import pytest

from console.settings import Settings
from graph.committed import with_committed
from graph.duty import Duty
from payments.action import Reroute
from payments.route import Route
from payments.segment import Segment
from tests.graph.made import crew, cycles, until, world


@dataclass(frozen=True)
class Growing:
    """Loads of the targets as measured, and as another incident and its own see them, by route."""

    goal: Reroute
    moved_per_s: float
    measured: dict[str, float]
    for_another: dict[str, float]
    for_itself: dict[str, float]
    a_minute_after: dict[str, float]
    measured_then: dict[str, float]


@pytest.fixture(scope="module")
def growing(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Growing:
    settings = Settings(state_dir=tmp_path_factory.mktemp("growing") / "state")
    live = world("psp_outage", settings)

    def as_seen_by(incident_id: str, duty: Duty) -> dict[str, float]:
        routes = live.routes(Segment({}))
        return loads(with_committed(routes, incident_id, live.feed, live.now, duty.services))

    with crew(live, settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        (found,) = duty.services.incidents.active_interventions()
        assert isinstance(found.goal, Reroute)
        diagnosis = duty.services.incidents.get(found.incident_id).diagnosis
        assert diagnosis is not None
        per_s = found.goal.share * diagnosis.attempts_per_window / duty.services.window_s
        first = (
            per_s,
            loads(live.routes(Segment({}))),
            as_seen_by("another", duty),
            as_seen_by(found.incident_id, duty),
        )
        cycles(duty, 18)
        then = as_seen_by("another", duty), loads(live.routes(Segment({})))
    return Growing(found.goal, *first, *then)


def loads(routes: tuple[Route, ...]) -> dict[str, float]:
    return {route.name: route.load_per_s for route in routes}


def test_another_incident_sees_the_room_that_a_growing_action_will_take(growing: Growing) -> None:
    for name, limit in growing.goal.limits_per_s.items():
        more = growing.for_another[name] - growing.measured[name]
        assert 0.0 < more <= limit


def test_a_target_may_get_what_the_limit_of_another_one_turns_away(growing: Growing) -> None:
    for name, limit in growing.goal.limits_per_s.items():
        more = growing.for_another[name] - growing.measured[name]
        assert more == pytest.approx(min(limit, growing.moved_per_s))
        assert more > growing.goal.to[name] * growing.moved_per_s


def test_routes_that_take_nothing_are_as_they_are(growing: Growing) -> None:
    assert growing.for_another["swiftgate"] == growing.measured["swiftgate"]


def test_its_own_incident_sees_the_routes_as_they_are(growing: Growing) -> None:
    assert growing.for_itself == growing.measured


def test_once_the_load_shows_it_nothing_is_added(growing: Growing) -> None:
    assert growing.a_minute_after == pytest.approx(growing.measured_then)
