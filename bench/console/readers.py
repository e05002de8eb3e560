"""Pages that are open and read what they are sent: `python bench/console/readers.py PORT PAGES`.

It says `open` once all are, and the number of news that they heard when it is asked to end. It is run as a
file: importing what lies beside it takes longer than the pages are to be open.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice

ADDRESSES = (
    "",
    "?span=middle",
    "?span=long",
    *(f"?segment=wide-{place}&span=short" for place in range(1, 8)),
    *(f"?segment=pair-{place}&span=long" for place in range(3)),
)
"""What the pages look at: all payments, single segments, pairs; near and far back."""
MESSAGE_AT_MOST = 1 << 24


class Pages:
    """Pages of one console."""

    def __init__(self, port: int, pages: int) -> None:
        self._port = port
        self._waiting = pages
        self.heard = 0

    async def read_all(self) -> None:
        """Keep them open.

        Raises:
            IncompleteReadError: the stream of one ended.
        """
        addresses = islice(cycle(ADDRESSES), self._waiting)
        await asyncio.gather(*(self._read(address) for address in addresses))

    async def _read(self, address: str) -> None:
        """Load the page, then read its stream."""
        async with self._answer(f"/{address}", "Connection: close\r\n") as page:
            await page.read()
        async with self._answer(f"/events{address}", "") as stream:
            await stream.readuntil(b"retry:")
            self._waiting -= 1
            if not self._waiting:
                sys.stdout.write("open\n")
                sys.stdout.flush()
            while message := await stream.readuntil(b"\n\n"):
                self.heard += b"data: {" in message

    @asynccontextmanager
    async def _answer(self, path: str, header: str) -> AsyncIterator[asyncio.StreamReader]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=MESSAGE_AT_MOST)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}\r\n".encode())
            yield reader
        finally:
            writer.close()


async def keep_open(port: int, pages: int) -> None:
    """Keep pages open until asked to end."""
    opened = Pages(port, pages)
    reading = asyncio.create_task(opened.read_all())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reading.cancel)
    await asyncio.wait([reading])
    if not reading.cancelled():
        reading.result()
    sys.stdout.write(f"{opened.heard}\n")


if __name__ == "__main__":
    asyncio.run(keep_open(int(sys.argv[1]), int(sys.argv[2])))
