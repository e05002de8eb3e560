"""Debian's chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from payments.errors import InputError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox", # it may run as root in a container, and opens pages of this project only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Start the browser.

    Raises:
        InputError: there is none.
    """
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        msg = f"there is no browser at {str(CHROMIUM)!r}: `make test-browser` installs it"
        raise InputError(msg)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
