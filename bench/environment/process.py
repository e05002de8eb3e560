"""A server in a process of its own, and the processor time it takes."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
START_LIMIT_S: Final = 60.0


class Server(NamedTuple):
    """A server that answers on the loopback address."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Give the processor time of its one busy thread, or NaN where the system does not tell."""
        told = Path(f"/proc/{self.pid}/schedstat")
        return int(told.read_text(encoding="ascii").split()[0]) / 1e9 if told.exists() else float("nan")


@contextmanager
def serving(module: str) -> Iterator[Server]:
    """Run a module that takes `--port`, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", module, "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:  # noqa: S603 - a module of this project
        try:
            _wait(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it listens.

    Raises:
        ConnectionError: it ended, or does not listen in time.
    """
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ConnectionError(f"the server on port {port} did not start; see what it wrote above")
