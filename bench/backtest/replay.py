"""A file replayed through the monitor: what it alarmed, and what each tick looked like."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench.backtest.labels import Label
from bench.backtest.watch import Followed, Lookout
from console.compose import senses_of
from console.settings import Settings
from console.worlds import open_replay
from graph.services import Senses
from payments.errors import BadFile
from payments.tally import Tally
from payments.window import Cells, Window

TOLD_EVERY = 1_000
"""Ticks between two lines of progress."""


@dataclass(frozen=True)
class Recording:
    """An open file, to be replayed once."""

    senses: Senses
    window_s: float
    cells: Cells
    notes: tuple[str, ...]
    """What became of the file's rows."""

    @staticmethod
    def open(file: Path, mapping: str | None, settings: Settings) -> "Recording":
        """Open a file as `run.py watch` does, with the same monitor.

        Raises:
            BadFile: the file cannot be read.
            BadMapping: the mapping does not fit it.
        """
        feed, source = open_replay(file, mapping, None, settings)
        senses, _ = senses_of(feed, settings)
        problems = [str(problem) for problem in source.report.problems]
        notes = (source.report.sentence(), *source.report.notes, *problems)
        return Recording(senses, max(settings.aggregation_window_sec, source.tick_s), source.cells, notes)

    @property
    def tick_s(self) -> float:
        """Length of a tick in seconds."""
        return self.senses.source.tick_s

    def windows(self) -> Iterator[Window]:
        """Read to the end."""
        while (window := self.senses.source.read()) is not None:
            yield window


@dataclass(frozen=True)
class Moment:
    """One tick in figures."""

    start: datetime
    end: datetime
    watched: bool
    """False while the baseline is learned."""
    attempts: int
    successes: int
    labelled: tuple[Tally, ...]
    """Counts in the segment of each label, with what was expected of them then."""


@dataclass(frozen=True)
class Replayed:
    """What a replay came to."""

    tick_s: float
    moments: tuple[Moment, ...]
    followed: tuple[Followed, ...]
    notes: tuple[str, ...]
    """What the monitor noted of its input, such as missing increments."""

    @property
    def learned(self) -> int:
        """Ticks at the start that were learned and not judged."""
        return sum(not moment.watched for moment in self.moments)

    @property
    def days_watched(self) -> float:
        """Days of ticks that were judged; those that the file leaves out do not count."""
        return (len(self.moments) - self.learned) * self.tick_s / 86_400.0


def replay(recording: Recording, labels: Sequence[Label], learn_hours: float) -> Replayed:
    """Learn the first hours, then watch to the end.

    Raises:
        BadFile: the file ends before there is anything to watch.
    """
    monitor = recording.senses.monitor
    lookout = Lookout(monitor, recording.window_s, recording.tick_s)
    moments: list[Moment] = []
    notes: list[str] = []
    for window in recording.windows():
        first = moments[0].start if moments else window.start
        watched = window.start >= first + timedelta(hours=learn_hours)
        if watched:
            notes += lookout.look(window).notes
        else:
            monitor.learn(window)
        moments.append(
            Moment(
                start=window.start,
                end=window.end,
                watched=watched,
                attempts=int(window.attempts.sum()),
                successes=int(window.successes.sum()),
                labelled=tuple(monitor.tally(label.segment, window.start) for label in labels),
            )
        )
        _tell(moments, lookout.followed)
    _refuse_unwatched(moments, learn_hours)
    return Replayed(recording.tick_s, tuple(moments), tuple(lookout.followed), tuple(notes))


def _refuse_unwatched(moments: Sequence[Moment], learn_hours: float) -> None:
    if not any(moment.watched for moment in moments):
        hours = (moments[-1].end - moments[0].start).total_seconds() / 3600.0 if moments else 0.0
        raise BadFile(
            f"The file spans {hours:g} hours and all of them are learned: nothing is left to watch. "
            f"Give --learn-hours less than {learn_hours:g}."
        )


def _tell(moments: Sequence[Moment], followed: Sequence[Followed]) -> None:
    if len(moments) % TOLD_EVERY == 0:
        at = f"{moments[-1].end:%Y-%m-%d %H:%M}"
        sys.stderr.write(f"{len(moments):,} ticks, up to {at}: {len(followed)} alarms\n")
