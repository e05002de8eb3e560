"""The threads that make pages share one heap, and are few."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.web.threads import WORKERS

_HEAPS = """
import ctypes, pathlib, sys, threading
from console.web.threads import share_heap
if sys.argv[1] == "shared":
    share_heap()
held, all_hold = [], threading.Barrier(5)
def hold():
    held.append(bytes(50_000))
    all_hold.wait()
for _ in range(4):
    threading.Thread(target=hold).start()
all_hold.wait()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, told)
library.fclose(told)
print(pathlib.Path(sys.argv[2]).read_text().count("<heap nr="))
"""
"""Prints how many heaps five threads have."""


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="another C library has one heap")
@pytest.mark.parametrize(("how", "one_heap"), [("shared", True), ("as it is", False)])
def test_threads_share_one_heap(tmp_path: Path, how: str, *, one_heap: bool) -> None:
    command = [sys.executable, "-c", _HEAPS, how, str(tmp_path / "told.xml")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("MALLOC_ARENA_MAX", None)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert (int(done.stdout) == 1) == one_heap


def test_few_pages_are_made_at_a_time(app: FastAPI) -> None:
    with TestClient(app) as client:
        assert client.portal is not None
        assert client.portal.call(lambda: current_default_thread_limiter().total_tokens) == WORKERS
