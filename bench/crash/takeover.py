"""Two workers on one feed, as on two machines: one is killed or paused, the other takes over."""

import os
import select
import signal
import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench.crash.attending import PATIENCE_S
from bench.crash.episode import CYCLES_TO_A_WRITE, CYCLES_TO_THE_END
from bench.crash.lives import END_WELL, OWNS, REFUSED, Home, Life, begin, elsewhere, see_through, watch
from bench.crash.reckoning import Reckoning, reckon
from bench.crash.trap import OPENING, Death

_NEVER = Death(kind="never")


@dataclass(frozen=True)
class Takeover:
    """What came of one change of workers."""

    paused: bool
    """The first worker was paused, and woke up when the second was at work; else it was killed."""
    where: str
    """The write that it stood before."""
    seconds: float
    """From its last sign of life to the moment at which the other holds the feed."""
    faults: tuple[str, ...]
    reckoning: Reckoning


def take_over(home: Home, rng: np.random.Generator, *, paused: bool) -> Takeover:
    """End or pause a worker at a drawn write while another stands by, and see everything through.

    One whose write does not come is killed after its cycles.
    """
    death = replace(Death.draw_at_a_write(rng, OPENING), delay_s=0.0)
    ending = signal.SIGSTOP if paused else signal.SIGKILL
    first = begin(partial(elsewhere, "one", partial(watch, home, CYCLES_TO_A_WRITE)), home, death, ending)
    _wait_for(first, OWNS)
    last = partial(elsewhere, "two", partial(see_through, home, CYCLES_TO_THE_END))
    second = begin(last, home, _NEVER)
    paused = _wait_until_it_stands_still(first)
    still_at, where = time.monotonic(), first.mark.read()
    _wait_for(second, OWNS)
    seconds = time.monotonic() - still_at
    if paused:
        os.kill(first.pid, signal.SIGCONT)
    codes = {"first": _end(first), "second": _end(second)}
    expected = {"first": REFUSED if paused else -signal.SIGKILL, "second": END_WELL}
    faults = tuple(
        f"the {one} worker ended with {code}" for one, code in codes.items() if code != expected[one]
    )
    return Takeover(paused, where, seconds, faults, reckon(home.state, home.database))


def _wait_until_it_stands_still(life: Life) -> bool:
    """Wait until a worker is dead or paused, and say whether it is paused; its end can be told later."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        seen = os.waitid(os.P_PID, life.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT | os.WNOHANG)
        if seen is not None:
            return seen.si_code == os.CLD_STOPPED
        time.sleep(0.005)
    os.kill(life.pid, signal.SIGKILL)
    return False


def _wait_for(life: Life, word: bytes) -> None:
    """Wait until a worker says something, or is gone."""
    until = time.monotonic() + PATIENCE_S
    while select.select([life.said], [], [], max(0.0, until - time.monotonic()))[0]:
        said = os.read(life.said, 64)
        if word in said or not said:
            return


def _end(life: Life) -> int:
    """Wait for the end; one that hangs is killed, which shows in the code."""
    while True:
        ready, _, _ = select.select([life.said], [], [], PATIENCE_S)
        if not ready:
            os.kill(life.pid, signal.SIGKILL)
        elif not os.read(life.said, 64):
            break
    os.close(life.said)
    _, status = os.waitpid(life.pid, 0)
    return os.waitstatus_to_exitcode(status)
