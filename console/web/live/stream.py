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
LISTENERS_AT_MOST, OF_ONE_AT_MOST = 500, 100
"""Pages in all, and of one person, so that nobody can take the room of all."""


@dataclass(eq=False)
class Listener:
    """A page that listens; it is handed the newest message only, so that a slow one holds nothing up."""

    wanted: Wanted
    name: str = ""
    """Who looks at it."""
    message: bytes = b""
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Looks for news and hands it out."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._listeners: set[Listener] = set()
        self._stamp: object = None
        self._told_s = 0.0
        self._ended = False

    async def run(self) -> None:
        """Go on until cancelled; trouble with the board is waited out. When it ends, all streams do."""
        try:
            while True:
                told = await self._told()
                await asyncio.sleep(REST_S if told else LOOK_EVERY_S)
        finally:
            self.end()

    def end(self) -> None:
        """End all streams, so that pages know that nothing more comes."""
        self._ended = True
        for listener in self._listeners:
            listener.news.set()

    def check_room(self, name: str) -> None:
        """Let no more pages listen than the limits, in all and of one person.

        Raises:
            RefusedError: there is no room, or nothing will be told any more.
        """
        if self._ended:
            msg = "the console looks for no more news: start it again"
            raise RefusedError(msg)
        listeners = list(self._listeners)
        own = sum(listener.name == name for listener in listeners)
        for pages, limit in ((len(listeners), LISTENERS_AT_MOST), (own, OF_ONE_AT_MOST)):
            if pages >= limit:
                msg = f"{limit} pages are open already, which is the limit: close some"
                raise RefusedError(msg)

    async def listen(self, wanted: Wanted, name: str) -> AsyncIterator[bytes]:
        """Give message after message, and a sign of life while there is none."""
        listener = Listener(wanted, name)
        self._listeners.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while (message := await self._next(listener)) is not None:
                yield message
        finally:
            self._listeners.discard(listener)

    async def _next(self, listener: Listener) -> bytes | None:
        """Give the next message or a sign of life; None at the end."""
        try:
            if not self._ended:
                await asyncio.wait_for(listener.news.wait(), SIGN_OF_LIFE_S)
        except TimeoutError:
            return b": still here\n\n"
        listener.news.clear()
        return None if self._ended else listener.message

    async def _told(self) -> bool:
        try:
            return await self._look()
        except PayOpsError:
            return False

    async def _look(self) -> bool:
        if not self._listeners:
            return False
        stamp, now_s = self._outlook.stamp(), time.monotonic()
        if stamp == self._stamp and now_s - self._told_s < TELL_EVERY_S:
            return False
        self._stamp, self._told_s = stamp, now_s
        wanted = {listener.wanted for listener in self._listeners}
        messages = await asyncio.to_thread(self._outlook.updates, wanted)
        told = {one: f"data: {message}\n\n".encode() for one, message in messages.items()}
        for listener in self._listeners:
            if listener.wanted in told:
                listener.message = told[listener.wanted]
                listener.news.set()
        return True
