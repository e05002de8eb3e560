"""What the command line of every measurement says."""

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How much to measure, and on which seeds."""

    seeds: tuple[int, ...]
    quick: bool


def seeds_of(text: str) -> range:
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
    return seeds
