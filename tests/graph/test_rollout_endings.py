"""An action is renewed while it helps, and ends with the fault or at the limit."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from agents.planner.rollout import RolloutSettings
from console.settings import Settings
from payments.action import ActionKind
from payments.incident import Status
from payments.outcome import Effect
from simulator.traffic.effects import Fails
from tests.graph.made import AT_ONCE, Left, alerts, crew, cycles, patched, switches, until, world
from tests.graph.rolling import DOWN, SOURCE, active, acts, failing, on, short_lived


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
