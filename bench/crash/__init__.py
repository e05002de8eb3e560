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
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import fields
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench.crash.episode import Episode, Played, housed
from bench.crash.lives import import_everything
from bench.crash.outside import Outside, Past, draw_outside
from bench.crash.reckoning import Reckoning
from bench.crash.room import room_on
from bench.crash.takeover import Takeover, take_over
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

TAKEOVERS, TAKEOVERS_QUICK = 20, 4

_STREAM, _STREAM_OF_CHANGES = 501, 502


def add_options(parser: ArgumentParser) -> None:
    """Add `--kills`, `--workers`, `--keep`, `--database-url` and `--takeovers`."""
    parser.add_argument("--kills", type=int, metavar="N", help=f"kills at least (default: {KILLS})")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), metavar="N", help="crews at a time")
    parser.add_argument(
        "--database-url", metavar="URL", help="records on a PostgreSQL server, in schemas made there"
    )
    parser.add_argument(
        "--takeovers", type=int, metavar="N", help=f"changes of workers on that server (default: {TAKEOVERS})"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep episodes with a finding")


def measure(given: Namespace) -> dict[str, object]:
    """Play episodes until enough processes were killed; each is drawn by its number alone."""
    import_everything(on_a_server=given.database_url is not None)
    wanted = given.kills if given.kills is not None else KILLS_QUICK if given.quick else KILLS
    played = list[Played]()
    play = partial(_play, seeds=given.seeds, keep=given.keep, server=given.database_url)
    # Forked workers share the imports; each is one thread, so that it may fork in its turn.
    with ProcessPoolExecutor(given.workers, get_context("fork")) as pool:
        while (kills := _kills(played)) < wanted:
            some = range(len(played), len(played) + max(given.workers, (wanted - kills) // LIVES))
            for one in pool.map(play, some):
                played.append(one)
                _tell(len(played), one, _kills(played), wanted)
        changes = _changes(given, pool) if given.database_url else []
    return _sum(played, [one.reckoning for one in changes]) | _sum_changes(changes)


def _changes(given: Namespace, pool: ProcessPoolExecutor) -> list[Takeover]:
    """Let workers take over from each other, every other one from one that is only paused."""
    number = given.takeovers if given.takeovers is not None else TAKEOVERS_QUICK if given.quick else TAKEOVERS
    change = partial(_change, seeds=given.seeds, server=given.database_url)
    changes = list[Takeover]()
    for one in pool.map(change, range(number)):
        changes.append(one)
        how = "paused" if one.paused else "killed"
        sys.stderr.write(f"take-over {len(changes)} of {number}: {how} {one.where}, {one.seconds:.1f} s\n")
        for words in (*one.faults, *_findings(one.reckoning)):
            sys.stderr.write(f"    {words}\n")
    return changes


def _change(number: int, seeds: tuple[int, ...], server: str) -> Takeover:
    rng = np.random.default_rng((seeds[0], _STREAM_OF_CHANGES, number))
    outside = draw_outside(rng, SCENARIOS, seeds)
    with (
        _folder() as folder,
        room_on(server, number) as room,
        housed(outside, _past(outside.seed), folder, asks=False, database=room) as home,
    ):
        return take_over(home, rng, paused=bool(number % 2))


def _play(number: int, seeds: tuple[int, ...], keep: Path | None, server: str | None) -> Played:
    rng = np.random.default_rng((seeds[0], _STREAM, number))
    outside, asks = draw_outside(rng, SCENARIOS, seeds), bool(rng.random() < ASKS)
    with _folder() as folder, room_on(server, number) as room:
        with housed(outside, _past(outside.seed), folder, asks=asks, database=room) as home:
            played = Episode(home, rng).play(LIVES)
        if keep is not None and (_findings(played.reckoning) or played.failed):
            no_socket = shutil.ignore_patterns("door")
            shutil.copytree(folder, keep / str(number), ignore=no_socket, dirs_exist_ok=True)
        return played


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="crash"))
    try:
        yield folder
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


def _sum(played: list[Played], of_changes: list[Reckoning]) -> dict[str, object]:
    deaths = [death for one in played for death in one.deaths]
    sums = [*(one.reckoning for one in played), *of_changes]
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


def _sum_changes(changes: list[Takeover]) -> dict[str, object]:
    if not changes:
        return {}
    seconds = sorted(one.seconds for one in changes)
    return {
        "takeovers": len(changes),
        "takeovers_from_a_paused_worker": sum(one.paused for one in changes),
        "takeover_s_p50": seconds[len(seconds) // 2],
        "takeover_s_max": seconds[-1],
        "takeover_faults": [words for one in changes for words in one.faults],
    }


MEASUREMENT = Measurement(
    words="Kills the crew at drawn points and compares its records with its switch.",
    add_options=add_options,
    measure=measure,
    seeds=range(4),
)
