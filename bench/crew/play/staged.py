"""A policy other than the crew in an episode: it sees each increment and says what shall hold in the next."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.crew.play.judging import Judge
from bench.crew.play.lived import Lived
from bench.crew.play.meter import Meter
from bench.crew.played import Act, Cost, Deeds
from bench.crew.policies.policy import Move, Policy, Seen
from payments.action import Action, Reroute, touches_traffic
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage

_ALL = Segment({})
Maker = Callable[[Stage], Policy]


def act_out(scenario: Scenario, seed: int, ticks: int, make: Maker) -> Lived:
    """Let a policy play an episode; it sees the quiet past first."""
    stage = Stage(scenario, seed)
    policy = make(stage)
    for window in stage.history():
        policy.decide(_seen(stage, window))
    meter, notes = Meter(stage.truth, stage.now, stage.score), _Notes(Judge(stage.truth, stage.topology))
    began = time.process_time(), time.perf_counter()
    move = Move()
    for _ in range(ticks):
        window = stage.step(move.actions, move.routing)
        meter.read(stage.now, stage.score)
        move = policy.decide(_seen(stage, window))
        notes.take(move, stage)
    cost = Cost(time.process_time() - began[0], time.perf_counter() - began[1])
    return Lived(stage.truth, meter, notes.deeds(), cost)


def _seen(stage: Stage, window: Window) -> Seen:
    return Seen(window, stage.routes(_ALL), stage.now, stage.planned(stage.now))


@dataclass
class _Notes:
    """Writes down what a policy says and does."""

    judge: Judge
    acts: list[Act] = field(default_factory=list)
    detected_s: float | None = None
    held: frozenset[tuple[object, ...]] = frozenset()

    def take(self, move: Move, stage: Stage) -> None:
        """Take in one move: an action that was not held before is a new one."""
        since_s = self.judge.since_onset_s(stage.now)
        if self.detected_s is None and since_s > 0.0 and (move.said or move.actions):
            self.detected_s = since_s
        acting = {_target(action): action for action in _on_traffic(move)}
        for target, action in acting.items():
            if target not in self.held:
                self.acts.append(self.judge.act(action, stage.now))
        self.held = frozenset(acting)

    def deeds(self) -> Deeds:
        """Give all of it."""
        return Deeds(self.detected_s, tuple(self.acts))


def _on_traffic(move: Move) -> Iterator[Action]:
    return (action for action in move.actions if touches_traffic(action))


def _target(action: Action) -> tuple[object, ...]:
    """Name what makes an action another one: more of the same is not."""
    return action.kind, action.scope, action.from_route if isinstance(action, Reroute) else None
