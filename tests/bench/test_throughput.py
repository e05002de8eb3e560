"""What the measurement of speed and memory loads and counts; speed itself is never tested."""

from bench.detection.fleet_run import watched_segments
from bench.detection.throughput import leaves_watched_as
from bench.detection.throughput_load import load, wide_fleet


def test_leaves_are_chosen_so_that_roll_ups_fill_the_number() -> None:
    leaves = leaves_watched_as(600)
    assert watched_segments(wide_fleet(leaves)) >= 600 > watched_segments(wide_fleet(leaves - 6))


def test_the_load_fills_the_ring_and_observes() -> None:
    told = load(leaves=20, observed=3)
    assert told["leaves"] == 20
    assert told["watched"] == watched_segments(wide_fleet(20))
    assert told["ticks"] == 123
    assert isinstance(told["peak_rss_mb"], float)
    assert told["peak_rss_mb"] > 10.0
