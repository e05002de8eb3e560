"""Replays a file of real payments through the monitor: what it would have alarmed, when, and why."""

import argparse
import math
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from bench.backtest.findings import Alarm, Found, alarms_of, found_of
from bench.backtest.labels import read_labels
from bench.backtest.replay import Recording, replay
from bench.backtest.timeline import draw
from bench.options import Measurement, beside
from console.settings import load_settings
from payments.segment import Segment

LEARN_HOURS = 24.0


def add_options(parser: ArgumentParser) -> None:
    """Add the file, its mapping, the known incidents and how much is learned."""
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, JSON lines or Parquet")
    parser.add_argument(
        "--map", dest="mapping", metavar="MAP", help="which column is what, as for `run.py watch --map`"
    )
    parser.add_argument(
        "--incidents", type=Path, metavar="LABELS.csv", help="known incidents: id,start,end,segment"
    )
    parser.add_argument(
        "--learn-hours",
        type=hours_of,
        default=LEARN_HOURS,
        metavar="H",
        help=f"hours at the start that are learned as normal and not judged (default: {LEARN_HOURS:g})",
    )


def hours_of(text: str) -> float:
    """Read a number of hours.

    Raises:
        argparse.ArgumentTypeError: it is no number from 0 to ten years.
    """
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0.0 <= hours <= 87_600.0:  # noqa: PLR2004 - told in the message
        msg = f"{text!r} is no number of hours from 0 to 87600"
        raise argparse.ArgumentTypeError(msg)
    return hours


def measure(given: Namespace) -> dict[str, object]:
    """Replay the file; the seeds play no part."""
    settings = load_settings()
    recording = Recording.open(given.file, given.mapping, settings)
    sys.stderr.write("".join(f"{note}\n" for note in recording.notes))
    labels = read_labels(given.incidents, recording.cells) if given.incidents else ()
    replayed = replay(recording, labels, given.learn_hours)
    found = found_of(replayed, labels)
    alarms = alarms_of(replayed, found)
    picture = beside(given, "png")
    if picture is not None:
        draw(replayed, alarms, found, picture)
    return {
        "file": given.file.name,
        "tick_s": replayed.tick_s,
        "ticks": len(replayed.moments),
        "ticks_learned": replayed.learned,
        "false_alarms_per_week_allowed": settings.false_alarms_per_week,
        "alarms": [plain(alarm) for alarm in alarms],
        "alarms_per_day": len(alarms) / replayed.days_watched,
        "labelled": [plain(one) for one in found],
        "notes": list(replayed.notes),
    }


def plain(row: Alarm | Found) -> dict[str, object]:
    """Give a row as JSON values: segments as objects, times as ISO 8601."""
    return {name: _plain(value) for name, value in vars(row).items()}


def _plain(value: object) -> object:
    if isinstance(value, Segment):
        return value.root
    return value.isoformat() if isinstance(value, datetime) else value


def show(result: Mapping[str, object]) -> str:
    """Say it for people: each alarm with its reason, then each known incident."""
    alarms, labelled = (cast("list[dict[str, object]]", result[name]) for name in ("alarms", "labelled"))
    learned, rate = f"{result['ticks_learned']} learned", f"{result['alarms_per_day']:.2f} a day"
    lines = [
        f"{result['ticks']} ticks of {result['tick_s']:g} s, {learned}; alarms: {len(alarms)}, {rate}",
        *(f"alarm {alarm['id']} at {alarm['at']}: {alarm['why']}" for alarm in alarms),
        *(f"known incident {one['id']}: {_told(one)}" for one in labelled),
    ]
    return "".join(f"{line}\n" for line in lines)


def _told(one: Mapping[str, object]) -> str:
    delay = "" if one["delay_ticks"] is None else f" in its tick {one['delay_ticks']}"
    return f"{one['outcome']}{delay}, {one['payments_lost']:.0f} payments lost until then; {one['why']}"


MEASUREMENT = Measurement(
    words="Learns the start of a file, watches the rest with the crew's monitor, and reports each alarm.",
    measure=measure,
    add_options=add_options,
    seeds=range(1),
    show=show,
)
