"""One reader, any number of pages: what is new is put together once and handed to all who want the same."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from console.web.live.outlook import Outlook
from console.web.live.view import Wanted
from payments.errors import PayOpsError, RefusedError

LOOK_EVERY_S, REST_S, TELL_EVERY_S = 0.2, 0.4, 5.0
"""How often news is looked for, the pause after telling some, and how often all is told anew."""
SIGN_OF_LIFE_S = 15.0
LISTENERS_AT_MOST = 500


@dataclass(eq=False)
class Listener:
    """A page that listens; it is handed the newest message only, so that a slow one holds nothing up."""

    wanted: Wanted
    message: bytes = b""
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Looks for news and hands it out."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._listeners: set[Listener] = set()
        self._stamp: object = None
        self._told_s = 0.0

    async def run(self) -> None:
        """Go on until cancelled; trouble with the board is waited out."""
        while True:
            try:
                told = await self._look()
            except PayOpsError:
                told = False
            await asyncio.sleep(REST_S if told else LOOK_EVERY_S)

    def check_room(self) -> None:
        """Let no more pages listen than the limit.

        Raises:
            RefusedError: there is no room.
        """
        if len(self._listeners) >= LISTENERS_AT_MOST:
            msg = f"{LISTENERS_AT_MOST} pages are open already, which is the limit: close some"
            raise RefusedError(msg)

    async def listen(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """Give message after message, and a sign of life while there is none."""
        listener = Listener(wanted)
        self._listeners.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while True:
                yield await _next(listener)
        finally:
            self._listeners.discard(listener)

    async def _look(self) -> bool:
        if not self._listeners:
            return False
        stamp, now_s = self._outlook.stamp(), time.monotonic()
        if stamp == self._stamp and now_s - self._told_s < TELL_EVERY_S:
            return False
        self._stamp, self._told_s = stamp, now_s
        wanted = {listener.wanted for listener in self._listeners}
        messages = await asyncio.to_thread(self._outlook.updates, wanted)
        for listener in self._listeners:
            if listener.wanted in messages:
                listener.message = f"data: {messages[listener.wanted]}\n\n".encode()
                listener.news.set()
        return True


async def _next(listener: Listener) -> bytes:
    try:
        await asyncio.wait_for(listener.news.wait(), SIGN_OF_LIFE_S)
    except TimeoutError:
        return b": still here\n\n"
    listener.news.clear()
    return listener.message
