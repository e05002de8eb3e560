"""The closed loop of a rollout: step by step, without bad targets, renewed while it helps, then undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from agents.planner import Planner, PlannerSettings, Situation
from agents.planner.rollout import RolloutSettings
from agents.risk_officer import RiskOfficer
from console.compose import switchboard_path
from console.settings import Settings
from graph.duty import Duty
from graph.facts import facts_in_force
from guardrails.policy import Freeze, Policy
from payments.action import Action, ActionKind, Reroute
from payments.diagnosis import Category
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.outcome import Effect
from payments.plan import Plan
from payments.segment import Segment
from payments.verdict import Mode
from simulator.traffic.effects import Fails
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource
from tests.graph.deciding import another_process, by, incident_of, take
from tests.graph.made import (
    AT_ONCE,
    BRIEF,
    Left,
    alerts,
    crew,
    cycles,
    patched,
    switches,
    until,
    with_services,
    world,
)

SOURCE = Segment.of(psp="swiftgate")
YESTERDAY = datetime(2026, 3, 1, tzinfo=UTC)
DOWN = {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}


def failing(name: str, segment: Segment, share: float, onset_s: float) -> Scenario:
    """A fault of one segment from some time on."""
    return Scenario(
        name,
        "A path fails.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({ActionKind.REROUTE}),
        frozenset({ActionKind.NONE}),
        culprits=lambda _: (segment,),
        effects=lambda struck: (Fails(struck, share, DOWN, latency_ms=9_000),),
        onset_s=onset_s,
    )


def together(*parts: Scenario) -> Scenario:
    """Several faults of one world."""
    first = parts[0]
    return Scenario(
        "together", "Paths fail.", first.category, first.right_actions, first.wrong_actions, parts=parts
    )


@dataclass
class OnlyOnce:
    """A planner whose first reroute goes to one target alone."""

    planner: Planner
    target: str
    is_first: bool = True

    def plan(self, situation: Situation) -> Plan:
        found = self.planner.plan(situation)
        if not self.is_first or not isinstance(found.action, Reroute):
            return found
        self.is_first = False
        limits = {self.target: found.action.limits_per_s[self.target]}
        alone = found.action.model_copy(update={"to": {self.target: 1.0}, "limits_per_s": limits})
        return self.planner.replan(situation, alone)

    def replan(self, situation: Situation, action: Action) -> Plan:
        return self.planner.replan(situation, action)


def short_lived(duty: Duty, rollout: RolloutSettings) -> Duty:
    """Let actions live for two minutes, so that they are renewed after 80 s."""
    return with_services(duty, planner=Planner(PlannerSettings(expires_after_s=120.0)), rollout=rollout)


@contextmanager
def on(scenario: Scenario, settings: Settings) -> Iterator[Duty]:
    """Put a crew on duty in the world of a scenario of one's own."""
    feed = f"simulator:{scenario.name}:7:own"
    path = switchboard_path(feed, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with crew(TrafficSource(scenario, 7, path, feed=feed, config=BRIEF), settings) as duty:
        yield duty


def active(duty: Duty) -> Intervention | None:
    found = duty.services.incidents.active_interventions()
    return found[0] if found else None


def acts(duty: Duty) -> Incident:
    """Go on until the first incident is acted on."""
    until(duty, lambda _: active(duty))
    found = active(duty)
    assert found is not None
    return duty.services.incidents.get(found.incident_id)


def events_of(reports: object, incident: Incident) -> list[str]:
    assert isinstance(reports, list)
    return [
        event
        for report in reports
        for event in report.events
        if event.startswith(f"incident {incident.id[:8]}")
    ]


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


def in_force(duty: Duty) -> Reroute:
    found = active(duty)
    assert found is not None
    assert isinstance(found.action, Reroute)
    return found.action


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


def test_a_broken_backup_leaves_the_set_and_the_action_still_helps(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    broken = failing("backup", Segment.of(psp="unipay"), 0.9, onset_s=85.0)
    with on(together(failing("outage", SOURCE, 0.9, 60.0), broken), settings) as duty:
        incident = acts(duty)
        until(duty, lambda _: (found := active(duty)) and found.dropped)
        dropped = next(one for one in duty.services.incidents.interventions(incident.id) if one.dropped)
        cycles(duty, 6)
        outcome = duty.services.incidents.get(incident.id).outcome
    assert dropped.dropped == ("unipay",)
    assert isinstance(dropped.action, Reroute)
    assert "unipay" not in {*dropped.action.to, *dropped.action.limits_per_s}
    assert outcome is not None
    assert outcome.effect is Effect.HELPED


def test_when_all_backups_are_broken_everything_is_undone(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    backups = [failing(psp, Segment.of(psp=psp), 0.97, 85.0) for psp in ("unipay", "northpay", "zenpay")]
    with on(together(failing("outage", SOURCE, 0.6, 60.0), *backups), settings) as duty:
        incident = acts(duty)
        until(
            duty,
            lambda _: (
                not [
                    one
                    for one in duty.services.incidents.active_interventions()
                    if one.incident_id == incident.id
                ]
            ),
        )
        ended = duty.services.incidents.get(incident.id)
        held = switches(Left(settings, ended.feed, ended.id))
    assert ended.outcome is not None
    assert ended.outcome.effect is Effect.HARMED
    assert all(one["reverted"] for one in held if str(one["key"]).startswith(incident.id))
    assert ended.status is Status.WATCHED


def test_when_the_only_backup_is_broken_the_next_plan_goes_elsewhere_at_once(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    broken = replace(
        failing("backup", Segment.of(psp="unipay"), 0.97, 60.0),
        effects=lambda struck: (Fails(struck, 0.97, DOWN, latency_ms=9_000, moved_only=True),),
    )
    with on(together(failing("outage", SOURCE, 0.6, 60.0), broken), settings) as begun:
        duty = with_services(begun, planner=OnlyOnce(Planner(), "unipay"))
        first = acts(duty)
        until(duty, lambda _: duty.services.incidents.get(first.id).status is Status.CLOSED)
        closed_after = duty.cycles
        until(duty, lambda _: (found := active(duty)) and found.incident_id != first.id)
        found = active(duty)
        assert found is not None
        assert isinstance(found.goal, Reroute)
        assert "unipay" not in found.goal.to
        assert duty.cycles - closed_after <= 6


def test_a_fault_that_comes_and_goes_finds_its_action_in_force(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    flapping = replace(
        failing("flapping", SOURCE, 0.9, 60.0),
        effects=lambda struck: (Fails(struck, 0.9, DOWN, latency_ms=9_000, period_s=150.0, on_share=0.5),),
    )
    with on(flapping, settings) as duty:
        acts(duty)
        until(duty, lambda _: (found := active(duty)) and found.step == 4)
        in_force = [active(duty) is not None for _ in cycles(duty, 60)]
        assert all(in_force)
        assert len(duty.services.incidents.list()) == 1


def test_recovery_is_seen_through_the_probe_and_the_action_ends(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=60)) as duty:
        incident = acts(duty)
        until(duty, lambda _: (found := active(duty)) and found.step == 4)
        until(duty, lambda _: active(duty) is None, 120)
        ended = duty.services.incidents.get(incident.id)
    assert (ended.status, ended.recovered, ended.closed_because) == (Status.CLOSED, True, "the fault is over")


def test_an_action_that_helps_is_renewed_before_it_expires(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = short_lived(begun, RolloutSettings())
        incident = acts(duty)
        until(duty, lambda _: (found := active(duty)) and found.renewals == 2, 60)
        held, incidents = duty.services.incidents.interventions(incident.id), duty.services.incidents.list()
    assert len(incidents) == 1
    assert {one.expires_at - one.started_at for one in held} == {timedelta(seconds=120)}
    assert [one.renewals for one in held] == [0, 0, 0, 0, 1, 2]
    for one, after in pairwise(held):
        assert one.ended_at == after.started_at < one.expires_at


def test_at_the_limit_people_are_told_and_the_action_ends_without_a_new_incident(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as begun:
        duty = short_lived(begun, RolloutSettings(max_renewals=0))
        incident = acts(duty)
        until(duty, lambda _: active(duty) is None)
        cycles(duty, 12)
        ended, number = duty.services.incidents.get(incident.id), len(duty.services.incidents.list())
        held = switches(Left(settings, ended.feed, ended.id))
    assert (ended.status, number) == (Status.WATCHED, 1)
    assert all(one["reverted"] for one in held)
    assert ended.outcome is not None
    assert (ended.outcome.effect, ended.outcome.reverted_because) == (Effect.HELPED, "the action expired")
    texts = [alert["text"] for alert in alerts(settings)]
    assert [text for text in texts if "which is the limit" in text]
    assert [text for text in texts if "expired" in text]


def test_an_action_without_a_probe_shows_by_its_expiry_whether_the_fault_goes_on(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("routing_misconfig", settings), settings) as begun:
        duty = short_lived(begun, RolloutSettings())
        incident = acts(duty)
        until(duty, lambda _: len(duty.services.incidents.list()) == 2, 60)
        ended = duty.services.incidents.get(incident.id)
    assert incident.plan is not None
    assert incident.plan.action.kind is ActionKind.SUPPRESS
    assert (ended.status, ended.closed_because) == (Status.CLOSED, "the action expired")


def test_the_kill_switch_stops_steps_and_renewals_but_no_undoing(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, guardrails=AT_ONCE)
    live = world("psp_outage", settings)
    with crew(live, settings, patched(live, "quiet", settings, first=36)) as begun:
        incident = acts(begun)
        duty = with_services(begun, stopped=lambda: True)
        cycles(duty, 12)
        found = active(duty)
        assert found is not None
        assert found.step == 1
        until(duty, lambda _: active(duty) is None, 72)
    held = switches(Left(settings, live.feed, incident.id))
    assert [one["reverted"] for one in held] == [True]


@pytest.mark.parametrize(
    ("mode", "allowed", "frozen", "said"),
    [
        (Mode.AUTOPILOT, ActionKind.REROUTE, True, "Changes are frozen"),
        (Mode.AUTOPILOT, ActionKind.ALERT, False, "not an allowed action"),
        (Mode.COPILOT, ActionKind.REROUTE, False, "a human approves each action"),
    ],
)
def test_a_rule_that_came_after_the_ruling_stops_steps_and_renewals(
    state_dir: Path, mode: Mode, allowed: ActionKind, *, frozen: bool, said: str
) -> None:
    settings, day = Settings(state_dir=state_dir), timedelta(days=1)
    with crew(world("psp_outage", settings), settings) as begun:
        short = short_lived(begun, RolloutSettings())
        now = acts(short).opened_at
        freezes = (Freeze(start=now, end=now + day),) if frozen else ()
        policy = Policy(freezes=freezes, allowed_in_autopilot=frozenset({allowed}))
        duty = with_services(short, risk_officer=RiskOfficer(policy), mode=mode)
        cycles(duty, 12)
        found = active(duty)
        until(duty, lambda _: active(duty) is None)
    assert found is not None
    assert (found.step, found.renewals) == (1, 0)
    assert [alert["text"] for alert in alerts(settings) if said in alert["text"]]


def test_what_two_people_approved_goes_on_in_a_freeze(guarded: Left) -> None:
    policy = guarded.settings.guardrails.model_copy(
        update={"freezes": (Freeze(start=YESTERDAY, end=YESTERDAY + timedelta(days=9)),)}
    )
    frozen = replace(guarded, settings=guarded.settings.model_copy(update={"guardrails": policy}))
    take(frozen, by("asha"))
    take(frozen, by("ben", question=2))
    with another_process(frozen) as runs:
        incident, now = incident_of(frozen), runs.services.clock()
        facts = facts_in_force(incident, now, runs.services)
        assert facts is not None
        assert runs.services.risk_officer.holds_back(facts) is None
        alone = facts.model_copy(update={"approvers": ("asha",)})
        assert runs.services.risk_officer.holds_back(alone) is not None


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
