"""How every command ends: fine, refused in one sentence, or interrupted, and never with a traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer import Exit
from typer.core import TyperGroup


class EndsInWords(TyperGroup):
    """The commands of `run.py`, whose errors are told in words."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own
        """Carry out the command that was named."""
        with errors_in_words():
            return super().invoke(ctx)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn our own errors into one sentence and exit code 2, and Ctrl-C into exit code 130."""
    from payments.errors import PayOpsError

    try:
        yield
    except PayOpsError as error:
        _say_no(str(error))
        raise Exit(2) from error
    except BrokenPipeError:
        # The reader has had enough. What is still buffered goes nowhere, else Python fails again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Exit(0) from None
    except OSError as error:
        where = f" {error.filename!r}" if error.filename is not None else ""
        _say_no(f"the system refuses a file or an output{where}: {error.strerror or error}.")
        raise Exit(2) from error
    except KeyboardInterrupt:
        raise Exit(130) from None


def _say_no(words: str) -> None:
    from console.terminal.clean import one_line

    # A message may quote what a file or a person wrote: no escape sequence reaches the terminal.
    sys.stderr.write("\n".join(one_line(line) for line in f"run.py: {words}".splitlines()) + "\n")


def fill_closed_streams() -> None:
    """Send what goes to a closed output nowhere; a database must not be given its number either."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
