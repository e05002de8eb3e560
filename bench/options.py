"""What a measurement is, and what the command line of every one says."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.result import table


def _nothing_more(_given: argparse.Namespace, _result: Mapping[str, object]) -> None:
    """Do nothing: the result is told and written as it is."""


def _no_options(_: argparse.ArgumentParser) -> None:
    """Add nothing: the common options are enough."""


@dataclass(frozen=True)
class Measurement:
    """One command of `python -m bench`; the module `bench.NAME` has it as `MEASUREMENT`."""

    words: str
    """What it measures and how, for its own `--help`."""
    measure: Callable[[argparse.Namespace], dict[str, object]]
    """Gives plain JSON values. Progress goes to standard error."""
    add_options: Callable[[argparse.ArgumentParser], None] = _no_options
    seeds: range = range(3)
    """Seeds when none are given."""
    show: Callable[[Mapping[str, object]], str] = table
    """The result as people read it."""
    also: Callable[[argparse.Namespace, Mapping[str, object]], None] = _nothing_more
    """What is made of the whole result besides, such as a report."""


def add_common_options(parser: argparse.ArgumentParser, seeds: range) -> None:
    """Add `--json`, `--quick` and `--seeds`."""
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write every number here; without FILE to standard output, in place of the table",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--seeds",
        type=seeds_of,
        default=tuple(seeds),
        metavar="A-B",
        help=f"seeds, both ends included (default: {seeds.start}-{seeds.stop - 1})",
    )


def seeds_of(text: str) -> tuple[int, ...]:
    """Read `A-B` or `A`; both ends are included.

    Raises:
        argparse.ArgumentTypeError: it is neither.
    """
    first, _, last = text.partition("-")
    try:
        seeds = range(int(first), int(last or first) + 1)
    except ValueError:
        seeds = range(0)
    if not seeds:
        msg = f"{text!r} is not A-B with A <= B, such as 0-9"
        raise argparse.ArgumentTypeError(msg)
    return tuple(seeds)


def beside(given: argparse.Namespace, suffix: str) -> Path | None:
    """Give the path of a plot beside the JSON file, or None when no file was asked for.

    >>> beside(argparse.Namespace(json="out/detection.json"), "png").as_posix()
    'out/detection.png'
    """
    return None if given.json in {None, "-"} else Path(given.json).with_suffix(f".{suffix}")
