"""Pages that are open and read what they are sent: `python -m bench.console.readers PORT PAGES`."""

import asyncio
import sys
from itertools import cycle, islice

ADDRESSES = (
    "",
    "?span=middle",
    "?span=long",
    *(f"?segment=wide-{place}&span=short" for place in range(1, 8)),
    *(f"?segment=pair-{place}&span=long" for place in range(3)),
)
"""What the pages look at: all payments, single segments, pairs; near and far back."""


async def read(port: int, address: str) -> None:
    """Load the page, then read its stream until it ends."""
    for path, whole in ((f"/{address}", True), (f"/events{address}", False)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        close = "Connection: close\r\n" if whole else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{close}\r\n".encode())
        while await reader.read(1 << 16):
            pass
        writer.close()


async def read_all(port: int, pages: int) -> None:
    """Keep all pages open."""
    await asyncio.gather(*(read(port, address) for address in islice(cycle(ADDRESSES), pages)))


if __name__ == "__main__":
    asyncio.run(read_all(int(sys.argv[1]), int(sys.argv[2])))
