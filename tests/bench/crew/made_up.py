"""Made-up episodes for tests of scores, report and table."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bench.crew.played import (
    MINUTES_AFTER,
    MINUTES_BEFORE,
    NOTHING,
    Act,
    Cost,
    Course,
    Deeds,
    Played,
    Results,
    Said,
    Task,
    Truth,
)
from payments.action import ActionKind
from simulator.traffic.score import Score

MINUTES = MINUTES_BEFORE + MINUTES_AFTER
SAVES: Mapping[str, float] = {
    "nothing": 0.0,
    "oracle": 1.0,
    "static_threshold": 0.35,
    "fixed_rules": 0.2,
    "success_rate": 0.6,
    "crew_autopilot": 0.9,
    "crew_copilot": 0.8,
}
TWINNED = ("success_rate",)
POSSIBLE: Mapping[str, int] = {"psp_outage": 9_000, "gray": 900, "issuer_outage": 0, "user_mix": 0}
_RIGHT: Mapping[str, ActionKind] = {
    "psp_outage": ActionKind.REROUTE,
    "gray": ActionKind.REROUTE,
    "issuer_outage": ActionKind.ALERT,
    "user_mix": ActionKind.NONE,
}


def score(succeeded: int, payments: int = 400_000) -> Score:
    """Give a score in which a payment is 3,000 minor units and costs 6 of them."""
    return Score(
        succeeded=succeeded,
        failed=payments - succeeded,
        firsts=payments,
        firsts_succeeded=succeeded - 5_000,
        attempts=payments + 40_000,
        succeeded_minor=3_000 * succeeded,
        fees_minor=6.0 * succeeded,
    )


def course(dip: float, saved: float) -> Course:
    """Give a course that dips at the onset and recovers for the share that is saved, for 30 minutes."""
    down = [dip if 0 <= m - MINUTES_BEFORE < 30 else 0.0 for m in range(MINUTES)]
    ok = tuple(
        round(6_000 * (0.92 - d * (1 - (saved if m > MINUTES_BEFORE + 1 else 0)))) for m, d in enumerate(down)
    )
    return Course(ok, (6_000,) * MINUTES, tuple(s // 4 for s in ok), (1_500,) * MINUTES)


def played(task: Task, saved: int, deeds: Deeds | None = None) -> Played:
    """Give an episode in which so many payments more succeeded than with nothing done."""
    right = _RIGHT.get(task.drawn, ActionKind.REROUTE)
    truth = Truth(task.drawn, (right,), right is ActionKind.NONE, 1, ("psp=alpha",), 1_800.0)
    share = saved / max(1, POSSIBLE.get(task.drawn, 0))
    return Played(
        task=task,
        truth=truth,
        whole=score(350_000 + saved),
        during=score(180_000 + saved, 200_000),
        course=course(0.3 if POSSIBLE.get(task.drawn, 0) else 0.0, min(1.0, share)),
        deeds=deeds or Deeds(),
        cost=Cost(2.0, 2.5),
        hours=1.25,
    )


def results(episodes: int = 4, seed: int = 0) -> Results:
    """Give a few episodes of each kind under every policy, with a little luck in them."""
    rng = np.random.default_rng(seed)
    every = [
        one
        for kind, possible in POSSIBLE.items()
        for number in range(episodes)
        for one in _episode(kind, number, round(possible * rng.uniform(0.6, 1.4)), rng)
    ]
    return Results.gathered(every, tuple(SAVES))


def _episode(kind: str, seed: int, possible: int, rng: np.random.Generator) -> list[Played]:
    every = []
    for policy, share in SAVES.items():
        luck = 0.0 if policy in {"nothing", "oracle"} else float(rng.normal(0.0, 0.05))
        saved = round(possible * (share + luck))
        acts = (Act(_RIGHT[kind], "psp=alpha", 40.0, right=True, lost=-saved),) if saved > 0 else ()
        said = (Said(kind, 20.0, 0.9, category_right=True, culprit_right=True, meets=True),)
        deeds = Deeds(20.0, acts, said) if policy.startswith("crew") else Deeds(acts=acts)
        every.append(played(Task(kind, seed, policy), saved, deeds))
        if policy in (*TWINNED, NOTHING):
            every.append(played(Task(kind, seed, policy, quiet=True), 0))
    return every


def with_saved(one: Played, saved: int) -> Played:
    """Let an episode end with so many payments more than with nothing done."""
    return replace(one, whole=score(350_000 + saved))
