"""A watch whose source is away for an hour: cycles go on, people are told once, and nothing is lost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from console.compose import on_duty
from console.settings import Settings
from console.waiting import Waiting
from console.worlds import Feed
from graph.duty import Duty
from tests.tools.sources.feeding import NOON, Clock, Memory, following, steady
from tools.sources.calendar import FileCalendar
from tools.sources.catalog import SeenCatalog

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Watched:
    """A crew on duty over a source in memory."""

    duty: Duty
    waiting: Waiting
    memory: Memory
    clock: Clock
    state: Path

    def attempts_of(self, cycles: int) -> int:
        """Do cycles; gives the attempts that they took in, which are new in each."""
        taken = 0
        for _ in range(cycles):
            self.waiting.until_next()
            report = self.duty.cycle()
            assert report is not None
            newest = self.waiting.stream.recent[-1]
            assert newest.end == report.at
            taken += int(newest.attempts.sum())
        return taken

    @property
    def alerts(self) -> list[str]:
        file = self.state / "alerts.jsonl"
        if not file.exists():
            return []
        return [json.loads(line)["title"] for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def watched(state_dir: Path) -> Iterator[Watched]:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(minutes=2), 8_000))
    stream = following(memory, clock)
    feed = Feed(stream, SeenCatalog(lambda: stream.cells, lambda: stream.recent), FileCalendar(None), stream)
    with on_duty(feed, Settings(state_dir=state_dir), tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        yield Watched(duty, Waiting(stream, duty, clock, clock.sleep), memory, clock, state_dir)


def test_an_hour_without_the_source_is_one_alert_and_loses_nothing(watched: Watched) -> None:
    assert watched.attempts_of(10) == 50
    began, asked = watched.clock.now, watched.memory.asked
    watched.memory.down = "PostgreSQL cannot be reached: check the host."
    back_at = began + HOUR
    sleep = watched.clock.sleep

    def until_it_is_back(seconds: float) -> None:
        sleep(seconds)
        if watched.clock.now >= back_at:
            watched.memory.down = ""

    waiting = Waiting(watched.waiting.stream, watched.duty, watched.clock, until_it_is_back)
    waiting.until_next()
    assert watched.clock.now >= back_at
    assert watched.memory.asked - asked > 100
    assert len(watched.alerts) == 1
    assert watched.alerts[0].startswith("memory gives no payments since 12:0")
    assert watched.attempts_of(720) == 3_600
    assert len(watched.alerts) == 1


def test_a_moment_without_the_source_is_no_alert(watched: Watched) -> None:
    watched.attempts_of(2)
    watched.memory.down = "It is restarting."
    sleep, back_at = watched.clock.sleep, watched.clock.now + timedelta(seconds=10)

    def until_it_is_back(seconds: float) -> None:
        sleep(seconds)
        if watched.clock.now >= back_at:
            watched.memory.down = ""

    Waiting(watched.waiting.stream, watched.duty, watched.clock, until_it_is_back).until_next()
    assert watched.alerts == []
