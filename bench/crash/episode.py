"""One crew from its first life to its last: killed again and again, then seen through undisturbed."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench.crash.attending import Charge, Ended, attend
from bench.crash.lives import FAILED, Home, Kind, begin, decide, see_through, watch
from bench.crash.outside import Outside, Past, reached, when_over
from bench.crash.reckoning import Reckoning, is_under_way, reckon
from bench.crash.trap import DECIDING, GOING_ON, OPENING, Death

TYPICAL_S = 1.0
"""Length of the stretch that deaths by the clock are drawn from."""

CYCLES_AT_MOST = 600
"""Of a life that a clock ends."""
CYCLES_TO_THE_END = 2_400
"""Of the last life: an action that helps may be renewed seven times, which takes it over two hours of 5 s."""

OPENING_LIVES = 4
"""Lives that are to end while the incident is opened and acted on; later ones while its action goes on."""

NOBODY_WATCHES, LEFT_IN_PEACE, TO_THE_END = 0.3, 0.3, 0.4
"""Shares of decisions with no watch running, of those that nobody kills, and of pauses up to an end."""

PAUSES_S = (0.0, 0.0, 0.0, 0.0, 10.0, 60.0, 300.0, 1200.0)
"""Pauses between two lives; the last one outlasts every action."""

SHORTLY_BEFORE_S = 20.0

KINDS: tuple[Kind, ...] = ("approve", "approve", "approve", "edit", "reject")
"""What people decide."""

CYCLES_TO_A_WRITE = 40
"""Cycles after which a watch dies in any case, when the write that it is to die at does not come."""

_NEVER = Death(kind="never")


@dataclass(frozen=True)
class Played:
    """What came of one episode."""

    deaths: tuple[Ended, ...]
    """Of those that were killed."""
    failed: tuple[Ended, ...]
    """Lives that ended by an error that is none of ours."""
    reckoning: Reckoning


@dataclass
class Episode:
    """Draws and plays the lives of one crew."""

    home: Home
    rng: np.random.Generator

    def play(self, lives: int) -> Played:
        """Let the crew live so many lives, and one more that nobody ends."""
        ended: list[Ended] = []
        for number in range(lives):
            kinds = OPENING if number < OPENING_LIVES else GOING_ON
            if number and not self._let_time_pass(is_opening=kinds is OPENING):
                break
            ended += self._one_life(kinds)
        last = Charge(begin(partial(see_through, self.home, CYCLES_TO_THE_END), self.home, _NEVER), _NEVER)
        (final,) = attend(last, lambda: None)
        return Played(
            tuple(one for one in ended if one.killed),
            tuple(one for one in (*ended, final) if one.code == FAILED),
            reckon(self.home.state, self.home.database),
        )

    def _one_life(self, kinds: Mapping[str, float]) -> Sequence[Ended]:
        alone = self.home.asks and self.rng.random() < NOBODY_WATCHES
        first = self._decider() if alone else self._watch(kinds)
        return attend(first, lambda: None if alone else self._decider())

    def _watch(self, kinds: Mapping[str, float]) -> Charge:
        death = Death.draw(self.rng, kinds, TYPICAL_S)
        cycles = CYCLES_AT_MOST if death.after_s is not None else CYCLES_TO_A_WRITE
        return Charge(begin(partial(watch, self.home, cycles), self.home, death), death)

    def _decider(self) -> Charge:
        is_left = self.rng.random() < LEFT_IN_PEACE
        death = _NEVER if is_left else Death.draw(self.rng, DECIDING, TYPICAL_S / 4)
        kind = KINDS[int(self.rng.integers(len(KINDS)))]
        return Charge(begin(partial(decide, kind), self.home, death), death)

    def _let_time_pass(self, *, is_opening: bool) -> bool:
        """Pass the time to the next start: none, a while, to shortly before the fault ends, or too long.

        Gives whether anything is under way that a death could disturb.
        """
        while_s = float(self.rng.choice(PAUSES_S))
        with reached(self.home.outside, self.home.past, self.home.door) as world:
            left_s = (when_over(self.home.outside) - world.skip(0)).total_seconds()
            if not is_opening and self.rng.random() < TO_THE_END and left_s > SHORTLY_BEFORE_S:
                while_s = left_s - SHORTLY_BEFORE_S
            world.skip(round(while_s / world.tick_s))
        return left_s > 0.0 or is_under_way(self.home.state, self.home.database)


@contextmanager
def housed(
    outside: Outside, past: Past, folder: Path, *, asks: bool, database: str | None = None
) -> Iterator[Home]:
    """Put up the world of an episode in a process of its own."""
    state, door = folder / "state", folder / "door"
    switches = state / "simulator" / "switch.db"
    switches.parent.mkdir(parents=True)
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(ours)
            outside.serve(switches, door, theirs)
        finally:
            os._exit(0)
    os.close(theirs)
    try:
        with os.fdopen(ours) as ready:
            port = int(ready.readline())
        yield Home(outside, past, state, door, f"http://127.0.0.1:{port}", asks, database)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
