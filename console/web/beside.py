"""The watch beside the console: a process of its own, so that no page slows a cycle, which ends with ours."""

import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO

from console.terminal.clean import short

RUN = Path(__file__).parents[2] / "run.py"
ENDS_WITHIN_S = 10.0
"""How long a watch that is asked to end may take."""
REASON_AT_MOST = 600
"""Characters of what a watch said last."""
INTERRUPTED = 130


@dataclass
class Beside:
    """What is known of how a watch ended."""

    _ended: str = field(default="", init=False)
    _by_us: bool = field(default=False, init=False)

    def ended(self) -> str:
        """Say why the watch has ended; empty while it goes on, or where there is none."""
        return self._ended

    def end_by_us(self) -> None:
        """Keep that the console ends it: that is no news."""
        self._by_us = True

    def end(self, code: int, said: str) -> None:
        """Keep how it ended."""
        self._ended = "" if self._by_us else ending_words(code, said)


def ending_words(code: int, said: str) -> str:
    """Say how a watch ended, from its exit code and the last line it wrote of its errors.

    >>> ending_words(2, "run.py: there is no scenario 'x'.")
    "The watch beside this console has ended: there is no scenario 'x'."
    """
    because = {0: "its source has no more", INTERRUPTED: "it was interrupted"}.get(code)
    if because is None and code < 0:
        because = f"signal {-code} killed it"
    if because is None:
        because = short(said, REASON_AT_MOST).removeprefix("run.py: ") or f"its exit code is {code}"
    return f"The watch beside this console has ended: {because.removesuffix('.')}."


@contextmanager
def watching(words: tuple[str, ...], config: Path | None) -> Iterator[Beside]:
    """Run a watch while the block runs; with no words none. It ends even if this process is killed.

    It ends when its standard input does, and the other end of that is held by this process alone.
    """
    beside = Beside()
    if not words:
        yield beside
        return
    settings = () if config is None else ("--config", str(config))
    command = [sys.executable, str(RUN), "watch", *words, *settings, "--json", "--end-with-input"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches us alone: we end it, once
    ) as child:
        Thread(target=_follow, args=(child, beside), daemon=True).start()
        try:
            yield beside
        finally:
            beside.end_by_us()
            _end(child)


def _follow(child: "subprocess.Popen[bytes]", beside: Beside) -> None:
    """Pass on what a watch says until it ends, then say how."""
    last = _pass_on(child.stderr) if child.stderr is not None else ""
    beside.end(child.wait(), last)
    if beside.ended():
        _say(f"{beside.ended()}\n")


def _pass_on(lines: IO[bytes]) -> str:
    """Write line after line to our standard error; gives the last."""
    last = deque[str](maxlen=1)
    for line in lines:
        text = line.decode("utf-8", "backslashreplace")
        _say(text)
        last.extend([text.strip()] if text.strip() else [])
    return "".join(last)


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
