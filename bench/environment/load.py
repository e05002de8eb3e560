"""Sessions that play as fast as the server answers."""

import itertools
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Final, NamedTuple

from bench.environment.line import Line
from bench.environment.process import Server

_WORDS: Final = (b"inspect", b"request_docs", b"verify_kyc", b"contact_sender", b"hold", b"flag", b"escalate")
_ID: Final = b'"transaction_id":"'
_DONE: Final = b'"done":true'


class Rate(NamedTuple):
    """How fast a server answered."""

    per_s: float
    """Steps, or echoes, by the clock while no session resets."""
    cpu_us: float
    """Processor time of the server for each message, resets included."""
    all_per_s: float
    """The same steps, by all of the time."""


class Player:
    """One session: asks every question about a case, then decides; the next reset follows the end."""

    def __init__(self) -> None:
        self.is_resetting = False
        self._episodes = 0
        self._turn = 0
        self._case = b""

    def next_message(self, reply: bytes) -> bytes:
        """Give the message that follows a reply; the first reply is empty."""
        self.is_resetting = not reply or _DONE in reply
        if self.is_resetting:
            self._episodes += 1
            return b'{"type":"reset","data":{"seed":%d}}' % self._episodes
        at = reply.index(_ID) + len(_ID)
        case = reply[at : reply.index(b'"', at)]
        self._turn = self._turn + 1 if case == self._case else 0
        self._case = case
        word = _WORDS[self._turn % len(_WORDS)]
        return b'{"type":"step","data":{"action_type":"%s","transaction_id":"%s"}}' % (word, case)


class _Echo:
    """One session that sends to and fro what another server answered."""

    is_resetting = False

    def __init__(self, payloads: Sequence[bytes]) -> None:
        self._payloads = itertools.cycle(payloads)

    def next_message(self, _: bytes) -> bytes:
        """Give the next payload."""
        return next(self._payloads)


def play(server: Server, sessions: int, seconds: float) -> tuple[Rate, list[bytes]]:
    """Play the same episodes in so many sessions; give the rate and what one session got for its steps."""
    return _drive(server, [Player() for _ in range(sessions)], seconds)


def echo(server: Server, sessions: int, seconds: float, payloads: Sequence[bytes]) -> Rate:
    """Send these bytes to and fro in so many sessions."""
    return _drive(server, [_Echo(payloads) for _ in range(sessions)], seconds)[0]


def _drive(server: Server, players: Sequence[Player | _Echo], seconds: float) -> tuple[Rate, list[bytes]]:
    """Keep one message of each session under way; sessions play alike, so that they reset together."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(Line(server.port))) for _ in players]
        replies = [b""] * len(lines)
        steps_s, total_s, messages = 0.0, 0.0, 0
        told: list[bytes] = []
        cpu_s = server.cpu_s()
        while total_s < seconds:
            start = time.perf_counter()
            for line, player, reply in zip(lines, players, replies, strict=True):
                line.send(player.next_message(reply))
            replies = [line.receive() for line in lines]
            took_s = time.perf_counter() - start
            total_s += took_s
            messages += len(lines)
            if not players[0].is_resetting:
                steps_s += took_s
                told.append(replies[0])
        cpu_s = server.cpu_s() - cpu_s
    steps = len(told) * len(players)
    return Rate(steps / steps_s, 1e6 * cpu_s / messages, steps / total_s), told
