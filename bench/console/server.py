"""The console's server in a process of its own, and what it takes."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

ROOT: Final = Path(__file__).parents[2]
START_LIMIT_S: Final = 120.0


class Server(NamedTuple):
    """A console that answers on the loopback address."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def memory_mb(self) -> float:
        """Give the memory that it holds, in 10^6 bytes."""
        told = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+([0-9]+) kB", told)
        return int(found[1]) * 1024 / 1e6 if found else float("nan")


@contextmanager
def serving(
    state_dir: Path, words: Sequence[str] = (), settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Run the console on a state folder until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "run.py", "console", "--port", str(port), *words]
    environment = {**os.environ, "PAYOPS_STATE_DIR": str(state_dir), **settings}
    # A session of its own: where processor time is shared by sessions, the crew must not pay for the server.
    with subprocess.Popen(  # noqa: S603 - this project's own command
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.communicate()


def wait_for(port: int, process: "subprocess.Popen[Any]") -> None:
    """Wait until it answers.

    Raises:
        ConnectionError: it ended, or does not answer in time.
    """
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=5.0).close()
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise ConnectionError(f"the console on port {port} did not start")
