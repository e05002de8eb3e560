"""What the crew is worth: of the payments that could have been saved, how many it saved, and its harm."""

import argparse
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.crew import table
from bench.crew.kept import Kept
from bench.crew.play.large import time_large_episode
from bench.crew.play.playing import Script, play_all
from bench.crew.played import CREW, NOTHING, ORACLE, Played, Results
from bench.crew.policies.choosing import fit
from bench.crew.policies.making import NAMES
from bench.crew.policies.remedies import KEPT
from bench.crew.progress import told
from bench.crew.report.facts import Facts
from bench.crew.report.page import page
from bench.crew.worth.summary import summarise
from bench.options import Measurement, beside
from bench.result import ROOT
from bench.result import table as lines
from simulator.traffic.episodes import KINDS

POLICIES = (*NAMES, *CREW)
"""All that are compared, in the order in which they are told."""
_NEEDED = frozenset({NOTHING, ORACLE})
"""Without these nothing can be said of the others."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which policies play what, and where the report goes."""
    parser.add_argument(
        "--policies",
        nargs="+",
        choices=POLICIES,
        default=list(POLICIES),
        metavar="NAME",
        help=f"of {', '.join(POLICIES)}; the first two are always played (default: all)",
    )
    parser.add_argument(
        "--scenario",
        type=Path,
        metavar="FILE",
        help="play this scenario (YAML) with each seed, not drawn ones",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report that stands alone")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="take what the same code has played from beside the JSON file"
    )
    parser.add_argument(
        "--fit-oracle",
        action="store_true",
        help="do not measure: choose the oracle's actions on these seeds and keep them",
    )
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="do not measure: write the README's table from this result"
    )


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Play every episode under every policy and compare them; or only what is asked for."""
    if given.table is not None:
        table.write(Facts.read(given.table), ROOT / "README.md")
        return {"table": str(given.table)}
    if given.fit_oracle:
        return _fit(given)
    policies = [name for name in POLICIES if name in _NEEDED | set(given.policies)]
    large = None if given.quick else _large(given.seeds[0])
    results = Results.gathered(_played(given, policies), policies)
    seconds = None if large is None else large["cpu_s"]
    return summarise(results) | {"large_episode": large, "seconds_per_episode": seconds}


def _large(seed: int) -> dict[str, object]:
    """Time the large episode in a process of its own: this one must stay fit to be forked."""
    with ProcessPoolExecutor(1) as alone:
        return alone.submit(time_large_episode, seed).result()


def _fit(given: argparse.Namespace) -> dict[str, object]:
    chosen = fit(given.seeds, given.jobs)
    KEPT.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")
    return {"oracle": chosen}


def _played(given: argparse.Namespace, policies: Sequence[str]) -> Iterator[Played]:
    """Give every episode: those kept first, then the others as they end; each of these is kept at once."""
    script = Script(given.scenario)
    seeds = given.seeds[: len(KINDS)] if given.quick else given.seeds
    tasks = script.tasks(seeds, policies)
    kept = Kept(beside(given, "episodes.jsonl"), script.digest)
    kept.begin(resume=given.resume)
    before = kept.played()
    rest = [task for task in tasks if task not in before]
    yield from (before[task] for task in tasks if task in before)
    fresh = play_all(script, rest, given.jobs)
    for one in told(fresh, len(tasks), _words, len(tasks) - len(rest)):
        kept.add(one)
        yield one


def _words(one: Played) -> str:
    return f"{one.kind}, seed {one.task.seed}, {one.task.policy}{', quiet' if one.task.quiet else ''}"


def report(given: argparse.Namespace, result: Mapping[str, object]) -> None:
    """Write the page, where one is asked for."""
    if given.html is not None and "policies" in result:
        given.html.write_text(page(_facts(result)), encoding="utf-8")


def show(result: Mapping[str, object]) -> str:
    """Lay the policies out for a terminal."""
    return table.plain(_facts(result)) if "policies" in result else lines(result)


def _facts(result: Mapping[str, object]) -> Facts:
    return Facts.model_validate_json(json.dumps(result))


MEASUREMENT = Measurement(
    words="Plays simulated incidents under the crew and other policies, and compares what each saved.",
    measure=measure,
    add_options=add_options,
    seeds=range(10_000, 10_200),
    show=show,
    also=report,
)
