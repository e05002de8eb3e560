"""Chooses the oracle's remedies: every candidate plays the same episodes, the best of each cause is kept."""

import copy
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.crew.policies.oracle import Oracle
from bench.crew.policies.policy import Move, Seen
from bench.crew.policies.remedies import Choice, Choices, Remedy, allowed, candidates, causes_of
from payments.segment import Segment
from simulator.traffic.episodes import LIVE_S, episode, kind_of
from simulator.traffic.score import Score
from simulator.traffic.stage import Stage

_ALL = Segment({})
_AFTER_S = 600.0
"""After the end of a fault, for the last of those who try again."""


@dataclass(frozen=True)
class Trial:
    """One episode under every remedy that is allowed."""

    seed: int
    causes: tuple[str, ...]
    """Under which its remedies are compared."""
    payments: int
    gained: tuple[tuple[Remedy, int], ...]


def fit(seeds: Sequence[int], jobs: int) -> dict[str, object]:
    """Choose on these seeds, each an episode of its kind; those of two faults are left out.

    A cause without a choice is one about which nothing may be done. What is best about two faults is what
    is best about each of them: they have nothing to do with each other.
    """
    trials = [trial for trial in _told(_each(seeds, jobs), len(seeds)) if trial is not None]
    first, last = min(seeds), max(seeds)
    return Choices(seeds=f"{first}-{last}", causes=choose(trials)).model_dump(mode="json")


def choose(trials: Iterable[Trial]) -> dict[str, Choice]:
    """Take for each cause what gains most in all its episodes together; of equals the first."""
    by_cause: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        for cause in trial.causes:
            by_cause[cause].append(trial)
    return {cause: _best(found) for cause, found in sorted(by_cause.items())}


def _best(trials: Sequence[Trial]) -> Choice:
    sums: dict[Remedy, int] = {}
    for trial in trials:
        for remedy, gained in trial.gained:
            sums[remedy] = sums.get(remedy, 0) + gained
    ranked = sorted(sums, key=lambda remedy: -sums[remedy])
    action = next(remedy for remedy in ranked if remedy.is_action)
    return Choice(
        remedy=action,
        clairvoyant=ranked[0],
        episodes=len(trials),
        payments=sum(trial.payments for trial in trials),
        gained=sums[action],
        tried={str(remedy): sums[remedy] for remedy in ranked},
    )


def _each(seeds: Sequence[int], jobs: int) -> Iterator[Trial | None]:
    if jobs == 1:
        yield from map(trial_of, seeds)
        return
    with ProcessPoolExecutor(jobs) as processes:
        yield from processes.map(trial_of, seeds)


def _told(trials: Iterable[Trial | None], count: int) -> Iterator[Trial | None]:
    for number, trial in enumerate(trials, start=1):
        best = max(trial.gained, key=lambda pair: pair[1]) if trial else None
        words = f"{trial.causes[0]}: {best[0]} gains {best[1]}" if trial and best else "left out"
        sys.stderr.write(f"{number} of {count}: {words}\n")
        yield trial


def trial_of(seed: int) -> Trial | None:
    """Play the episode of a seed under every remedy; None for two faults, and where nothing may be done."""
    stage = Stage(episode(kind_of(seed), seed), seed)
    remedies = [remedy for remedy in candidates() if allowed(remedy, stage.truth)]
    if stage.truth.parts or len(remedies) == 1:
        return None
    causes = causes_of(stage.truth)
    until = min(
        stage.topology.config.start + timedelta(seconds=LIVE_S),
        stage.truth.ends_at + timedelta(seconds=_AFTER_S),
    )
    idle, before = _until_onset(stage), stage.score
    scores = [_played(idle, {causes[0]: remedy}, until) for remedy in remedies]
    without = scores[0]
    gained = tuple(
        (r, score.succeeded - without.succeeded) for r, score in zip(remedies, scores, strict=True)
    )
    return Trial(seed, causes, (without - before).firsts, gained)


@dataclass
class _Scene:
    """A stage and the oracle on it, which has seen all that was played."""

    stage: Stage
    oracle: Oracle

    def play(self, move: Move) -> Move:
        """Play a tick."""
        window = self.stage.step(move.actions, move.routing)
        return self.oracle.decide(Seen(window, self.stage.routes(_ALL), self.stage.now))


def _until_onset(stage: Stage) -> _Scene:
    """Play what is the same under every remedy."""
    scene = _Scene(stage, Oracle(stage.topology, stage.truth, {}))
    for window in stage.history():
        scene.oracle.decide(Seen(window, stage.routes(_ALL), stage.now))
    while stage.now + timedelta(seconds=2 * stage.tick_s) < stage.truth.starts_at:
        scene.play(Move())
    return scene


def _played(idle: _Scene, remedies: Mapping[str, Remedy], until: datetime) -> Score:
    """Play a copy of the scene to the end."""
    topology, truth = idle.stage.topology, idle.stage.truth
    scene = copy.deepcopy(idle, {id(topology): topology, id(truth): truth})
    scene.oracle.remedies = remedies
    move = Move()
    while scene.stage.now < until:
        move = scene.play(move)
    return scene.stage.score
