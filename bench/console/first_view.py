"""What the first view of the live page weighs, and how long it takes in a real browser."""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.console.browser import chromium
from bench.console.crew import working
from bench.console.server import serving
from console.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CYCLES = 360
"""So that the shortest span is full."""
_BYTES = """
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      .reduce((sum, entry) => sum + entry.transferSize, 0)
"""


def view(seed: int, times: int) -> dict[str, object]:
    """View the page of an incident's feed some times, each with an empty cache."""
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        with working("psp_outage", seed, settings) as duty:
            for _ in range(CYCLES):
                duty.cycle()
        with serving(settings.state_dir) as server, chromium() as browser:
            views = [_one(browser, server.address) for _ in range(1 + times)][1:]
    sys.stderr.write(f"first view: {views}\n")
    return {
        "page_bytes": max(size for _, size in views),
        "first_view_ms": median(ms for ms, _ in views),
        "first_view_ms_max": max(ms for ms, _ in views),
    }


def _one(browser: "Browser", address: str) -> tuple[float, int]:
    """Give the milliseconds from the request until all charts are drawn, and the bytes that came."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.locator("[data-chart] canvas").nth(2).wait_for()
    ms, size = float(page.evaluate("performance.now()")), int(page.evaluate(_BYTES))
    context.close()
    return ms, size
