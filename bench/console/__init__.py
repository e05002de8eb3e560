"""What the console weighs, how soon it shows what happens, and what many open pages cost the crew."""

import argparse

from bench.console.endurance import endure
from bench.console.first_view import view
from bench.console.news import seen_after_ms
from bench.options import Measurement


def measure(given: argparse.Namespace) -> dict[str, object]:
    """View a page, wait for incidents on it, then live through a day with pages open and closed by turns."""
    return {
        **view(given.seeds[0], times=3 if given.quick else 9),
        **seen_after_ms(given.seeds),
        **endure(given.seeds[0], hours=2.0 if given.quick else 24.0),
    }


MEASUREMENT = Measurement(
    words="Serves the console in a process of its own beside a crew at work: bytes and milliseconds of the "
    "first view in chromium, milliseconds from the end of a cycle until a page has its incident, and cycle "
    "times and the server's memory over simulated hours with 50 pages open and closed by turns.",
    measure=measure,
    seeds=range(5),
)
