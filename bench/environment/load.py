"""Sessions that play as fast as the server answers."""

import itertools
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
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
    """Processor time of the server for each of them."""
    per_s_with_resets: float
    """The same steps, by all of the time."""
    cpu_us_with_resets: float
    """Processor time of the server for each message, resets among them."""
    client_cpu_us: float
    """Processor time of this client for each message, resets among them."""


@dataclass(slots=True)
class Spent:
    """What the rounds of one kind took."""

    rounds: int = 0
    clock_s: float = 0.0
    cpu_s: float = 0.0
    """Of the server."""


class Player:
    """One session: asks every question about a case, then decides; the next reset follows the end."""

    def __init__(self) -> None:
        self._episodes = 0
        self._turn = 0
        self._case = b""

    def is_resetting_after(self, reply: bytes) -> bool:
        """Tell whether the next message starts an episode; the first reply is empty."""
        return not reply or _DONE in reply

    def next_message(self, reply: bytes) -> bytes:
        """Give the message that follows a reply."""
        if self.is_resetting_after(reply):
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

    def __init__(self, payloads: Sequence[bytes]) -> None:
        self._payloads = itertools.cycle(payloads)

    def is_resetting_after(self, _: bytes) -> bool:
        """Tell that there is nothing to reset."""
        return False

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
        steps, resets = Spent(), Spent()
        told: list[bytes] = []
        client_s, cpu_s = time.process_time(), server.cpu_s()
        while steps.clock_s + resets.clock_s < seconds:
            if players[0].is_resetting_after(replies[0]):
                before_s = server.cpu_s()
                replies = _exchange(lines, players, replies, resets)
                resets.cpu_s += server.cpu_s() - before_s
            else:
                replies = _exchange(lines, players, replies, steps)
                told.append(replies[0])
        steps.cpu_s = server.cpu_s() - cpu_s - resets.cpu_s
        client_s = time.process_time() - client_s
    return _rate(steps, resets, client_s, len(lines)), told


def _exchange(
    lines: Sequence[Line], players: Sequence[Player | _Echo], replies: Sequence[bytes], spent: Spent
) -> list[bytes]:
    """Send and receive one message of each session.

    The last answer is awaited first: a client that sleeps once a round costs the server the least wakings.
    """
    start = time.perf_counter()
    for line, player, reply in zip(lines, players, replies, strict=True):
        line.send(player.next_message(reply))
    replies = [line.receive() for line in reversed(lines)][::-1]
    spent.clock_s += time.perf_counter() - start
    spent.rounds += 1
    return replies


def _rate(steps: Spent, resets: Spent, client_s: float, sessions: int) -> Rate:
    """Turn what rounds took into rates of messages."""
    count, all_count = steps.rounds * sessions, (steps.rounds + resets.rounds) * sessions
    return Rate(
        per_s=count / steps.clock_s,
        cpu_us=1e6 * steps.cpu_s / count,
        per_s_with_resets=count / (steps.clock_s + resets.clock_s),
        cpu_us_with_resets=1e6 * (steps.cpu_s + resets.cpu_s) / all_count,
        client_cpu_us=1e6 * client_s / all_count,
    )
