"""The watch in an interactive terminal, redrawn each cycle; and its picture for the documentation."""

import io
import re
from collections import deque
from collections.abc import Sequence
from typing import Self, TextIO

from rich.console import Console
from rich.live import Live

from console.terminal.draw import console_on
from console.terminal.lines import LineView
from console.terminal.picture import CYCLES_SHOWN, Screen, picture
from graph.report import CycleReport

_SNAPSHOT_COLUMNS = 100


class LiveView:
    """Redraws one picture; the last one stays when the watch ends."""

    def __init__(self, console: Console, feed: str, mode: str = "autonomous") -> None:
        self._console, self._feed, self._mode = console, feed, mode
        self._history: deque[CycleReport] = deque(maxlen=CYCLES_SHOWN)
        # Drawn only when a cycle arrives: no thread of its own.
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, report: CycleReport) -> None:
        """Draw this cycle."""
        self._history.append(report)
        self._draw()

    def _draw(self) -> None:
        screen = Screen(self._console.height, ascii_only=self._console.options.ascii_only)
        self._live.update(picture(tuple(self._history), self._feed, self._mode, screen), refresh=True)


def view_on(stream: TextIO, feed: str, mode: str = "autonomous") -> LiveView | LineView:
    """Choose the live view for a terminal that can redraw, else the log."""
    console = console_on(stream)
    if stream.isatty() and console.is_terminal and not console.is_dumb_terminal:
        return LiveView(console, feed, mode)
    return LineView(stream)


def snapshot_svg(
    report_history: Sequence[CycleReport], feed: str = "simulator", mode: str = "autonomous"
) -> str:
    """Draw the live view as an SVG picture that loads nothing from elsewhere."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=_SNAPSHOT_COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(picture(report_history, feed, mode, Screen()))
    svg = console.export_svg(title="run.py watch", unique_id="watch")
    return re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
