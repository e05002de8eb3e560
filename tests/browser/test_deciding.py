"""Decisions in a real browser: refused when stale, won by one of two, possible without a mouse."""

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from console.compose import open_memory
from payments.incident import Incident, Status
from tests.browser.serving import PATIENCE_MS
from tests.graph.made import Left

expect.set_options(timeout=PATIENCE_MS)


def incident_of(left: Left) -> Incident:
    with open_memory(left.settings) as memory:
        return memory.incidents.get(left.incident_id)


def deciders(left: Left) -> list[str]:
    with open_memory(left.settings) as memory:
        return [one.type for one in memory.incidents.decisions(left.incident_id)]


def test_an_approval_of_a_question_that_is_past_is_refused_and_the_new_one_shown(
    visitor: BrowserContext, address: str, waiting: Left
) -> None:
    stale, quick = visitor.new_page(), visitor.new_page()
    stale.goto(f"{address}/incidents/{waiting.incident_id}")
    quick.goto(f"{address}/incidents/{waiting.incident_id}")
    quick.get_by_label("Note, for the record").first.fill("unipay is back, look again")
    stale.get_by_label("Note, for the record").first.fill("fine by me")
    quick.get_by_role("button", name="Ask again").click()
    expect(quick.get_by_text("Question 2.")).to_be_visible()
    stale.get_by_role("button", name="Approve", exact=True).click()
    expect(stale.get_by_role("alert")).to_contain_text("was decided already")
    expect(stale.get_by_label("Note, for the record").first).to_have_value("fine by me")
    assert incident_of(waiting).status is Status.WAITING
    assert deciders(waiting) == ["respond"]


def test_of_two_browsers_that_decide_at_once_one_wins(chromium: Browser, address: str, waiting: Left) -> None:
    with chromium.new_context() as first, chromium.new_context() as second:
        pages = [first.new_page(), second.new_page()]
        for one in pages:
            one.goto(f"{address}/incidents/{waiting.incident_id}")
        for one, name in zip(pages, ("approve", "reject"), strict=True):  # neither waits for the answer
            one.evaluate(f"setTimeout(() => document.querySelector('button[value={name}]').click())")
        for one in pages:
            expect(one.locator("#decide")).to_have_count(0)
        refused = [one for one in pages if one.get_by_role("alert").count()]
        assert len(refused) == 1
        expect(refused[0].get_by_role("alert")).to_contain_text("was decided already")
    assert len(deciders(waiting)) == 1


def test_an_incident_can_be_approved_with_the_keyboard_alone(page: Page, address: str, waiting: Left) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press_until(page, "Incidents")
    page.wait_for_url("**/incidents")
    press_until(page, "Look and decide")
    page.wait_for_url("**/incidents/*")
    press_until(page, "Approve")
    expect(page.get_by_text("In force:")).to_be_visible()
    assert deciders(waiting) == ["approve"]


def press_until(page: Page, name: str) -> None:
    """Go on with Tab until what has the focus is called so, then press Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText || ''")
        if text.strip().startswith(name):
            break
    else:
        raise AssertionError(f"{name!r} cannot be reached with the keyboard")
    page.keyboard.press("Enter")


def test_what_somebody_writes_is_not_taken_away_when_the_incident_changes(
    page: Page, address: str, waiting: Left, tmp_path: Path
) -> None:
    page.goto(f"{address}/incidents/{waiting.incident_id}")
    page.get_by_label("Note, for the record").first.fill("I was about to say")
    ask_anew(waiting)
    expect(page.get_by_text("This incident has changed while you were writing.")).to_be_visible()
    expect(page.get_by_label("Note, for the record").first).to_have_value("I was about to say")


def test_a_page_follows_an_incident_that_changes(page: Page, address: str, waiting: Left) -> None:
    page.goto(f"{address}/incidents/{waiting.incident_id}")
    expect(page.get_by_text("waits for a decision")).to_be_visible()
    with open_memory(waiting.settings) as memory:
        kept = memory.incidents.get(waiting.incident_id)
        closed = {
            "status": Status.CLOSED,
            "recovered": True,
            "updated_at": kept.updated_at.replace(year=2027),
        }
        memory.incidents.save(kept.model_copy(update=closed))
    expect(page.locator("#hero .pill").first).to_have_text("over")
    expect(page.get_by_role("status").filter(has_text="over")).to_have_count(1)


def test_a_click_meant_for_the_question_before_does_not_answer_the_new_one(
    page: Page, address: str, waiting: Left
) -> None:
    page.clock.install(time=0)
    page.goto(f"{address}/incidents/{waiting.incident_id}")
    page.clock.pause_at(60_000)
    ask_anew(waiting)
    expect(page.locator("#hero")).to_have_attribute("data-question", "2")
    expect(page.locator(".buttons[inert]")).to_have_count(1)
    page.clock.run_for(2_000)
    expect(page.locator(".buttons[inert]")).to_have_count(0)


def test_a_double_click_decides_once(page: Page, address: str, waiting: Left) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{address}/incidents/{waiting.incident_id}")
    page.get_by_role("button", name="Reject").dblclick()
    expect(page.locator("#afterwards")).to_contain_text("reject")
    expect(page.locator("#refusal")).to_have_count(0)
    assert len(sent) == 1


def test_what_changed_is_fetched_once_by_htmx_and_nothing_else_is(
    page: Page, address: str, waiting: Left
) -> None:
    fetched: list[str] = []
    page.on(
        "request", lambda request: fetched.append(request.url) if "hx-request" in request.headers else None
    )
    incident = f"{address}/incidents/{waiting.incident_id}"
    page.goto(incident)
    page.evaluate("window.sameDocument = true")
    for _ in range(2):  # nothing has changed
        page.evaluate(
            "new Promise(heard => document.addEventListener('live', () => heard(), { once: true }))"
        )
    assert fetched == []
    ask_anew(waiting)
    expect(page.locator("#hero")).to_have_attribute("data-question", "2")
    assert fetched == [incident]
    assert page.evaluate("window.sameDocument")


def test_a_form_that_somebody_has_unfolded_stays_unfolded(page: Page, address: str, waiting: Left) -> None:
    page.goto(f"{address}/incidents/{waiting.incident_id}")
    page.locator("details.change summary").click()
    page.evaluate("document.activeElement.blur()")
    ask_anew(waiting)
    expect(page.get_by_text("This incident has changed while you were writing.")).to_be_visible()
    expect(page.locator("details.change[open]")).to_have_count(1)
    expect(page.locator("#hero")).to_have_attribute("data-question", "1")


def ask_anew(left: Left) -> None:
    """Let the incident ask its second question."""
    with open_memory(left.settings) as memory:
        kept = memory.incidents.get(left.incident_id)
        later = {"question": 2, "updated_at": kept.updated_at.replace(year=2027)}
        memory.incidents.save(kept.model_copy(update=later))
