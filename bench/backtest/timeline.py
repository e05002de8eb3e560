"""The timeline of a replay as a picture: success rate and attempts, with alarms and known incidents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.backtest.findings import Alarm, Found
from bench.backtest.replay import Replayed
from payments.quantity import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 600
"""More ticks are added up to about so many points, so that the lines stay readable."""
SEGMENTS_DRAWN = 4
INK, ALARM, KNOWN = "#1f2933", "#c0392b", "#f5b041"
COLOURS = ("#2471a3", "#117a65", "#7d3c98", "#a04000")


def draw(replayed: Replayed, alarms: Sequence[Alarm], found: Sequence[Found], file: Path) -> None:
    """Write a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    rate, volume = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _rates(rate, replayed, found)
    _volume(volume, replayed)
    for axes in (rate, volume):
        _mark(axes, replayed, alarms, found)
        axes.grid(visible=True, alpha=0.25)
        axes.margins(x=0.01)
    _number(rate, alarms)
    handles, names = rate.get_legend_handles_labels()
    volume.xaxis_date()
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle(_title(replayed, alarms, found))
    figure.savefig(file, dpi=110)


def _title(replayed: Replayed, alarms: Sequence[Alarm], found: Sequence[Found]) -> str:
    hit = sum(one.outcome == "alarmed" for one in found)
    known = f", {hit} of {len(found)} known incidents found" if found else ""
    return f"{len(alarms)} alarms in {replayed.days_watched:.1f} days{known}"


def _rates(axes: "Axes", replayed: Replayed, found: Sequence[Found]) -> None:
    moments = replayed.moments
    starts = [moment.start for moment in moments]
    attempts, successes = [moment.attempts for moment in moments], [moment.successes for moment in moments]
    axes.plot(
        *_shares(starts, successes, attempts), color=INK, lw=1.4, drawstyle="steps-post", label="all payments"
    )
    for place, (one, colour) in enumerate(zip(found[:SEGMENTS_DRAWN], COLOURS, strict=False)):
        tallies = [moment.labelled[place] for moment in moments]
        good = [tally.attempts - tally.failures - tally.pending for tally in tallies]
        expected = [tally.attempts - tally.expected_failures - tally.expected_pending for tally in tallies]
        tried = [tally.attempts for tally in tallies]
        axes.plot(
            *_shares(starts, good, tried),
            color=colour,
            lw=1.2,
            drawstyle="steps-post",
            label=f"{one.segment}",
        )
        axes.plot(
            *_shares(starts, expected, tried),
            color=colour,
            lw=1,
            ls=":",
            drawstyle="steps-post",
            label="expected of it",
        )
    axes.set_ylabel("success rate")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")


def _volume(axes: "Axes", replayed: Replayed) -> None:
    starts = [moment.start for moment in replayed.moments]
    times, attempts = binned(starts, [moment.attempts for moment in replayed.moments])
    _, ticks = binned(starts, [1] * len(starts))
    axes.step(times, attempts / ticks, where="post", color=INK, lw=1.2)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("attempts per tick")


def _mark(axes: "Axes", replayed: Replayed, alarms: Sequence[Alarm], found: Sequence[Found]) -> None:
    moments = replayed.moments
    first, last = moments[0].start, moments[-1].end
    if replayed.learned:
        learned = _days(moments[replayed.learned - 1].end)
        axes.axvspan(_days(first), learned, color="0.9", zorder=0, label="learned")
    for place, one in enumerate(found):
        label = "known incident" if place == 0 else None
        span = (max(one.start, first), min(one.end, last))
        if span[0] < span[1]:
            axes.axvspan(_days(span[0]), _days(span[1]), color=KNOWN, alpha=0.3, zorder=0, label=label)
    for place, alarm in enumerate(alarms):
        axes.axvline(_days(alarm.at), color=ALARM, lw=1.2, label="alarm" if place == 0 else None)


def _number(axes: "Axes", alarms: Sequence[Alarm]) -> None:
    """Write the id of each alarm above its line."""
    for alarm in alarms:
        axes.annotate(
            alarm.id,
            (_days(alarm.at), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=ALARM,
            fontsize=9,
        )


def _days(moment: datetime) -> float:
    """Give days since 1970, as the axis of time counts them."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86_400.0


def _shares(
    starts: Sequence[datetime], part: Sequence[float], whole: Sequence[float]
) -> tuple[Floats, Floats]:
    times, parts = binned(starts, part)
    _, wholes = binned(starts, whole)
    return times, np.divide(parts, wholes, out=np.full_like(parts, np.nan), where=wholes > 0)


def binned(starts: Sequence[datetime], values: Sequence[float]) -> tuple[Floats, Floats]:
    """Add neighbours up until there are at most MOST_POINTS; the times, in days, are of the first of each."""
    size = -(-len(starts) // MOST_POINTS)
    firsts = np.arange(0, len(starts), size)
    times = np.array([_days(start) for start in starts[::size]])
    return times, np.add.reduceat(np.asarray(values, dtype=np.float64), firsts)
