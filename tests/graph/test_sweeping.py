"""Actions that nobody ends: whoever began them is gone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.compose import deciding
from console.settings import Settings
from console.worlds import switchboard_path
from graph.approvals import decide
from graph.runs import Runs
from graph.sweeping import Sweeping
from payments.incident import Status
from payments.outcome import Effect
from tests.graph.made import Left, crew, cycles, decision, switches, until, world

STARTED = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Later:
    """A process that starts later, with a wall clock to turn."""

    left: Left
    now: datetime = STARTED
    said: list[str] = field(default_factory=list)

    @contextmanager
    def sweeping(self) -> Iterator[Sweeping]:
        with deciding("file:of-today:1", self.left.settings) as runs:
            yield Sweeping(runs, self.runs_of, lambda: self.now, "file:of-today:1")

    def runs_of(self, feed: str) -> AbstractContextManager[Runs]:
        return deciding(feed, self.left.settings)

    def sweep(self, *waits_s: float) -> None:
        """Look, and look again after each wait."""
        with self.sweeping() as sweeping:
            self.said += sweeping.sweep()
            for seconds in waits_s:
                self.now += timedelta(seconds=seconds)
                self.said += sweeping.sweep()


@pytest.fixture
def approved(waiting: Left) -> Left:
    """Let a human approve after the watch that asked has ended."""
    with deciding(waiting.feed, waiting.settings) as runs:
        decide(waiting.incident_id, decision("approve"), runs.services, runs)
    return waiting


def incident_of(left: Left) -> tuple[Status, str | None, Effect | None]:
    with deciding(left.feed, left.settings, acts=False) as runs:
        found = runs.services.incidents.get(left.incident_id)
        in_force = runs.services.incidents.active_interventions()
    assert (found.status is Status.ACTING) == bool(in_force)
    return found.status, found.closed_because, found.outcome.effect if found.outcome else None


def test_an_action_approved_after_the_watch_has_ended_ends_as_not_measured(approved: Left) -> None:
    assert incident_of(approved)[0] is Status.ACTING
    later = Later(approved)
    later.sweep(961.0)
    assert [one["reverted"] for one in switches(approved)] == [True]
    status, because, effect = incident_of(approved)
    assert (status, effect) == (Status.CLOSED, Effect.NOT_MEASURED)
    assert because == "the action expired while nobody watched its feed"
    assert len(later.said) == 1


def test_an_action_that_may_still_be_watched_is_left_alone(approved: Left) -> None:
    later = Later(approved)
    later.sweep(900.0)
    assert incident_of(approved)[0] is Status.ACTING
    assert later.said == []


def test_the_time_counts_on_when_the_sweeper_itself_starts_again(approved: Left) -> None:
    later = Later(approved)
    later.sweep(500.0)
    later.sweep(461.0)
    assert incident_of(approved)[0] is Status.CLOSED


def test_an_action_in_a_world_that_is_gone_is_over(approved: Left) -> None:
    later = Later(approved)
    switchboard_path(approved.feed, approved.settings).unlink()
    later.sweep(961.0)
    status, because, _ = incident_of(approved)
    assert (status, because) == (Status.CLOSED, "the world in which it was carried out is gone")


def test_sweeping_twice_is_the_same_as_once(approved: Left) -> None:
    later = Later(approved)
    later.sweep(961.0, 10.0, 10.0)
    assert len(later.said) == 1


def test_what_a_killed_watch_left_in_force_is_undone_with_what_it_had_seen(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        cycles(duty, 6)
        (found,) = duty.services.incidents.active_interventions()
    assert found.lapses_at is not None
    left = Left(settings, live.feed, found.incident_id)
    Later(left, found.lapses_at - timedelta(seconds=1)).sweep(1.0)
    status, _, effect = incident_of(left)
    assert (status, effect) == (Status.CLOSED, Effect.HELPED)
    assert all(one["reverted"] for one in switches(left))


def test_a_watch_sweeps_the_feeds_of_others_each_cycle(approved: Left) -> None:
    settings, clock = approved.settings, Later(approved)
    with crew(world("quiet", settings), settings) as duty:
        duty.sweeping = replace(duty.sweeping, wall_clock=lambda: clock.now)
        cycles(duty, 1)
        clock.now += timedelta(seconds=961)
        (report,) = cycles(duty, 1)
    assert [event for event in report.events if "nobody watched" in event]
    assert incident_of(approved)[0] is Status.CLOSED


def test_what_cannot_be_undone_now_is_tried_again_a_minute_later(approved: Left) -> None:
    later, path = Later(approved), switchboard_path(approved.feed, approved.settings)
    later.sweep()
    kept = path.read_bytes()
    path.write_bytes(b"no database")
    later.now += timedelta(seconds=961)
    with later.sweeping() as sweeping:
        assert len(sweeping.sweep()) == 1
        assert sweeping.sweep() == []
        path.write_bytes(kept)
        later.now += timedelta(seconds=61)
        (said,) = sweeping.sweep()
    assert "nobody watched" in said
    assert incident_of(approved)[0] is Status.CLOSED
