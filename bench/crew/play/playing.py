"""Plays tasks, each in whatever process is free; the worlds are drawn anew where they are played."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bench.crew.play.lived import Lived
from bench.crew.play.on_duty import watch
from bench.crew.play.staged import act_out
from bench.crew.played import AUTOPILOT, COPILOT, NOTHING, Played, Task
from bench.crew.policies.making import ALWAYS_ON, make
from bench.crew.policies.policy import Policy
from payments.verdict import Mode
from simulator.traffic.episodes import LIVE_S, episode, kind_of, quiet_twin
from simulator.traffic.scenario import Scenario
from simulator.traffic.scenario_file import load_scenario
from simulator.traffic.stage import Stage

_AFTER_S = 600.0
_MODES = {AUTOPILOT: Mode.AUTOPILOT, COPILOT: Mode.COPILOT}


@dataclass(frozen=True)
class Script:
    """Which episodes are played: one of each seed, its kind by the seed, or a scenario of a file."""

    file: Path | None = None

    @property
    def digest(self) -> str:
        """Tell scripts apart."""
        return "drawn" if self.file is None else sha256(self.file.read_bytes()).hexdigest()[:16]

    def tasks(self, seeds: Sequence[int], policies: Sequence[str]) -> tuple[Task, ...]:
        """Name everything that is to be played, one episode after the other."""
        return tuple(task for seed in seeds for task in self._of_seed(seed, policies))

    def scenario(self, task: Task) -> Scenario:
        """Give the scenario of a task."""
        drawn = episode(task.drawn, task.seed) if self.file is None else load_scenario(self.file)
        return quiet_twin(drawn) if task.quiet else drawn

    def _of_seed(self, seed: int, policies: Sequence[str]) -> Iterator[Task]:
        kind = kind_of(seed) if self.file is None else load_scenario(self.file).name
        for policy in policies:
            yield Task(kind, seed, policy)
        twins = [policy for policy in policies if policy in ALWAYS_ON]
        for policy in (NOTHING, *twins) if twins else ():
            yield Task(kind, seed, policy, quiet=True)


def play(script: Script, task: Task) -> Played:
    """Play one task."""
    scenario = script.scenario(task)
    return _lived(scenario, task, _ticks(scenario)).as_played(task)


def play_all(script: Script, tasks: Sequence[Task], jobs: int) -> Iterator[Played]:
    """Play tasks as processes become free, in whatever order they end."""
    if jobs == 1:
        yield from (play(script, task) for task in tasks)
        return
    processes = ProcessPoolExecutor(jobs)
    try:
        started = [processes.submit(play, script, task) for task in tasks]
        yield from (done.result() for done in as_completed(started))
    finally:
        # After an error or Ctrl-C nothing more begins; what was played is kept.
        processes.shutdown(cancel_futures=True)


def _ticks(scenario: Scenario) -> int:
    """Give the increments of the live time, which always shows the end of the fault."""
    parts = scenario.parts or (scenario,)
    over_s = max(part.onset_s + part.duration_s for part in parts) + _AFTER_S
    return round(max(LIVE_S, over_s) / scenario.world.tick_s)


def _lived(scenario: Scenario, task: Task, ticks: int) -> Lived:
    if task.policy in _MODES:
        return watch(scenario, task.seed, ticks, _MODES[task.policy])

    def maker(stage: Stage) -> Policy:
        return make(task.policy, stage.topology, stage.truth, task.seed)

    return act_out(scenario, task.seed, ticks, maker)
