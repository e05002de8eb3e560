"""Waits for processes, and kills them when their time has come."""

import math
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.crash.lives import AT_WORK, WAITS, Life
from bench.crash.trap import KILL_ME, Death

PATIENCE_S = 300.0
"""A life that takes longer hangs, which is a finding of its own."""


class Ended(NamedTuple):
    """How a life ended."""

    killed: bool
    where: str
    """The write that the process stood before, or had done last."""
    code: int
    """Exit code of one that was not killed."""


@dataclass
class Charge:
    """A life and how it is to end."""

    life: Life
    death: Death
    deadline: float = field(init=False)
    """By this process's clock."""
    due_cpu_s: float = math.inf
    """By the life's own processor time."""

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + PATIENCE_S

    def hear(self) -> bytes:
        """Take in what the life says, and set the moment of its death by it."""
        said = os.read(self.life.said, 64)
        if AT_WORK in said and self.death.after_s is not None:
            self.due_cpu_s = self._cpu_s() + self.death.after_s
        if KILL_ME in said:
            self.deadline = time.monotonic() + self.death.delay_s
        return said

    def left_s(self) -> float:
        """Give the least time that it has still to live."""
        by_clock = self.deadline - time.monotonic()
        return by_clock if math.isinf(self.due_cpu_s) else min(by_clock, self.due_cpu_s - self._cpu_s())

    def _cpu_s(self) -> float:
        """Read the processor time of another process; its clock's number is made of its id (Linux)."""
        return time.clock_gettime((~self.life.pid << 3) | 2)


def attend(first: Charge, when_it_waits: Callable[[], Charge | None]) -> Sequence[Ended]:
    """Wait until a life has ended, and another that begins when the first one says that something waits."""
    charges, ended = [first], list[Ended]()
    while charges:
        for charge in [one for one in charges if one.left_s() <= 0.0]:
            os.kill(charge.life.pid, signal.SIGKILL)
        for charge in _stirring(charges):
            said = charge.hear()
            if WAITS in said:
                second = when_it_waits()
                charges += [second] if second is not None else []
            if not said:  # the pipe closes with the process, whatever ended it
                charges.remove(charge)
                ended.append(_end(charge.life))
    return ended


def _stirring(charges: Sequence[Charge]) -> Sequence[Charge]:
    """Wait for the next word, end or deadline."""
    left_s = max(0.0, min(one.left_s() for one in charges))
    by_pipe = {one.life.said: one for one in charges}
    readable, _, _ = select.select(list(by_pipe), [], [], left_s)
    return [by_pipe[pipe] for pipe in readable]


def _end(life: Life) -> Ended:
    _, status = os.waitpid(life.pid, 0)
    os.close(life.said)
    killed = os.WIFSIGNALED(status)
    return Ended(killed, life.mark.read(), 0 if killed else os.waitstatus_to_exitcode(status))
