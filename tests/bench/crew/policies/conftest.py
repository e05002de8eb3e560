"""A small world for every policy."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.crew.policies.policy import Move, Policy, Seen
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.config import WorldConfig
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage
from simulator.traffic.topology import Topology, draw_topology

Played = tuple[list[Move], Stage]
Play = Callable[[Scenario, Callable[[Stage], Policy], int], Played]


@pytest.fixture(scope="session")
def config() -> WorldConfig:
    return replace(WorldConfig.with_issuers(4), payments_per_s=60.0, history_ticks=60)


@pytest.fixture(scope="session")
def topology(config: WorldConfig) -> Topology:
    return draw_topology(config, np.random.default_rng(1))


@pytest.fixture
def fault(config: WorldConfig) -> Callable[[str], Scenario]:
    """Give a scenario that begins after a minute and lasts five, in the small world."""
    return lambda name: replace(scenario(name), world=config, onset_s=60.0, duration_s=300.0)


@pytest.fixture
def play() -> Play:
    """Let a policy play some ticks; gives its moves and the stage."""

    def seen(stage: Stage, window: Window) -> Seen:
        return Seen(window, stage.routes(Segment({})), stage.now, stage.planned(stage.now))

    def played(of: Scenario, make: Callable[[Stage], Policy], ticks: int) -> Played:
        stage = Stage(of, 5)
        policy = make(stage)
        for window in stage.history():
            policy.decide(seen(stage, window))
        moves = [Move()]
        for _ in range(ticks):
            window = stage.step(moves[-1].actions, moves[-1].routing)
            moves.append(policy.decide(seen(stage, window)))
        return moves, stage

    return played
