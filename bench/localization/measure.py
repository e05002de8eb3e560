"""Runs every method over every set, and lays the figures side by side."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.localization.adtributor import adtributor
from bench.localization.folders import INDEX, DataSet, read_sets
from bench.localization.generate import ALL_LAYERS, SMALL_NOISE_LEAVES, generate
from bench.localization.generate_ratio import generate_ratio
from bench.localization.method import Method
from bench.localization.payops import payops
from bench.localization.riskloc import riskloc
from bench.localization.score import Hits, Labelled, alike, among_first, exact
from bench.localization.speed import measure_speed
from bench.options import Measurement

TOP = 5
OURS = "payops"
QUICK = 10
"""Instances of each set when time is short."""

METHODS: Mapping[str, Method] = {OURS: payops, "riskloc": riskloc, "adtributor": adtributor}

RECIPES: Mapping[str, Callable[[int], Labelled]] = {
    "ratios": generate_ratio,
    "amounts": partial(generate, ALL_LAYERS),
    "leaves": partial(generate, SMALL_NOISE_LEAVES),
}
"""What can be drawn by a seed, for choosing settings without the published sets."""


@dataclass(frozen=True)
class Run:
    """What one method said of one instance."""

    exact: Hits
    alike: Hits
    first: bool
    first_five: bool
    ms: float


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Run all methods on every set below the folder, or on instances drawn by the seeds."""
    found = read_sets(given.data, given.format) if given.data else (_drawn(given.draw, given.seeds),)
    rows = [row for data in found for row in _rows(data, QUICK if given.quick else None)]
    return {"sets": rows, "speed": measure_speed()}


def run(method: Method, labelled: Labelled) -> Run:
    """Time a method on one instance in milliseconds of this process, and judge its answers."""
    start = time.process_time()
    answers = method(labelled.instance, TOP)
    ms = 1e3 * (time.process_time() - start)
    best = answers[0] if answers else frozenset()
    return Run(
        exact=exact(best, labelled.causes),
        alike=alike(best, labelled.causes, labelled.instance),
        first=among_first(answers, labelled.causes, 1),
        first_five=among_first(answers, labelled.causes, TOP),
        ms=ms,
    )


def _drawn(recipe: str, seeds: Sequence[int]) -> DataSet:
    return DataSet(f"drawn {recipe}", "drawn", tuple(RECIPES[recipe](seed) for seed in seeds))


def _rows(data: DataSet, most: int | None) -> Iterable[dict[str, object]]:
    ours = None
    for name, method in METHODS.items():
        sys.stderr.write(f"{data.name}: {name} on {len(data.instances[:most])} instances\n")
        runs = [run(method, labelled) for labelled in data.instances[:most]]
        times = [one.ms for one in runs]
        ours = ours or float(np.median(times))
        yield {
            "name": data.name,
            "method": name,
            "instances": len(runs),
            "exact_f1": sum((one.exact for one in runs), Hits()).f1,
            "jaccard90_f1": sum((one.alike for one in runs), Hits()).f1,
            "top1": float(np.mean([one.first for one in runs])),
            f"top{TOP}": float(np.mean([one.first_five for one in runs])),
            "ms_median": float(np.median(times)),
            "ms_p95": float(np.percentile(times, 95)),
            "times_ours": float(np.median(times)) / max(ours, 1e-9),
        }


def show(result: Mapping[str, object]) -> str:
    """Lay the sets out as a table, and the speed below."""
    rows = result["sets"]
    assert isinstance(rows, list)  # noqa: S101 - made above
    names = list(rows[0]) if rows else []
    lines = ["  ".join(f"{name:>12}" for name in names)]
    lines += ["  ".join(f"{_word(row[name]):>12}" for name in names) for row in rows]
    return "\n".join(lines) + f"\nspeed: {result['speed']}\n"


def _word(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _add_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, metavar="DIR", help="folder of one set, or of several")
    what.add_argument("--draw", choices=tuple(RECIPES), help="draw instances of a recipe by the seeds")
    parser.add_argument(
        "--format", choices=sorted(INDEX), help="form of the sets; told by their index files if not given"
    )


MEASUREMENT = Measurement(
    words="Name the culprits of published root-cause instances, with one setting for all sets: exact-set F1, "
    "top k and process time, beside published methods. An answer of rank 1 to k hits when it names the "
    "whole set of causes and nothing else.",
    measure=measure,
    add_options=_add_options,
    show=show,
)
