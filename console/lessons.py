"""Lessons out of one memory and into another: JSON lines in a file or a pipe."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from console.compose import open_memory
from console.settings import load_settings
from payments.errors import InputError

_PIPE = Path("-")


def write_to(file: Path, config: Path | None) -> None:
    """Write all lessons, the oldest first."""
    from memory.lesson_files import line_of

    with open_memory(load_settings(config)) as memory, _opened(file, "wb") as out:
        written = 0
        for written, lesson in enumerate(memory.lessons.every(), start=1):  # noqa: B007 - told below
            out.write(line_of(lesson).encode("ascii"))
        out.flush()
    _tell(f"{written:,} lessons written")


def read_from(file: Path, config: Path | None) -> None:
    """Learn all lessons of a file or, when a line is wrong, none.

    Raises:
        InputError: the file cannot be read, or a line of it is no lesson.
    """
    from memory.lesson_files import lessons_in

    with open_memory(load_settings(config)) as memory, _opened(file, "rb") as given:
        taken = memory.lessons.take_in(lessons_in(given))
    _tell(f"{taken:,} lessons learned")


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[BinaryIO]:
    try:
        with _at(file, mode) as opened:
            yield opened
    except OSError as error:
        verb = "read" if mode == "rb" else "written"
        msg = f"The file {str(file)!r} cannot be {verb}: {error.strerror or error}."
        raise InputError(msg) from error


def _at(file: Path, mode: str) -> AbstractContextManager[BinaryIO]:
    if file == _PIPE:
        return nullcontext(sys.stdin.buffer if mode == "rb" else sys.stdout.buffer)
    if mode == "wb" and (file.is_file() or not file.exists()):
        return _whole(file.resolve())
    return file.open(mode)  # type: ignore[return-value]  # the mode is one of bytes


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """Write beside a file, which is replaced at the end: what was there stays if anything goes wrong."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as opened:
            yield opened
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}.\n")
