"""An incident from its first sign to its end, in a real browser beside a crew at work on the simulator."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import PATIENCE_MS, console, violations, wider_than_the_window

pytestmark = [pytest.mark.slow]
expect.set_options(timeout=2 * PATIENCE_MS)

RECOVERED = re.compile(r"^(8[6-9]|9\d)\.\d %")
FAILING = re.compile(r"^[1-7]\d\.\d %")
SETTINGS = """
mode = "copilot"
[guardrails]
max_renewals = 0
"""
"""Nothing is done without a human, and nothing goes on after its first expiry."""


def test_an_incident_appears_is_approved_the_curve_recovers_and_the_action_expires(
    page: Page, axe: str, tmp_path: Path
) -> None:
    settings = tmp_path / "payops.toml"
    settings.write_text(SETTINGS)
    watch = ("--scenario", "psp_outage", "--seed", "7", "--tick", "0.1", "--config", str(settings))
    with console(tmp_path / "state", *watch) as address:
        # It appears on the list that somebody has open.
        page.goto(f"{address}/incidents")
        page.get_by_role("link", name="Look and decide").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("psp=swiftgate")
        incident = page.url

        # The live page shows it too, with the rate that it costs.
        page.goto(address)
        expect(page.locator('[data-panel="incidents"]')).to_contain_text("psp outage")
        expect(page.locator('[data-value="rate"]')).to_have_text(FAILING)
        assert violations(page, axe) == []
        page.set_viewport_size({"width": 360, "height": 740})
        page.reload()
        assert wider_than_the_window(page) == []
        page.set_viewport_size({"width": 1280, "height": 800})

        # It is approved, and goes on step by step while one looks.
        page.goto(incident)
        page.get_by_label("Note, for the record").first.fill("backup tested this morning")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator("#afterwards")).to_contain_text("backup tested this morning")
        expect(page.get_by_text("In force: Reroute 98 %")).to_be_visible()
        expect(page.locator("#afterwards")).to_contain_text("Effect so far Helped")

        # The curve recovers.
        page.goto(address)
        expect(page.locator('[data-value="rate"]')).to_have_text(RECOVERED)

        # The action ends by itself, and the page says so.
        page.goto(incident)
        expect(page.get_by_text("In force:")).to_have_count(0)
        expect(page.locator("#afterwards")).to_contain_text("Undone: the action expired")
