"""A WebSocket client that costs next to nothing, so that a measurement is one of the server."""

import base64
import os
import socket
import struct
from typing import Final

_TEXT: Final = 0x81
_CLOSE, _PING, _PONG = 0x8, 0x9, 0x8A
_MASKED: Final = 0x80
_NO_MASK: Final = bytes(4)
"""A mask of zeros changes nothing, which the protocol allows."""
_TWO_BYTES, _EIGHT_BYTES = 126, 127


class Line:
    """One blocking connection that sends and receives text."""

    def __init__(self, port: int, path: str = "/ws") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        if b" 101 " not in head.splitlines()[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, payload: bytes) -> None:
        """Send one message."""
        self._socket.sendall(framed(payload))

    def receive(self) -> bytes:
        """Wait for the next message."""
        while True:
            opcode, payload = self._frame()
            if opcode == _TEXT & 0x0F:
                return payload
            if opcode == _PING:
                self._socket.sendall(framed(payload, _PONG))
            if opcode == _CLOSE:
                raise ConnectionError(f"the server closed the session: {payload!r}")

    def _frame(self) -> tuple[int, bytes]:
        """Read one frame; servers send theirs whole and unmasked."""
        head = self._take(2)
        length = head[1] & 0x7F
        if length == _TWO_BYTES:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == _EIGHT_BYTES:
            (length,) = struct.unpack("!Q", self._take(8))
        return head[0] & 0x0F, self._take(length)

    def _take(self, count: int) -> bytes:
        """Take exactly so many bytes."""
        while len(self._rest) < count:
            self._more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _more(self) -> None:
        """Read what has come."""
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError("the server hung up")
        self._rest += part


def framed(payload: bytes, kind: int = _TEXT) -> bytes:
    """Put a text into one masked frame."""
    size = len(payload)
    if size < _TWO_BYTES:
        head = struct.pack("!BB", kind, _MASKED | size)
    elif size < 2**16:
        head = struct.pack("!BBH", kind, _MASKED | _TWO_BYTES, size)
    else:
        head = struct.pack("!BBQ", kind, _MASKED | _EIGHT_BYTES, size)
    return head + _NO_MASK + payload
