"""Traps that raise no finding of their own, diagnosed as if one had been raised."""

from datetime import timedelta
from pathlib import Path

import pytest

from agents.analyst import Analyst
from agents.monitor import MonitorSettings
from agents.monitor.evidence import gather
from agents.monitor.intake import Intake
from agents.monitor.learned import Learned
from agents.planner import Planner, Situation
from payments.action import ActionKind
from payments.diagnosis import Category
from payments.evidence import Evidence
from payments.segment import Segment
from simulator.traffic.drawn import draw
from simulator.traffic.source import TrafficSource

LASTING = timedelta(seconds=60)


def forced(source: TrafficSource) -> Evidence:
    """Gather the first minute of the truth, whatever the monitor makes of it."""
    learned = Learned(MonitorSettings())
    intake = Intake(MonitorSettings(), learned)
    for window in source.history():
        taken = intake.take(window)
        assert taken is not None
        nothing = learned.streams.mask_any(())
        learned.learn_at_once(taken[0], nothing)
        learned.learn_latency(taken[1], nothing)
    while source.now < source.truth.starts_at + LASTING:
        intake.take(source.read())
    ticks = intake.ring.since(source.truth.starts_at)
    return gather(ticks, source.tick_s, learned, learned.streams.mask_any(()), None)


@pytest.mark.parametrize("seed", [301, 309])
@pytest.mark.parametrize("signature", ["code_mix_drift", "low_volume_noise"])
def test_a_trap_with_a_finding_forced_on_it_is_no_incident_and_left_alone(
    signature: str, seed: int, tmp_path: Path
) -> None:
    source = TrafficSource(draw(signature, seed), seed, tmp_path / "switches", feed="forced")
    evidence = forced(source)
    said = Analyst().analyse(evidence, (), (), source.now, 60.0)
    routes, total = source.routes(Segment({})), float(evidence.attempts.sum())
    plan = Planner().plan(Situation(said, routes, (), 60.0, total))
    source.close()
    assert said.category is Category.NO_INCIDENT
    assert plan.action.kind is ActionKind.NONE
