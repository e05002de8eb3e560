"""The console as people start it, and what the tests ask of a page."""

import json
import os
import socket
import subprocess
import sys
import tarfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha512
from pathlib import Path

from httpx import Client, HTTPTransport
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".browser_cache"

AXE, AXE_INTEGRITY = (
    "axe-core@4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
"""The accessibility checker; its licence (MPL-2.0) lets us use it, and we pass it on to nobody."""

PATIENCE_MS = 90_000
"""For what a slow machine may take a while for."""

SETTINGS_OF_THE_SHELL = ("PAYOPS_", "CHROMA_", "LANGCHAIN_", "LANGGRAPH_", "LANGSMITH_")


@contextmanager
def console(state: Path, *arguments: str, **settings: str) -> Iterator[str]:
    """Serve the console of a state folder; gives its address, once it answers."""
    port = _free_port()
    command = [sys.executable, "run.py", "console", "--port", str(port), *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_THE_SHELL)}
    environment = {**kept, "PAYOPS_STATE_DIR": str(state), "OMP_NUM_THREADS": "1", **settings}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        with Client(transport=HTTPTransport(retries=9)) as client:  # waits 0.5 s, 1 s, 2 s and so on
            client.get(f"{address}/health").raise_for_status()
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def axe_script() -> str:
    """Give the text of the checker, fetched once as it was published."""
    name = AXE.replace("@", "-") + ".tgz"
    packed = CACHE / name
    if not packed.exists():
        CACHE.mkdir(exist_ok=True)
        command = ["npm", "pack", AXE, "--silent", "--pack-destination", str(CACHE)]
        subprocess.run(command, check=True, cwd=CACHE, stdout=subprocess.DEVNULL)
    digest = b64encode(sha512(packed.read_bytes()).digest()).decode()
    assert f"sha512-{digest}" == AXE_INTEGRITY, f"{name} is not what was published"
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def violations(page: Page, script: str) -> list[str]:
    """Let the checker look at a page; gives what it finds, however small."""
    page.evaluate(script)
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(one => JSON.stringify(one.violations))"
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'][:160] for node in one['nodes']]}"
        for one in json.loads(found)
    ]


def wider_than_the_window(page: Page) -> list[str]:
    """Name what makes a page scroll sideways."""
    too_wide: Sequence[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
        [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth)
        .map(one => one.outerHTML.slice(0, 120))"""
    )
    return list(too_wide)
