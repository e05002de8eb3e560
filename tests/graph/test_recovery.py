"""A process may die at any point; the next one takes up what it left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.compose import deciding
from console.settings import Settings
from graph.approvals import decide
from graph.duty import Duty
from graph.recovery import Recovery
from graph.services import Incidents, Outbox
from graph.state import fresh
from payments.action import Action
from payments.alert import AlertMessage
from payments.incident import Incident, Status
from payments.outcome import Receipt
from tests.graph.made import (
    Left,
    alerts,
    crew,
    cycles,
    decision,
    has_incident,
    only_incident,
    switches,
    until,
    with_services,
    world,
)


class PowerCut(BaseException):
    """The process ends here; nothing catches it."""


class CutBeforeAlert:
    """Loses power instead of telling people."""

    def send(self, alert: AlertMessage) -> None:
        raise PowerCut


@dataclass(frozen=True)
class CutAfterAct:
    """A real outbox after whose work the power is cut: done, but nothing more is written."""

    outbox: Outbox

    def execute(self, key: str, incident_id: str, action: Action, expires_after_s: float) -> Receipt:
        self.outbox.execute(key, incident_id, action, expires_after_s)
        raise PowerCut

    def next_key(self, incident_id: str) -> str:
        return self.outbox.next_key(incident_id)

    def revert(self, key: str, because: str) -> Receipt:
        return self.outbox.revert(key, because)


@dataclass(frozen=True)
class CutBeforeAct:
    """A real outbox that loses power before anything is written to it."""

    outbox: Outbox

    def execute(self, key: str, incident_id: str, action: Action, expires_after_s: float) -> Receipt:
        raise PowerCut

    def next_key(self, incident_id: str) -> str:
        return self.outbox.next_key(incident_id)


class HeldElsewhere:
    """A real store of which another process holds every incident."""

    def __init__(self, store: Incidents) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @contextmanager
    def lease(self, incident_id: str, owner: str, seconds: float, now: datetime) -> Iterator[None]:
        with (
            self._store.lease(incident_id, "elsewhere:1", seconds, now),
            self._store.lease(incident_id, owner, seconds, now),
        ):
            yield


@contextmanager
def next_process(left: Left) -> Iterator[tuple[list[str], Incident]]:
    """Watch another, quiet world with the same state folder; gives what the first cycle says."""
    other = world("quiet", left.settings)
    with crew(other, left.settings) as duty:
        (report,) = cycles(duty, 1)
        yield list(report.events), duty.services.incidents.get(left.incident_id)


def cut_before_alert(duty: Duty) -> Duty:
    return with_services(duty, alerts=CutBeforeAlert())


def cut_after_act(duty: Duty) -> Duty:
    return with_services(duty, outbox=CutAfterAct(duty.services.outbox))


def cut_short(settings: Settings, cut: Callable[[Duty], Duty]) -> Left:
    """Let the watch of a route's outage lose power."""
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        with pytest.raises(PowerCut):
            until(cut(duty), has_incident)
        return Left(settings, live.feed, only_incident(duty).id)


def test_a_decision_that_never_reached_its_run_is_carried_out_in_its_own_world(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        runs.services.incidents.record_decision(waiting.incident_id, decision("approve"))
    with next_process(waiting) as (said, incident):
        assert [words.split(":")[0] for words in said] == [
            f"incident {waiting.incident_id[:8]} taken up again"
        ]
        assert (incident.status, incident.executed) == (Status.ACTING, True)
    assert len(switches(waiting)) == 1


def test_what_was_taken_up_is_not_taken_up_again(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        runs.services.incidents.record_decision(waiting.incident_id, decision("approve"))
    with next_process(waiting):
        pass
    with next_process(waiting) as (said, _):
        assert said == []
    assert len(switches(waiting)) == 1


def test_what_waits_for_a_human_goes_on_waiting(waiting: Left) -> None:
    with next_process(waiting) as (said, incident):
        assert said == []
        assert incident.status is Status.WAITING
    assert switches(waiting) == []


def test_a_run_cut_short_before_people_were_told_goes_on_to_tell_and_ask_them(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    left = cut_short(settings, cut_before_alert)
    assert alerts(settings) == []
    with next_process(left) as (said, incident):
        assert len(said) == 1
        assert incident.status is Status.WAITING
    assert [alert["dedup_key"] for alert in alerts(settings)] == [f"{left.incident_id}:ask"]
    with deciding(left.feed, settings) as runs:
        assert runs.waits(left.incident_id)


def test_a_watch_of_the_same_feed_takes_up_its_own_run(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    left = cut_short(settings, cut_before_alert)
    same = world("psp_outage", settings, feed=left.feed)
    with crew(same, settings) as duty:
        (report,) = cycles(duty, 1)
        assert "taken up again" in report.events[0]
        assert duty.services.incidents.get(left.incident_id).status is Status.WAITING


def test_an_answer_to_a_run_cut_short_is_taken_to_it(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, confidence_threshold=1.0)
    left = cut_short(settings, cut_before_alert)
    with deciding(left.feed, settings) as runs:
        runs.services.incidents.record_decision(left.incident_id, decision("approve"))
    with next_process(left) as (_, incident):
        assert incident.status is Status.ACTING
    assert len(switches(left)) == 1


def test_an_action_done_just_before_the_power_was_cut_is_not_done_again(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    left = cut_short(settings, cut_after_act)
    before = switches(left)
    assert len(before) == 1
    with next_process(left) as (said, incident):
        assert "reroute_traffic in force" in said[0]
        assert (incident.status, incident.executed) == (Status.ACTING, True)
    assert switches(left) == before


def test_an_incident_that_was_opened_and_never_begun_is_begun(asked: Left, waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        incidents = runs.services.incidents
        found, evidence = incidents.get(waiting.incident_id), incidents.evidence(waiting.incident_id)
        unbegun = {"id": "f" + found.id[1:-1] + "f", "status": Status.OPEN, "plan": None, "diagnosis": None}
        never_begun = found.model_copy(update={**unbegun, "verdict": None})
        incidents.open(never_begun, evidence)
    with next_process(replace(waiting, incident_id=never_begun.id)) as (said, incident):
        assert len(said) == 1
        assert incident.status is Status.WAITING
        assert incident.diagnosis is not None
        assert found.diagnosis is not None
        assert incident.diagnosis.culprit == found.diagnosis.culprit


def test_an_incident_in_the_hands_of_another_process_is_tried_again_later(waiting: Left) -> None:
    with crew(world("quiet", waiting.settings), waiting.settings) as duty:
        incidents = duty.services.incidents
        incidents.record_decision(waiting.incident_id, decision("approve"))
        recovery = Recovery.of(incidents, duty.runs, duty.recovery.runs_of)
        with incidents.lease(waiting.incident_id, "elsewhere:1", 60.0, duty.runs.wall_clock()):
            assert recovery.go_on() == []
        assert switches(waiting) == []
        assert len(recovery.go_on()) == 1
        assert recovery.go_on() == []
    assert len(switches(waiting)) == 1


def test_a_run_whose_world_is_gone_is_said_once_and_stops_nobody(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        runs.services.incidents.record_decision(waiting.incident_id, decision("approve"))
    for file in (waiting.settings.state_dir / "simulator").iterdir():
        file.unlink()
    with next_process(waiting) as (said, incident):
        assert "is gone" in said[0]
        assert incident.status is Status.WAITING


def test_a_rejected_incident_s_lesson_is_learned_after_a_crash(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        runs.services.incidents.record_decision(waiting.incident_id, decision("reject", note="known"))
    with next_process(waiting) as (said, incident):
        assert "dana rejected the proposal: known." in said[0]
        assert incident.status is Status.WATCHED


def test_a_ruling_of_yesterday_is_no_leave_to_act_today(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        dying: dict[str, Any] = {"outbox": CutBeforeAct(runs.services.outbox)}
        cut = replace(runs, services=replace(runs.services, **dying))
        with pytest.raises(PowerCut):
            decide(waiting.incident_id, decision("approve"), cut.services, cut)
        tomorrow = runs.services.clock() + timedelta(days=1)
        next_day = replace(runs, services=replace(runs.services, clock=lambda: tomorrow))
        said = next_day.go_on(waiting.incident_id)
        incident = runs.services.incidents.get(waiting.incident_id)
    assert "The action was not carried out. Forbidden: Time since the fault was last seen" in said
    assert (incident.status, incident.executed) == (Status.WATCHED, False)
    assert switches(waiting) == []


def test_of_two_watches_that_see_a_run_not_begun_one_begins_it(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        before = runs.state(waiting.incident_id)
        given = fresh(incident_id=waiting.incident_id, finding=before["finding"])
        assert runs.begin(waiting.incident_id, given) == "another process has begun its run"
        assert runs.state(waiting.incident_id) == before


def test_a_watch_goes_on_when_another_process_works_on_its_new_incident(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        incidents = HeldElsewhere(begun.services.incidents)
        duty = with_services(begun, incidents=incidents)
        report = until(duty, has_incident)
    assert "at work in process 'elsewhere:1'" in report.events[0]
