"""Signing in with a token in a real browser."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import PATIENCE_MS, console

expect.set_options(timeout=PATIENCE_MS)
TOKEN = sha256(b"drawn at random").hexdigest()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a console that one viewer has a token for."""
    folder = tmp_path_factory.mktemp("guarded")
    tokens = folder / "tokens"
    tokens.write_text(f"vik:viewer:{sha256(TOKEN.encode()).hexdigest()}\n")
    with console(folder / "state", PAYOPS_CONSOLE_TOKENS_FILE=str(tokens)) as address:
        yield address


def test_a_wrong_token_is_refused_and_the_right_one_leads_back_to_the_page(page: Page, guarded: str) -> None:
    page.goto(f"{guarded}/audit")
    page.get_by_label("Token").fill("a guess")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This token is nobody's.")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{guarded}/audit")
    page.locator("#kill-switch summary").click()
    expect(page.locator("#kill-switch")).to_contain_text("Somebody with the role admin turns it.")
    page.get_by_role("button", name="Sign out").click()
    page.goto(guarded)
    expect(page.get_by_label("Token")).to_be_visible()


def test_after_too_many_wrong_tokens_the_page_says_how_long_to_wait(page: Page, guarded: str) -> None:
    page.goto(guarded)
    for _ in range(6):
        page.get_by_label("Token").fill("a guess")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_contain_text("Too many tries: wait")
