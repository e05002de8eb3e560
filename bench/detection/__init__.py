"""How fast the monitor finds a change, against the exact limit, its peers and the clock."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping

from bench.detection import fleet, throughput
from bench.options import Measurement, beside


def add_options(parser: ArgumentParser) -> None:
    """Add which parts to measure, and whether to go on from the weeks that were watched before."""
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="default: all")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="take weeks of the fleet that the same code finished from beside the JSON file",
    )


def measure(given: Namespace) -> dict[str, object]:
    """Measure delays on single streams, a simulated fleet, and speed; or some of them."""
    return {part: PARTS[part](given) for part in given.parts}


def _delays(given: Namespace) -> object:
    # The throughput's own process imports this package and reports its memory: no river or plots there.
    from bench.detection.delays import measure_delays
    from bench.detection.plot import draw_delays

    delays = measure_delays(given)
    picture = beside(given, "png")
    if picture is not None:
        draw_delays(delays, picture)
    return delays


def _frontier(_: Namespace) -> object:
    from bench.detection.frontier import measure_frontier

    return measure_frontier()


PARTS: Mapping[str, Callable[[Namespace], object]] = {
    "delays": _delays,
    "frontier": _frontier,
    "fleet": fleet.measure_fleet,
    "throughput": throughput.measure_throughput,
}

MEASUREMENT = Measurement(
    words="Delay of the monitor and its peers against the exact limit; false alarms of a fleet; speed.",
    measure=measure,
    add_options=add_options,
    seeds=range(20, 28),
)
