"""Those who run the crew hear of every incident, record, alert and failure, and nothing else changes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.language_model.opinion import Fallback, Opinion
from console.compose import deciding, on_duty
from console.hearing import HeardActuator, HeardAdviser, HeardAudit, HeardReceiver, event_of
from console.settings import Settings
from console.telemetry import cycle_of
from console.worlds import Feed
from graph.approvals import decide
from payments.action import Action
from payments.alert import AlertMessage
from payments.audit import AuditRecord
from payments.decision import Decision
from payments.diagnosis import Diagnosis
from payments.errors import ActuatorError, OutcomeUnknownError, StorageError
from payments.lesson import Lesson
from payments.outcome import Receipt
from payments.plan import Plan
from payments.verdict import Ruling, Verdict
from tests.console.examples import diagnosis
from tests.graph.made import REROUTE, cycles, left_asking, plan, until, verdict, world
from tests.imported import imported_by
from tools.alerts.bulletin import Bulletin, NotDeliveredError
from tools.ports import UNTOLD, Cycle, Event
from tools.telemetry.joined import Joined

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALERT = AlertMessage(
    dedup_key="i:ask", incident_id="i", at=AT, severity="warning", title="It is down", text="Decide."
)
BULLETIN = Bulletin("i", ALERT, (), AT, AT)


@dataclass
class Told:
    """Keeps what it hears, and which stage was in which."""

    events: list[Event] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)

    @contextmanager
    def span(self, name: str, incident_id: str = "") -> Iterator[None]:
        self.within.append(name)
        self.spans.append("/".join(self.within))
        try:
            yield
        finally:
            self.within.pop()

    def happened(self, event: Event) -> None:
        self.events.append(event)

    def cycled(self, cycle: Cycle) -> None:
        self.cycles.append(cycle)

    def kinds(self, name: str) -> list[dict[str, str]]:
        return [dict(event.kinds) for event in self.events if event.name == name]


@dataclass(frozen=True)
class Failing:
    """An actuator and a receiver that do nothing but fail."""

    error: Exception
    name: str = "mute"
    changes_traffic: bool = True
    renew_s: float | None = 60.0

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        raise self.error

    def revert(self, key: str) -> Receipt:
        raise self.error

    def look_up(self, key: str) -> Receipt | None:
        raise self.error

    def deliver(self, bulletin: Bulletin) -> None:
        raise self.error

    def append(self, record: AuditRecord) -> None:
        raise self.error


@dataclass(frozen=True)
class Same:
    """An adviser of one opinion."""

    opinion: Opinion

    def advise(
        self, incident_id: str, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson]
    ) -> Opinion:
        return self.opinion


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Let a crew meet an outage and act on it, and hear it."""
    told, settings = Told(), Settings(state_dir=tmp_path_factory.mktemp("state"))
    live = world("psp_outage", settings)
    feed = Feed(live, live, live)
    with on_duty(feed, settings, tell_people=False, telemetry=told) as duty:
        for _ in duty.learn_history():
            pass
        until(duty, lambda _: duty.services.incidents.active_interventions())
        for report in cycles(duty, 2):
            told.cycled(cycle_of(report, feed))
    live.close()
    return told


def test_an_incident_is_heard_from_its_opening_to_its_action(told: Told) -> None:
    names = [event.name for event in told.events]
    assert names[:4] == ["opened", "proposed", "ruled", "acted"]
    assert len({event.incident_id for event in told.events}) == 1
    assert told.kinds("proposed") == [{"action": "reroute_traffic", "category": "network_or_system"}]
    assert told.kinds("ruled") == [{"ruling": "act", "mode": "autopilot"}]
    assert told.kinds("acted") == [{"did": "acted", "action": "reroute_traffic"}]


def test_each_cycle_has_a_stage_for_each_agent_that_worked(told: Told) -> None:
    assert told.spans[:3] == ["cycle", "cycle/monitor", "cycle/settling"]
    run = [name.removeprefix("cycle/run/") for name in told.spans if name.startswith("cycle/run/")]
    assert run == [
        "monitor",
        "analyst",
        "planner",
        "risk_officer",
        "act",
        "act/actuator apply",
        "second_opinion",
    ]
    assert not told.within


def test_a_cycle_says_how_many_incidents_there_are_and_a_simulated_one_has_no_lag(told: Told) -> None:
    assert [dict(cycle.incidents) for cycle in told.cycles] == [{"acting": 1}, {"acting": 1}]
    assert not any(cycle.is_live for cycle in told.cycles)
    assert told.cycles[0].until < told.cycles[1].until


@pytest.mark.parametrize(("fallback", "result"), [(None, "given"), (Fallback.BREAKER_OPEN, "breaker_open")])
def test_an_opinion_is_heard_or_why_there_is_none(fallback: Fallback | None, result: str) -> None:
    told, opinion = Told(), Opinion(about="", model="m", prompt="1", fallback=fallback)
    heard = HeardAdviser(Same(opinion), told)
    assert heard.advise("i", diagnosis(), plan(), verdict(Ruling.ASK), ()) is opinion
    assert told.kinds("opinion") == [{"result": result}]


def test_a_decision_in_another_process_is_heard_there(tmp_path: Path) -> None:
    left, told = left_asking(tmp_path / "state"), Told()
    with deciding(left.feed, left.settings, acts=False, telemetry=told) as runs:
        asked = runs.services.incidents.get(left.incident_id)
        decision = Decision(type="reject", by="asha", at=asked.updated_at)
        decide(asked.id, decision, runs.services, runs)
    assert told.kinds("decided") == [{"answer": "reject"}]
    assert told.kinds("outcome") == [{"effect": "not_measured"}]
    assert told.spans[0] == "run"
    assert "run/learn" in told.spans


@pytest.mark.parametrize(
    ("error", "result"), [(ActuatorError("No."), "refused"), (OutcomeUnknownError("Lost."), "unknown")]
)
def test_what_an_actuator_does_not_do_is_heard_and_still_raised(error: ActuatorError, result: str) -> None:
    told = Told()
    heard = HeardActuator(Failing(error), told)
    calls: dict[str, Callable[[], object]] = {
        "apply": lambda: heard.apply(REROUTE, "i:1", 60.0),
        "revert": lambda: heard.revert("i:1"),
        "look_up": lambda: heard.look_up("i:1"),
    }
    for verb, call in calls.items():
        with pytest.raises(type(error)):
            call()
        event = told.events.pop()
        assert (event.name, event.incident_id) == ("actuator_failed", "i")
        assert event.kinds == {"verb": verb, "result": result}
        assert event.said == {"because": str(error)}
    assert (heard.name, heard.changes_traffic) == ("mute", True)


@pytest.mark.parametrize(("is_final", "result"), [(True, "refused"), (False, "failed")])
def test_what_does_not_reach_a_receiver_is_heard_and_still_raised(*, is_final: bool, result: str) -> None:
    told = Told()
    heard = HeardReceiver(Failing(NotDeliveredError("Shut.", is_final=is_final)), told)
    with pytest.raises(NotDeliveredError):
        heard.deliver(BULLETIN)
    assert told.kinds("not_delivered") == [{"receiver": "mute", "result": result}]
    assert (heard.name, heard.renew_s) == ("mute", 60.0)


def test_what_cannot_go_on_record_is_not_heard() -> None:
    told = Told()
    with pytest.raises(StorageError):
        HeardAudit(Failing(StorageError("Full.")), told).append(record(event="outcome"))
    assert told.events == []


def record(**given: object) -> AuditRecord:
    return AuditRecord.model_validate({"id": "i:1", "at": AT, "actor": "crew", "incident_id": "i", **given})


def test_a_record_of_another_form_is_heard_without_what_it_lacks() -> None:
    event = event_of(record(event="proposed", inputs={"plan": ["no"], "diagnosis": {"category": 7}}))
    assert event.kinds == {"action": "", "category": ""}
    assert event.said["words"] == ""


def test_several_hear_the_same() -> None:
    first, second = Told(), Told()
    joined = Joined((first, second, UNTOLD))
    with joined.span("cycle"), joined.span("monitor"):
        joined.happened(Event("opened"))
    joined.cycled(Cycle("file:a", AT, is_live=False, incidents={}, notes=("half a row",)))
    assert first == second
    assert first.spans == ["cycle", "cycle/monitor"]
    assert [event.name for event in first.events] == ["opened"]
    assert first.cycles[0].notes == ("half a row",)


ONE_CYCLE = """
import sys
from pathlib import Path
from console.compose import on_duty
from console.worlds import open_simulation
from console.settings import Settings
from console.telemetry import cycle_of
from console.telemetry import telemetry_of
settings = Settings(state_dir=Path(sys.argv[1]))
with telemetry_of(settings) as telemetry:
    world = open_simulation("quiet", 7, settings)
    with on_duty(world, settings, tell_people=False, telemetry=telemetry) as duty:
        duty.cycle()
"""


@pytest.mark.integration
def test_nothing_is_imported_where_nobody_listens(state_dir: Path) -> None:
    ours = ("tools.telemetry.metrics", "tools.telemetry.traces", "tools.telemetry.log", "prometheus_client")
    assert imported_by(ONE_CYCLE, str(state_dir), among=ours) == []
