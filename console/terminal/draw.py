"""The few shapes that the live view and the tables are drawn with; all text in them is literal."""

import io
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console.terminal.clean import short

CELL_LIMIT = 400
"""Characters of one foreign text at most; the rest of it would only push the picture off the screen."""


class Column(NamedTuple):
    """How one column of a table is drawn."""

    title: str
    justify: Literal["left", "right"] = "left"
    whole: bool = False
    """Never broken over two lines."""
    style: str = ""


def console_on(stream: TextIO) -> Console:
    """Open a console on a stream; what the stream's encoding cannot write becomes a question mark."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def literal(text: str, style: str = "", limit: int = CELL_LIMIT) -> Text:
    """Make foreign text drawable: markup and escape sequences in it stay visible characters."""
    return Text(short(text, limit), style=style, overflow="fold")


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | Text]], *, grow: bool = False) -> Table:
    """Draw rows under a ruled header."""
    drawn = Table(box=box.SIMPLE_HEAD, expand=grow, padding=(0, 1, 0, 0), show_edge=False)
    for column in columns:
        drawn.add_column(
            column.title, justify=column.justify, no_wrap=column.whole, style=column.style, overflow="fold"
        )
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else literal(cell) for cell in row))
    return drawn


def facts(
    pairs: Iterable[tuple[str, str | Text]],
) -> Table:
    """Draw names beside their values."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(name, value if isinstance(value, Text) else literal(value, limit=2_000))
    return grid


def section(title: str, *content: RenderableType) -> Group:
    """Draw content, set in, under a title."""
    return Group(Text(title, style="bold underline"), Padding(Group(*content), (0, 0, 1, 2)))


def plain_list(items: Sequence[str], otherwise: str = "none") -> Text:
    """Draw one line an item."""
    return Text("\n").join([literal(f"- {item}") for item in items]) if items else Text(otherwise)
