"""A target that turns out to be broken leaves the set; without a good one all is undone."""

from dataclasses import dataclass, replace
from pathlib import Path

from agents.planner import Planner, Situation
from console.settings import Settings
from payments.action import Action, Reroute
from payments.incident import Status
from payments.outcome import Effect
from payments.plan import Plan
from payments.segment import Segment
from simulator.traffic.effects import Fails
from tests.graph.made import Left, cycles, switches, until, with_services
from tests.graph.rolling import DOWN, SOURCE, active, acts, failing, on, together


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
