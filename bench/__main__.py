"""Measurements as commands: progress goes to standard error, a table to standard output, JSON to a file."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import cycle
from bench.options import Options, seeds_of
from bench.result import stamped, table

MEASUREMENTS: Mapping[str, Callable[[Options], dict[str, object]]] = {"cycle": cycle.measure}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measurement; exit code 0, or 2 for a bad command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the crew.")
    parser.add_argument("name", choices=sorted(MEASUREMENTS), help="what to measure")
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write every number here; without FILE to standard output, in place of the table",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--seeds", type=seeds_of, default=range(3), metavar="A-B", help="seeds, both ends included"
    )
    given = parser.parse_args(arguments)
    options = Options(seeds=tuple(given.seeds), quick=given.quick)
    result = stamped(lambda: MEASUREMENTS[given.name](options), options)
    text = json.dumps(result, indent=2) + "\n"
    if given.json not in {None, "-"}:
        Path(given.json).write_text(text, encoding="utf-8")
    sys.stdout.write(text if given.json == "-" else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
