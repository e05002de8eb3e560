"""Draw the README's picture of the terminal anew: `python -m bench.picture docs/terminal.svg`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from console.compose import on_duty
from console.settings import Settings
from console.terminal.live import snapshot_svg
from console.worlds import Feed, switchboard_path
from graph.report import CycleReport
from simulator.traffic.source import TrafficSource

SCENARIO, SEED, CYCLES = "psp_outage", 7, 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one episode in a folder of its own and write what a person would see at its end."""
    parser = argparse.ArgumentParser(prog="python -m bench.picture", description=__doc__)
    parser.add_argument("file", type=Path, help="where the SVG goes")
    file: Path = parser.parse_args(arguments).file
    with TemporaryDirectory() as folder:
        reports = list(_reports(Settings(state_dir=Path(folder))))
    file.write_text(snapshot_svg(reports, f"simulator {SCENARIO}, seed {SEED}"), encoding="utf-8")
    sys.stdout.write(f"{file}: cycle {reports[-1].cycle}, {reports[-1].diagnosis}\n")
    return 0


def _reports(settings: Settings) -> Iterator[CycleReport]:
    # A fixed name in place of a drawn one gives the same incident id, and so the same picture, each time.
    name = f"simulator:{SCENARIO}:{SEED}:picture"
    switches = switchboard_path(name, settings)
    switches.parent.mkdir(parents=True)
    world = TrafficSource(SCENARIO, SEED, switches, feed=name)
    with on_duty(Feed(world, world, world), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        while duty.cycles < CYCLES and (report := duty.cycle()) is not None:
            yield report


if __name__ == "__main__":
    sys.exit(main())
