"""The threads that make pages: few of them, and one heap for all."""

import ctypes
from typing import Final

from anyio.to_thread import current_default_thread_limiter

WORKERS: Final = 8
"""Pages made at a time: some may wait for a decision, which takes seconds, while others go on."""
_M_ARENA_MAX: Final = -8
"""`mallopt(3)` of the GNU C library: the most heaps that it makes."""


def share_heap() -> None:
    """Let all threads that begin from now on use one heap; a C library other than GNU's has one anyway.

    GNU's gives threads heaps of their own, up to eight for each processor, so that they need not wait for
    each other. Here they take turns under the interpreter's lock, and each heap would keep the most that
    pages made by chance at one time in its threads ever took: memory would grow for days.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def limit_workers() -> None:
    """Let this event loop make so many pages at a time, each in a thread of its own; others wait."""
    current_default_thread_limiter().total_tokens = WORKERS
