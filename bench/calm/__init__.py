"""Days on which nothing must be done, with the crew in autopilot: what it does all the same, and the harm."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from bench.calm.day import Day, live, plans
from bench.options import Measurement

_DAYS_A_WEEK = 7.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the length of an increment and the number of processes."""
    parser.add_argument(
        "--tick", type=float, default=30.0, metavar="SECONDS", help="length of an increment (default: 30)"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Live one day a seed: every other one quiet, the others with one trap at some hour."""
    hours = 3.0 if given.quick else 24.0
    one = partial(live, tick_s=given.tick, hours=hours)
    return summarise(list(_told(_each(one, plans(given.seeds), given.jobs))), hours)


def summarise(days: Sequence[Day], hours: float) -> dict[str, object]:
    """Add up the days; an action is harmful when fewer payments succeeded than without the crew."""
    lived = len(days) * hours / 24.0
    actions = sum(day.actions for day in days)
    return {
        "days": lived,
        "episodes": dict(sorted(Counter(day.scenario for day in days).items())),
        "payments": sum(day.payments for day in days),
        "incidents": sum(day.incidents for day in days),
        "questions": sum(day.questions for day in days),
        "alerts_sent": sum(day.alerts for day in days),
        "actions": actions,
        "actions_per_week": actions / lived * _DAYS_A_WEEK,
        "harmful_actions": sum(day.actions for day in days if day.payments_lost > 0),
        "payments_lost": sum(max(0, day.payments_lost) for day in days),
        "acted": [day.words for day in days if day.actions],
    }


def _each(one: "partial[Day]", tasks: Sequence[tuple[int, str]], jobs: int) -> Iterator[Day]:
    if jobs == 1:
        yield from map(one, tasks)
        return
    with ProcessPoolExecutor(jobs) as processes:
        yield from processes.map(one, tasks)


def _told(days: Iterable[Day]) -> Iterator[Day]:
    for number, day in enumerate(days, start=1):
        sys.stderr.write(f"day {number}: {day.words}\n")
        yield day


MEASUREMENT = Measurement(
    words="Lives days of quiet traffic and of traps, the whole crew in autopilot, one day a seed.",
    measure=measure,
    add_options=add_options,
    seeds=range(100),
)
