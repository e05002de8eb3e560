"""Kills the crew at drawn points, restarts it, and compares its records with the ledger of its switch.

Some deaths are drawn uniformly over a life, most at the n-th write of a drawn kind. The switch and the world
run in a process of their own and are never killed; the crew's code is the one of `run.py`.
"""

import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench.crash.episode import Episode, Played, housed
from bench.crash.lives import import_everything
from bench.crash.outside import Outside, Past, draw_outside
from bench.crash.reckoning import Reckoning
from bench.options import Measurement

KILLS, KILLS_QUICK = 1000, 40
LIVES = 8
"""Lives of one crew before the last."""

SCENARIOS = (
    "psp_outage",
    "psp_brownout",
    "retry_storm",
    "psp_issuer_link",
    "expired_cert",
    "routing_misconfig",
)
"""Faults on which the crew acts; most deaths are to fall where an action is on its way."""

ASKS = 0.5
"""Share of the crews that may do nothing without a human."""

_STREAM = 501


def add_options(parser: ArgumentParser) -> None:
    """Add `--kills`, `--workers` and `--keep`."""
    parser.add_argument("--kills", type=int, metavar="N", help=f"kills at least (default: {KILLS})")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="crews at a time")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep episodes with a finding")


def measure(given: Namespace) -> dict[str, object]:
    """Play episodes until enough processes were killed; each is drawn by its number alone."""
    import_everything()
    wanted = given.kills or (KILLS_QUICK if given.quick else KILLS)
    played = list[Played]()
    play = partial(_play, seeds=given.seeds, keep=given.keep)
    # Forked workers share the imports; each is one thread, so that it may fork in its turn.
    with ProcessPoolExecutor(given.workers, get_context("fork")) as pool:
        while (kills := _kills(played)) < wanted:
            some = range(len(played), len(played) + max(given.workers, (wanted - kills) // LIVES))
            for one in pool.map(play, some):
                played.append(one)
                _tell(len(played), one, _kills(played), wanted)
    return _sum(played)


def _play(number: int, seeds: tuple[int, ...], keep: Path | None) -> Played:
    rng = np.random.default_rng((seeds[0], _STREAM, number))
    outside, asks = draw_outside(rng, SCENARIOS, seeds), bool(rng.random() < ASKS)
    folder = Path(tempfile.mkdtemp(prefix="crash"))
    try:
        with housed(outside, _past(outside.seed), folder, asks=asks) as home:
            played = Episode(home, rng).play(LIVES)
        if keep is not None and (_findings(played.reckoning) or played.failed):
            no_socket = shutil.ignore_patterns("door")
            shutil.copytree(folder, keep / str(number), ignore=no_socket, dirs_exist_ok=True)
        return played
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _past(seed: int) -> Past:
    """Teach the past of a world, which is the same whatever happens in it later."""
    with tempfile.TemporaryDirectory() as folder:
        return Outside("quiet", seed, duration_s=0.0).past(Path(folder) / "past.db")


def _kills(played: Sequence[Played]) -> int:
    return sum(len(one.deaths) for one in played)


def _findings(reckoning: Reckoning) -> list[str]:
    named = [getattr(reckoning, one.name) for one in fields(reckoning)]
    return [words for found in named if isinstance(found, list) for words in found]


def _tell(number: int, played: Played, kills: int, wanted: int) -> None:
    sys.stderr.write(f"episode {number}: {kills} of {wanted} kills, {len(played.failed)} lives failed\n")
    for words in _findings(played.reckoning):
        sys.stderr.write(f"    {words}\n")


def _sum(played: list[Played]) -> dict[str, object]:
    deaths = [death for one in played for death in one.deaths]
    sums = [one.reckoning for one in played]
    where = Counter(death.where for death in deaths)
    return {
        "kills": len(deaths),
        "episodes": len(played),
        "incidents": sum(one.incidents for one in sums),
        "actions": sum(one.actions for one in sums),
        "decisions": sum(one.decisions for one in sums),
        "actions_doubled": sum(len(one.doubled) for one in sums),
        "actions_lost": sum(len(one.lost) for one in sums),
        "actions_given_up": sum((Counter(one.given_up) for one in sums), Counter()),
        "decisions_lost": sum(len(one.decisions_lost) for one in sums),
        "incidents_lost": sum(len(one.incidents_lost) for one in sums),
        "reverts_missed": sum(len(one.reverts_missed) for one in sums),
        "lives_that_failed": sum(len(one.failed) for one in played),
        "findings": [words for one in sums for words in _findings(one)],
        "where": dict(where.most_common()),
    }


MEASUREMENT = Measurement(
    words="Kills the crew at drawn points and compares its records with its switch.",
    add_options=add_options,
    measure=measure,
    seeds=range(4),
)
