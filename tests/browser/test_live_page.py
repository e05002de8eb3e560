"""The live page in a real browser, beside a crew at work on the simulator."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import PATIENCE_MS, console

pytestmark = [pytest.mark.slow]
expect.set_options(timeout=PATIENCE_MS)
RECOVERED = re.compile(r"^(8[6-9]|9\d)\.\d %")


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Watch an outage in autopilot, faster than time."""
    state = tmp_path_factory.mktemp("outage") / "state"
    with console(state, "--scenario", "psp_outage", "--seed", "7", "--tick", "0.05") as address:
        yield address


def test_an_incident_appears_is_acted_on_and_the_curve_recovers(page: Page, outage: str) -> None:
    page.goto(outage)
    in_force = page.locator('[data-panel="in_force"]')
    expect(in_force).to_contain_text("Reroute")
    expect(in_force).to_contain_text("left")
    expect(page.locator('[data-panel="incidents"]')).to_contain_text("psp outage")
    expect(in_force).to_contain_text("Helped")
    expect(page.locator('[data-value="rate"]')).to_have_text(RECOVERED)
    assert page.evaluate("Math.min(...livePage.points.rate)") < 0.85


def test_charts_follow_the_watch_without_a_reload(page: Page, outage: str) -> None:
    page.goto(outage)
    # Until the watch has published something the page waits, and then loads itself once.
    page.locator("[data-chart] canvas").nth(2).wait_for()
    page.evaluate("window.sameDocument = true")
    figures = page.locator('[data-panel="headline"] .figures')
    points = page.evaluate("livePage.points.at.length")
    expect(figures).not_to_have_text(figures.inner_text())
    expect(page.locator("#announce")).not_to_be_empty()
    assert page.evaluate("window.sameDocument")
    assert page.evaluate("livePage.points.at.length") >= points


def test_a_panel_that_somebody_is_in_stays_while_the_others_go_on(page: Page, outage: str) -> None:
    page.goto(outage)
    link = page.locator("table.heat tbody td a").first
    link.focus()
    page.evaluate("window.heat = document.activeElement")
    figures = page.locator('[data-panel="headline"] .figures')
    expect(figures).not_to_have_text(figures.inner_text())
    assert page.evaluate("document.activeElement === window.heat && window.heat.isConnected")


def test_htmx_breaks_no_rule_of_the_policy(page: Page, outage: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(outage)
    figures = page.locator('[data-panel="headline"] .figures')
    expect(figures).not_to_have_text(figures.inner_text())
    page.goto(f"{outage}/incidents")
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.evaluate("document.dispatchEvent(new CustomEvent('live-again'))")
    assert said == []


def test_a_page_that_was_hidden_catches_up(page: Page, outage: str) -> None:
    page.goto(outage)
    page.locator("[data-chart] canvas").nth(2).wait_for()
    page.evaluate("Object.keys(livePage.points).forEach(name => livePage.points[name].splice(3))")
    with page.expect_response("**/live/series*"):
        page.evaluate("document.dispatchEvent(new CustomEvent('live-again'))")


def test_a_click_in_the_heat_map_leads_to_the_pair(page: Page, outage: str) -> None:
    page.goto(outage)
    page.locator("table.heat tbody td a").first.click()
    crumbs = page.locator("#charts-title")
    expect(crumbs).to_contain_text(re.compile(r"All payments.*issuer.*psp", re.DOTALL))
    crumbs.get_by_role("link", name="All payments").click()
    expect(page.locator("[data-chart]")).to_have_count(3)


def test_the_kill_switch_is_turned_by_keyboard_and_seen_on_another_page_at_once(
    page: Page, outage: str
) -> None:
    other = page.context.new_page()
    other.goto(f"{outage}/audit")
    page.goto(outage)
    page.locator("#kill-switch summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Why").fill("the bank asks for calm")
    page.keyboard.press("Enter")
    expect(page.locator("[data-kill]")).to_have_text("Kill switch ON")
    expect(other.locator("[data-kill]")).to_have_text("Kill switch ON")
    other.get_by_label("Incident", exact=True).fill("what is written here is not lost")
    other.locator("#kill-switch summary").click()
    expect(other.get_by_text("the bank asks for calm")).to_be_visible()
    expect(other.get_by_role("button", name="Allow writes to traffic again")).to_be_visible()
    expect(other.get_by_role("button", name="Stop every write to traffic")).to_be_hidden()
    expect(other.get_by_label("Incident", exact=True)).to_have_value("what is written here is not lost")
    page.locator("#kill-switch summary").click()
    page.get_by_role("button", name="Allow writes to traffic again").click()
    expect(page.locator("[data-kill]")).to_have_text("Kill switch off")


def test_the_first_tab_stop_skips_to_the_content(page: Page, outage: str) -> None:
    page.goto(outage)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_theme_is_kept_for_the_next_page(page: Page, outage: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(outage)
    page.get_by_label("Switch between light and dark").click()
    page.goto(f"{outage}/audit")
    expect(page.locator("body")).to_have_css("background-color", "rgb(14, 17, 22)")


def test_no_script_is_evaluated_from_text(page: Page, outage: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(outage)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')")
    page.wait_for_event("console", lambda message: "Content Security Policy" in message.text)
    assert page.evaluate("window.ran") is None


def test_a_page_says_since_when_it_is_out_of_date(page: Page, tmp_path: Path) -> None:
    out_of_date = page.get_by_role("link", name=re.compile("Not up to date since"))
    with console(tmp_path / "state") as address:
        with page.expect_request("**/events*"):
            page.goto(f"{address}/report")
        expect(out_of_date).to_be_hidden()
    expect(out_of_date).to_be_visible()


def test_a_stream_that_stays_open_and_says_nothing_is_out_of_date_too(page: Page, outage: str) -> None:
    page.clock.install(time=0)
    page.route("**/events*", lambda _: None)  # never answered
    page.goto(outage)
    page.clock.fast_forward(19_000)
    assert page.evaluate("document.body.hasAttribute('data-cut')") is False
    page.clock.fast_forward(6_000)
    expect(page.get_by_text("Not up to date since")).to_be_visible()


def test_a_watch_that_ends_at_once_is_said_to_have_ended(page: Page, tmp_path: Path) -> None:
    with console(tmp_path / "state", "--scenario", "nonsense") as address:
        page.goto(address)
        expect(page.get_by_role("heading", name="Nothing is watched", exact=True)).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("There is no scenario 'nonsense'")
        expect(page.get_by_text("Not watching")).to_be_visible()
