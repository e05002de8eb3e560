"""Who hears how the crew works: metrics where a port is given, traces and a log where settings ask."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from typing import TYPE_CHECKING

from console.outside import now
from console.settings import Settings
from console.terminal.clean import one_line
from console.worlds import Feed
from graph.report import CycleReport
from tools.ports import UNTOLD, Cycle, Telemetry
from tools.telemetry.collector import is_named

if TYPE_CHECKING:
    from tools.telemetry.log import JsonLog


@contextmanager
def telemetry_of(settings: Settings, metrics_port: int | None = None) -> Iterator[Telemetry]:
    """Open what is asked for; nothing of the rest is imported.

    Raises:
        SettingsError: the port is taken, or the collector is not named well enough.
    """
    with ExitStack() as stack:
        parts = list[Telemetry]()
        if settings.log == "json":
            parts.append(stack.enter_context(_logged()))
        if is_named(os.environ):
            from tools.telemetry.traces import traced

            parts.append(stack.enter_context(traced(os.environ, _tell)))
        if metrics_port is not None:
            from tools.telemetry.metrics import Metrics, served

            metrics = Metrics(now)
            stack.enter_context(served(metrics, metrics_port))
            parts.append(metrics)
        yield _joined(parts)


def cycle_of(report: CycleReport, feed: Feed) -> Cycle:
    """Give what those who run the crew want to know of a cycle."""
    live = [*([report.incident] if report.incident else []), *report.other_incidents]
    return Cycle(
        feed=feed.source.feed,
        until=report.at,
        is_live=feed.is_live,
        incidents=Counter(brief.status.value for brief in live),
        notes=report.notes,
    )


def _joined(parts: list[Telemetry]) -> Telemetry:
    if len(parts) > 1:
        from tools.telemetry.joined import Joined

        return Joined(parts)
    return parts[0] if parts else UNTOLD


@contextmanager
def _logged() -> Iterator["JsonLog"]:
    """Write a log to standard error, and what is said there to people too."""
    from tools.telemetry.log import AsRecords, JsonLog

    log = JsonLog(sys.stderr, now)
    with AsRecords(log) as records, redirect_stderr(records):
        yield log


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{one_line(sentence)}\n")
    sys.stderr.flush()
