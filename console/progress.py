"""How far a long file has been read, for a person at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def reading(file: str) -> Iterator[Callable[[int], None] | None]:
    """Show on a terminal how far a long file has been read."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(f"Reading {escape(file)}") as status:
        yield lambda rows: status.update(f"Reading {escape(file)}: {rows:,} rows")
