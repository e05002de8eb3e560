"""What the tests of rollouts share: worlds with faults of their own, and a look at the action in force."""

from collections.abc import Iterator
from contextlib import contextmanager

from agents.planner import Planner, PlannerSettings
from agents.planner.rollout import RolloutSettings
from console.settings import Settings
from console.worlds import switchboard_path
from graph.duty import Duty
from payments.action import ActionKind, Reroute
from payments.diagnosis import Category
from payments.incident import Incident
from payments.intervention import Intervention
from payments.segment import Segment
from simulator.traffic.effects import Fails
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource
from tests.graph.made import BRIEF, crew, until, with_services

SOURCE = Segment.of(psp="swiftgate")
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


def in_force(duty: Duty) -> Reroute:
    found = active(duty)
    assert found is not None
    assert isinstance(found.action, Reroute)
    return found.action


def acts(duty: Duty) -> Incident:
    """Go on until the first incident is acted on."""
    until(duty, lambda _: active(duty))
    found = active(duty)
    assert found is not None
    return duty.services.incidents.get(found.incident_id)
