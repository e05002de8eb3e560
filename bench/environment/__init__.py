"""`python -m bench environment`: how fast the case environment is, and what it takes from hostile clients."""

import argparse
import os
import statistics

from bench.environment import inside, load
from bench.environment.process import Server, serving
from bench.options import Measurement

ROUNDS, ROUNDS_QUICK = 5, 2
SECONDS, SECONDS_QUICK = 3.0, 1.0
STEPS, STEPS_QUICK = 40_000, 10_000
SERVER, ECHO = "simulator.cases.server.app", "bench.environment.echo"


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Measure in process and over WebSocket, each round beside the echo; or send hostile messages."""
    if given.fuzz:
        from bench.environment.hostile import fuzz

        with serving(SERVER) as server:
            return fuzz(server, given.fuzz, given.seeds[0])
    inside.steps(STEPS_QUICK)  # the first episodes build what later ones share
    steps = inside.steps(STEPS_QUICK if given.quick else STEPS)
    resets = inside.resets(given.seeds)
    with serving(SERVER) as server, serving(ECHO) as floor:
        ones = _rounds(server, floor, 1, quick=given.quick)
        eights = _rounds(server, floor, 8, quick=given.quick)
    return {**steps, **resets, **ones, **eights, "processors": os.cpu_count()}


def _rounds(server: Server, floor: Server, sessions: int, *, quick: bool) -> dict[str, float]:
    """Measure server and echo in turn, so that a busy machine slows both; give medians."""
    seconds = SECONDS_QUICK if quick else SECONDS
    played, echoed = [], []
    for _ in range(ROUNDS_QUICK if quick else ROUNDS):
        rate, told = load.play(server, sessions, seconds)
        played.append(rate)
        echoed.append(load.echo(floor, sessions, seconds, told))
    pairs = list(zip(played, echoed, strict=True))
    figures = {
        f"ws{sessions}_steps_s": [ours.per_s for ours in played],
        f"echo{sessions}_s": [theirs.per_s for theirs in echoed],
        f"ratio{sessions}": [ours.per_s / theirs.per_s for ours, theirs in pairs],
        f"ratio{sessions}_cpu": [theirs.cpu_us / ours.cpu_us for ours, theirs in pairs],
        f"ratio{sessions}_with_resets": [ours.per_s_with_resets / theirs.per_s for ours, theirs in pairs],
        f"ws{sessions}_steps_s_with_resets": [ours.per_s_with_resets for ours in played],
        f"ws{sessions}_cpu_us": [ours.cpu_us for ours in played],
        f"ws{sessions}_cpu_us_with_resets": [ours.cpu_us_with_resets for ours in played],
        f"echo{sessions}_cpu_us": [theirs.cpu_us for theirs in echoed],
        f"ws{sessions}_client_cpu_us": [ours.client_cpu_us for ours in played],
        f"echo{sessions}_client_cpu_us": [theirs.client_cpu_us for theirs in echoed],
    }
    return {name: statistics.median(values) for name, values in figures.items()}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--fuzz`."""
    parser.add_argument(
        "--fuzz", type=int, metavar="N", help="send N hostile messages instead and count what came back"
    )


MEASUREMENT = Measurement(
    words="Steps a second in process and over one and eight WebSockets, beside a bare FastAPI echo of the "
    "same bytes; milliseconds a reset. In process counts processor time, WebSockets the clock.",
    add_options=add_options,
    measure=measure,
)
