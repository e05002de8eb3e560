"""How far a long measurement is: a bar on a terminal, else a plain line a while."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY_S = 30.0
Item = TypeVar("Item")


def told(items: Iterable[Item], whole: int, words: Callable[[Item], str], already: int = 0) -> Iterator[Item]:
    """Pass items on and say on standard error how many there were, `already` done ones included."""
    console = Console(stderr=True)
    follow = _bar if console.is_terminal else _lines
    yield from follow(items, whole, words, already)


def _bar(items: Iterable[Item], whole: int, words: Callable[[Item], str], already: int) -> Iterator[Item]:
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=whole, completed=already)
        for item in items:
            progress.update(task, advance=1, description=words(item))
            yield item


def _lines(items: Iterable[Item], whole: int, words: Callable[[Item], str], already: int) -> Iterator[Item]:
    said_at = time.monotonic()
    for number, item in enumerate(items, start=already + 1):
        if time.monotonic() - said_at >= EVERY_S or number == whole:
            said_at = time.monotonic()
            sys.stderr.write(f"{number} of {whole}, {words(item)}\n")
        yield item
