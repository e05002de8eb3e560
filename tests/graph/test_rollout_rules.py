"""The kill switch and rules that came later stop steps and renewals, and never an undoing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.planner.rollout import RolloutSettings
from agents.risk_officer import RiskOfficer
from console.settings import Settings
from graph.facts import facts_in_force
from guardrails.policy import Freeze, Policy
from payments.action import ActionKind
from payments.verdict import Mode
from tests.graph.deciding import another_process, by, incident_of, take
from tests.graph.made import (
    AT_ONCE,
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
from tests.graph.rolling import active, acts, short_lived

YESTERDAY = datetime(2026, 3, 1, tzinfo=UTC)


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
