"""How fast the monitor finds a change, against the exact limit, its peers and the clock."""

from argparse import Namespace

from bench.detection import fleet, throughput
from bench.options import Measurement, beside


def measure(given: Namespace) -> dict[str, object]:
    """Measure delays on single streams, a simulated fleet, and speed."""
    # The throughput's own process imports this package and reports its memory: no river or plots there.
    from bench.detection.delays import measure_delays
    from bench.detection.plot import draw_delays

    delays = measure_delays(given)
    picture = beside(given, "png")
    if picture is not None:
        draw_delays(delays, picture)
    return {
        "delays": delays,
        "fleet": fleet.measure_fleet(given),
        "throughput": throughput.measure_throughput(given),
    }


MEASUREMENT = Measurement(
    words="Delay of the monitor and its peers against the exact limit; false alarms of a fleet; speed.",
    measure=measure,
    seeds=range(3, 6),
)
