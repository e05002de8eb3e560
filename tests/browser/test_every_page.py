"""What holds for every page: nothing for the accessibility checker to find, nothing to scroll sideways."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import pytest
from playwright.sync_api import Browser

from tests.browser.serving import console, violations, wider_than_the_window
from tests.graph.made import Left

Scheme = Literal["light", "dark"]
PAGES = ("/", "/incidents", "/incidents/ASKED", "/incidents/ASKED/report", "/report", "/audit", "/nowhere")


@pytest.fixture(scope="module")
def asking(asked: Left, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    left = asked.copied(tmp_path_factory.mktemp("copied") / "state")
    with console(left.settings.state_dir) as address:
        yield address


@pytest.fixture(scope="module")
def in_force(acted: Left, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    left = acted.copied(tmp_path_factory.mktemp("copied") / "state")
    with console(left.settings.state_dir) as address:
        yield f"{address}/incidents/{left.incident_id}"


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_the_accessibility_checker_finds_nothing(
    chromium: Browser, asking: str, in_force: str, asked: Left, axe: str, scheme: Scheme
) -> None:
    found = {}
    with chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for address in (*(asking + path.replace("ASKED", asked.incident_id) for path in PAGES), in_force):
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            found[address] = violations(page, axe)
    assert {address: problems for address, problems in found.items() if problems} == {}


def test_no_page_scrolls_sideways_at_360_pixels(
    chromium: Browser, asking: str, in_force: str, asked: Left
) -> None:
    found = {}
    with chromium.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        for address in (*(asking + path.replace("ASKED", asked.incident_id) for path in PAGES), in_force):
            page.goto(address)
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
            found[address] = wider_than_the_window(page)
    assert {address: wide for address, wide in found.items() if wide} == {}


def test_a_phone_shows_approve_without_scrolling(chromium: Browser, asking: str, asked: Left) -> None:
    with chromium.new_context(viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.goto(f"{asking}/incidents/{asked.incident_id}")
        box = page.get_by_role("button", name="Approve", exact=True).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 740


def test_the_report_is_saved_as_a_file(chromium: Browser, asking: str, asked: Left, tmp_path: Path) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{asking}/incidents/{asked.incident_id}/report")
        with page.expect_download() as download:
            page.get_by_role("link", name="Markdown").click()
        download.value.save_as(tmp_path / "kept.md")
    assert download.value.suggested_filename == f"incident-{asked.incident_id[:8]}.md"
    assert (tmp_path / "kept.md").read_text().startswith("# psp=swiftgate")
