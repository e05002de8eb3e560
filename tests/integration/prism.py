"""A server that holds every request and answer against an OpenAPI document: Stoplight's Prism."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.postgres import free_port
from tests.integration.required import missing

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".prism_cache" / "node_modules" / ".bin" / "prism"
DOCUMENT = ROOT / ".." / "shared" / "data" / "contracts" / "decision_engine_openapi.json"
START_LIMIT_S = 60.0


def document(folder: Path) -> Path:
    """Give the public document, with one fault mended.

    It says that the data of a rule config fits exactly one of three forms, and the first of them takes any
    object, so that nothing sent could be valid: here it has to fit one of them at least.
    """
    if not DOCUMENT.is_file():
        pytest.skip("the public OpenAPI document is not beside the project, and no package brings it")
    whole = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    config: dict[str, Any] = whole["components"]["schemas"]["ConfigVariant"]["properties"]["data"]
    config["anyOf"] = config.pop("oneOf")
    mended = folder / "openapi.json"
    mended.write_text(json.dumps(whole), encoding="utf-8")
    return mended


@contextmanager
def prism(folder: Path, *, before: str | None = None) -> Iterator[str]:
    """Serve the document's examples, or stand before a server; refuses what the document does not allow."""
    program = str(INSTALLED) if INSTALLED.exists() else shutil.which("prism")
    if program is None:
        missing("Prism is not installed (npm install @stoplight/prism-cli)")
    port, given = free_port(), str(document(folder))
    words = ["mock", given] if before is None else ["proxy", given, before]
    log = (folder / "prism.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [program, *words, "--errors", "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}", process, folder / "prism.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"Prism did not start: {log.read_text(encoding='utf-8')[-2000:]}")
