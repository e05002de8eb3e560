"""The whole crew over a failing line to a real switch: no double action, people told, a clear state."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from console.compose import on_duty
from console.settings import Settings
from console.worlds import Feed
from graph.duty import Duty
from graph.recovery import Recovery
from graph.report import CycleReport
from payments.errors import StorageError
from payments.incident import Incident, Status
from payments.verdict import Mode
from simulator.traffic.config import WorldConfig
from simulator.traffic.source import TrafficSource
from simulator.traffic.switch_ledger import Ledger
from tests.end_to_end.command import ROOT, Command
from tests.graph.made import has_incident, only_incident, until, with_services
from tests.simulator.traffic.served import SECRET, switch_of
from tests.tools.unreliable import Line, line_to
from tools.actuators.actions import Tools
from tools.actuators.webhook import WebhookActuator
from tools.database import open_database
from tools.outbox import Outbox

pytestmark = pytest.mark.integration

SMALL = replace(WorldConfig.with_issuers(2), history_ticks=72)
SOON_S = 0.2
"""How long the crew waits here for an answer that never comes."""

A_LITTLE_LATER = 14
"""Cycles after which a watch has looked again for what is in doubt."""


@dataclass(frozen=True)
class Watched:
    """A crew on duty whose switch lies behind a line."""

    duty: Duty
    world: TrafficSource
    line: Line
    settings: Settings

    @property
    def incident(self) -> Incident:
        return only_incident(self.duty)

    @property
    def events(self) -> list[str]:
        """What the switch really did."""
        ledger = Ledger(self.settings.state_dir / "simulator" / "switch.db")
        return [f"{one.event} {one.key.rpartition(':')[2]}" for one in ledger.entries()]

    @property
    def began(self) -> int:
        return sum(event == "began 1" for event in self.events)

    @property
    def alerts(self) -> str:
        return (self.settings.state_dir / "alerts.jsonl").read_text(encoding="utf-8")

    def until_it_acts(self) -> CycleReport:
        return until(self.duty, has_incident)

    def go_on(self, cycles: int = A_LITTLE_LATER) -> None:
        for _ in range(cycles):
            self.duty.cycle()

    def shown(self) -> str:
        """Read what `run.py show` says of the incident's outcome."""
        outcome = self.incident.outcome
        return outcome.sentence if outcome else f"no outcome, {self.incident.status}"


@contextmanager
def on_watch(state: Path, ahead_s: float = 0.0) -> Iterator[Watched]:
    """Watch a route's outage; the crew's wall clock is so many seconds ahead of the switch's."""
    switches = state / "simulator" / "switch.db"
    world = TrafficSource("psp_outage", 7, switches, feed="simulator:psp_outage:7:line", config=SMALL)
    with switch_of(switches, lambda: datetime.now(UTC)) as url, line_to(url) as line:
        settings = Settings(state_dir=state, actuator_url=line.url, mode=Mode.AUTOPILOT)
        with on_duty(Feed(world, world, world), settings, tell_people=False) as duty:
            for _ in duty.learn_history():
                pass
            yield Watched(_impatient(duty, line, settings, ahead_s), world, line, settings)
    world.close()


def _impatient(duty: Duty, line: Line, settings: Settings, ahead_s: float) -> Duty:
    """Give the same crew with an actuator that waits less."""
    nonces = count()
    actuator = WebhookActuator(
        line.url,
        SECRET,
        lambda: datetime.now(UTC) + timedelta(seconds=ahead_s),
        lambda: f"nonce {next(nonces)}",
        SOON_S,
    )
    engine = open_database(settings.state_dir / "payops.db")
    tools = Tools(Outbox(engine, actuator, duty.services.clock), duty.services.alerts)
    made = with_services(duty, outbox=tools, actuator=actuator)
    made.recovery = Recovery.of(made.services.incidents, made.runs, lambda _: _open(made))
    return made


@contextmanager
def _open(duty: Duty) -> Iterator[Any]:
    yield duty.runs


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_ACTUATOR_SECRET", SECRET.decode())


@pytest.fixture
def watched(state_dir: Path) -> Iterator[Watched]:
    with on_watch(state_dir) as one:
        yield one


@pytest.mark.parametrize("trouble", ["lost", "failed_late", "twice"])
def test_an_action_whose_answer_is_lost_is_found_and_put_under_watch(watched: Watched, trouble: str) -> None:
    watched.line.troubles = [trouble]
    watched.until_it_acts()
    assert "not known whether" in watched.alerts
    watched.go_on()
    assert watched.began == 1
    assert watched.incident.status is Status.ACTING
    assert watched.incident.executed
    assert "under watch" in watched.alerts


def test_an_action_that_never_arrived_is_known_not_to_be_in_force(watched: Watched) -> None:
    watched.line.troubles = ["silent"]
    watched.until_it_acts()
    assert "not known whether" in watched.alerts
    watched.go_on()
    assert watched.events == []
    assert "not carried out" in watched.shown()
    assert "holds nothing" in watched.alerts


def test_a_switch_that_stays_silent_leaves_the_doubt_on_record(watched: Watched) -> None:
    watched.line.troubles = ["lost", *["silent"] * 40]
    watched.until_it_acts()
    watched.go_on()
    assert watched.began == 1
    assert "not known whether" in watched.shown()
    assert "asked again" in watched.alerts
    watched.line.troubles = []
    watched.go_on()
    assert watched.incident.status is Status.ACTING
    assert watched.began == 1


def test_a_switch_that_is_down_has_done_nothing_and_people_know(watched: Watched) -> None:
    watched.line.down()
    watched.until_it_acts()
    watched.line.up()
    assert "not carried out" in watched.shown()
    assert "cannot be reached" in watched.alerts
    watched.go_on()
    assert watched.events == []


def test_a_switch_that_is_down_for_an_hour_lets_its_action_lapse(watched: Watched) -> None:
    watched.until_it_acts()
    watched.line.down()
    watched.go_on(200)
    assert "cannot be yet" in watched.alerts
    for _ in range(520):
        watched.world.read()
    watched.line.up()
    watched.go_on()
    assert watched.began == 1
    assert not _in_force(watched.events)
    assert watched.duty.services.outbox.unsettled() == ()


@pytest.mark.parametrize("ahead_s", [3600.0, -3600.0])
def test_a_wall_clock_that_jumped_is_refused_by_the_switch_and_told(state_dir: Path, ahead_s: float) -> None:
    with on_watch(state_dir, ahead_s) as watched:
        watched.until_it_acts()
        assert watched.events == []
        assert "3600 s from the receiver's clock" in watched.shown()
        assert "3600 s from the receiver's clock" in watched.alerts


def _in_force(events: list[str]) -> set[str]:
    begun = {event.split()[1] for event in events if event.startswith("began")}
    return begun - {event.split()[1] for event in events if not event.startswith("began")}


def test_without_an_audit_log_nothing_is_done_until_it_can_be_written(state_dir: Path) -> None:
    log = state_dir / "audit.jsonl"
    with on_watch(state_dir) as watched:
        log.mkdir()
        with pytest.raises(StorageError, match="directory"):
            watched.until_it_acts()
        assert watched.events == []
        log.rmdir()
        watched.duty.recovery.looked_at = None  # as in the next process
        watched.go_on(1)
        assert watched.began == 1
        assert watched.incident.status is Status.ACTING


def test_alerts_that_cannot_be_written_stop_no_action(state_dir: Path) -> None:
    with on_watch(state_dir) as watched:
        (state_dir / "alerts.jsonl").mkdir()
        watched.until_it_acts()
        watched.go_on()
        assert watched.began == 1


@pytest.mark.slow
def test_a_watch_on_a_full_disk_ends_in_words_and_the_next_one_goes_on(state_dir: Path) -> None:
    run = Command(state_dir)
    assert run("watch", "--scenario", "quiet", "--cycles", "2", "--json").code == 0
    kilobytes = (state_dir / "payops.db").stat().st_size // 1024 + 8
    full = subprocess.run(
        ["bash", "-c", f"ulimit -f {kilobytes}; exec '{sys.executable}' run.py watch --cycles 40 --json"],
        cwd=ROOT, env=run.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode == 2
    assert "cannot be" in full.stderr
    assert "payments are not watched" in (state_dir / "alerts.jsonl").read_text(encoding="utf-8")
    assert run("watch", "--scenario", "quiet", "--cycles", "2", "--json").code == 0
    assert json.loads(run("inbox", "--json").out) == []
