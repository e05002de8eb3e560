"""A real browser, and consoles for it to visit.

Where there is no browser these tests are skipped, unless REQUIRE_BROWSER says that there must be one.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.serving import PATIENCE_MS, axe_script, console
from tests.graph.left_behind import acted, asked, no_settings, waiting
from tests.graph.made import Left

__all__ = ["acted", "asked", "no_settings", "waiting"]  # fixtures of every test here

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NEVER_SURE = "1.0"
"""A threshold of confidence that no diagnosis reaches, so that people are asked."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser of this machine, and end its event loop with the module: others start theirs."""
    program = shutil.which("chromium")
    if program is None:
        words = "there is no chromium: `make test-browser` installs it"
        pytest.fail(words) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(words)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Open a browser of one person, as wide as a laptop."""
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """Open a page; an error in one of our scripts fails the test."""
    errors: list[str] = []
    page = visitor.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture(scope="session")
def axe() -> str:
    return axe_script()


@pytest.fixture
def address(waiting: Left) -> Iterator[str]:
    """Serve an incident that waits, which nobody watches any more."""
    with console(waiting.settings.state_dir, PAYOPS_CONFIDENCE_THRESHOLD=NEVER_SURE) as address:
        yield address
