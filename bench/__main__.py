"""Measurements as commands: progress goes to standard error, a table to standard output, JSON to a file."""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.options import Measurement, add_common_options
from bench.result import stamped
from payments.errors import PayOpsError

MEASUREMENTS: Mapping[str, str] = {
    "backtest": "replay a file of real payments: alarms a day, delay and payments lost per incident",
    "calm": "days of quiet and of traps: what the crew does where nothing must be done",
    "cases": "policies in the case environment against the exact optimum",
    "crew": "what the crew is worth: payments saved and harm done, against an oracle and others",
    "console": "weight and speed of the console's pages, and what 50 open ones cost the crew",
    "cycle": "what one cycle of the crew costs, quiet and with an incident",
    "crash": "kills the crew at drawn points: actions doubled or lost, decisions and incidents lost",
    "detection": "delay of the monitor and its peers against the exact limit, at the same false alarms",
    "diagnosis": "cause, culprit and confidence on simulated incidents of all signatures",
    "environment": "speed of the case environment, in process and over WebSocket",
    "ingest": "embedded ClickHouse: rows a second into it, and the query of a tick over ten million payments",
    "llm": "a language model beside the engine: its vote, its cost, and 200 attacks through it",
    "memory": "how well similar incidents are found, and what the crew gains by its lessons",
    "localization": "culprits on published root-cause sets, with peers",
}
"""Each is imported only when it is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measurement; exit code 0, or 2 for what the caller can put right."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        given = _parse(words)
        _prepare(given.json)
        measurement: Measurement = given.measurement
        result = stamped(lambda: measurement.measure(given), given.seeds)
    except (PayOpsError, ModuleNotFoundError) as error:
        sys.stderr.write(f"{_explain(error)}\n")
        return 2
    text = json.dumps(result, indent=2) + "\n"
    if given.json not in {None, "-"}:
        Path(given.json).write_text(text, encoding="utf-8")
    measurement.also(given, result)
    sys.stdout.write(text if given.json == "-" else measurement.show(result))
    return 0


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the crew.")
    commands = parser.add_subparsers(metavar="NAME", required=True)
    for name, about in MEASUREMENTS.items():
        command = commands.add_parser(name, help=about)
        if name in words[:1]:
            measurement: Measurement = importlib.import_module(f"bench.{name}").MEASUREMENT
            command.description = measurement.words
            measurement.add_options(command)
            add_common_options(command, measurement.seeds)
            command.set_defaults(measurement=measurement)
    return parser.parse_args(words)


def _prepare(json_file: str | None) -> None:
    """Make the folder of the result, so that nothing is lost after an hour of measuring."""
    if json_file not in {None, "-"}:
        Path(str(json_file)).parent.mkdir(parents=True, exist_ok=True)


def _explain(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"the Python package {error.name!r} is missing; `make venv` installs it"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
