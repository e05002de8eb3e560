"""A replay in which merchants are named to attack the console: nothing runs, and everything can be read."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import PATIENCE_MS, console

pytestmark = [pytest.mark.slow]
expect.set_options(timeout=PATIENCE_MS)

NAMES = (
    "<script>window.ran = 1</script>",
    '"><img src=x onerror="window.ran = 2">',
    "</script></textarea></title><svg onload=window.ran=3>",
    "javascript:window.ran=4",
    "{{ 7 * 7 }}${7*7}",
    "\u202eevil\u2066 & north",
)
MINUTES, FAILS_FROM = 90, 60
MAP = "attempts=attempts,success=ok,time=at,dims=psp,merchant"


def rows() -> Iterator[list[object]]:
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for minute in range(MINUTES):
        for number, name in enumerate(NAMES):
            for psp in ("alpha", "beta"):
                struck = number == minute // 5 % len(NAMES) and minute >= FAILS_FROM
                failed = 170 if struck else 14 + (7 * minute + number) % 5
                yield [(begin + timedelta(minutes=minute)).isoformat(), psp, name, 200, 200 - failed]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "payments.csv"
    with file.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows([["at", "psp", "merchant", "attempts", "ok"], *rows()])
    with console(folder / "state", "--source", str(file), "--map", MAP, "--tick", "0") as address:
        yield address


def test_no_name_runs_on_any_page(page: Page, replayed: str, tmp_path: Path) -> None:
    asked_elsewhere: list[str] = []
    page.on("request", lambda request: asked_elsewhere.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(f"{replayed}/incidents")
    expect(page.locator("#all tbody tr").nth(1)).to_be_visible()
    page.goto(replayed)
    paths = ["/", "/incidents", "/report", "/audit"]
    page.goto(f"{replayed}/incidents")
    paths += page.locator("#all tbody a").evaluate_all("links => links.map(one => one.getAttribute('href'))")
    assert len(paths) > 5
    for path in [*paths, *(f"{one}/report" for one in paths[4:6])]:
        page.goto(replayed + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("window.ran") is None, path
        assert page.locator("main img, main svg[onload]").count() == 0, path
        assert "\u202e" not in page.content(), path
    home = urlsplit(replayed).netloc
    assert {urlsplit(url).netloc for url in asked_elsewhere} == {home}
    assert not [url for url in asked_elsewhere if urlsplit(url).path == "/x"]


def test_a_hostile_name_is_shown_as_it_is(page: Page, replayed: str) -> None:
    page.goto(f"{replayed}/incidents")
    expect(page.locator("#all")).to_contain_text("merchant=<script>window.ran = 1</script>")
