"""A reroute reaches its goal step by step, and each step takes the place of the one before."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from console.settings import Settings
from payments.action import Reroute
from payments.intervention import Intervention
from tests.graph.made import Left, crew, cycles, switches, with_services, world
from tests.graph.rolling import SOURCE, active, acts, in_force


@dataclass(frozen=True)
class Relieved:
    """A route's outage that the crew relieved, and what was seen at each increment."""

    left: Left
    shares: list[float]
    loads: list[float]
    limits: dict[str, float]
    events: list[str]


@pytest.fixture(scope="module")
def relieved(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Relieved:
    settings = Settings(state_dir=tmp_path_factory.mktemp("relieved") / "state")
    live = world("psp_outage", settings)
    shares, loads, events = [], [], []
    with crew(live, settings) as duty:
        incident = acts(duty)
        for _ in range(24):
            action = in_force(duty)
            shares.append(action.share)
            events += [event for report in cycles(duty, 1) for event in report.events]
            routes = [route for route in live.routes(SOURCE) if route.name in action.to]
            loads += [route.load_per_s / (route.capacity_per_s or 1.0) for route in routes]
        limits = in_force(duty).limits_per_s
    return Relieved(Left(settings, live.feed, incident.id), shares, loads, limits, events)


def test_a_reroute_reaches_its_goal_by_steps(relieved: Relieved) -> None:
    steps = sorted(set(relieved.shares))
    assert steps == pytest.approx([0.098, 0.245, 0.49, 0.98])
    assert relieved.shares == sorted(relieved.shares)


def test_no_target_is_ever_loaded_above_its_capacity(relieved: Relieved) -> None:
    assert relieved.limits
    assert max(relieved.loads) <= 1.0


def test_each_step_takes_the_place_of_the_one_before_in_the_world(relieved: Relieved) -> None:
    held = switches(relieved.left)
    assert [one["key"] for one in held] == [
        f"{relieved.left.incident_id}:{number}" for number in (1, 2, 3, 4)
    ]
    assert [one["reverted"] for one in held] == [True, True, True, False]


def test_people_hear_of_each_step(relieved: Relieved) -> None:
    assert [event for event in relieved.events if "step 2 of 4" in event]
    assert [event for event in relieved.events if "step 4 of 4" in event]


def test_what_was_seen_of_an_action_is_kept_for_whoever_watches_next(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as duty:
        acts(duty)
        cycles(duty, 6)
        found = active(duty)
    assert found is not None
    assert sum(stretch.seconds for stretch in found.seen) == pytest.approx(25.0, abs=10.0)
    assert sum(stretch.moved for stretch in found.seen) > 0.0
    assert isinstance(found.action, Reroute)
    assert set(found.evidence) == set(found.action.to)
    assert isinstance(found.started_at, datetime)


class Killed(BaseException):
    """The process dies here: nothing of ours may catch it."""


class DiesBefore:
    """The incident store, of a process that dies before it writes down a step that is in force already."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def start_intervention(self, intervention: Intervention) -> None:
        raise Killed(intervention.key)


def test_a_step_cut_short_by_a_crash_is_taken_up_by_the_next_process(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("psp_outage", settings)
    with crew(live, settings) as begun:
        incident = acts(begun)
        dying = with_services(begun, incidents=DiesBefore(begun.services.incidents))
        with pytest.raises(Killed, match=":2"):
            cycles(dying, 12)
        begun.recovery.looked_at = None  # the next process looks at once
        cycles(begun, 3)
        (found,) = begun.services.incidents.active_interventions()
    held = switches(Left(settings, live.feed, incident.id))
    assert [one["reverted"] for one in held] == [True] * (len(held) - 1) + [False]
    assert found.key == held[-1]["key"]
    assert found.goal == incident.plan.action if incident.plan else None
