"""The pages about incidents and the record, as a browser without scripts gets them."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig

from agents.language_model.opinion import Fallback, Opinion, Usage, without
from console.compose import deciding, open_memory
from console.settings import Settings
from console.web.access.people import Role
from guardrails.audit import AuditLog
from payments.action import Reroute
from payments.audit import AuditRecord
from payments.diagnosis import Diagnosis
from payments.incident import Incident, Status
from payments.segment import Segment
from payments.verdict import Check, Ruling, Verdict
from tests.console.examples import NOON, closed, diagnosis, incident, plan
from tests.console.web.visits import Visitor, console_of
from tests.graph.made import Left

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[2J{{7*7}}'


class Read(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.tags if name == tag]


def keeping(settings: Settings, *incidents: Incident) -> Visitor:
    """Open the console on some incidents."""
    with open_memory(settings) as memory:
        for one in incidents:
            memory.incidents.open(one, None)
            memory.incidents.save(one)
    return Visitor(console_of(settings))


@pytest.fixture
def empty(no_settings: None, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


def hostile() -> Incident:
    """Make an incident in which all that others named is an attack on the page."""
    culprit = Segment({"merchant": EVIL})
    rerouted = Reroute(scope=culprit, from_route=EVIL, to={EVIL: 0.5, f"{EVIL}2": 0.5}, share=0.9)
    check = Check(name=EVIL, passed=False, sentence=EVIL, on_failure="ask")
    return incident(culprit=culprit).model_copy(
        update={
            "feed": f"file:{EVIL}",
            "diagnosis": Diagnosis.model_validate({**diagnosis(culprit, EVIL).model_dump(), "cause": EVIL}),
            "plan": plan(rerouted).model_copy(update={"reason": EVIL}),
            "verdict": Verdict(
                ruling=Ruling.ASK, risk="high", confidence=0.9, checks=(check,), sentence=EVIL
            ),
            "approvers": (EVIL,),
        }
    )


def test_the_page_begins_with_the_sentence_the_proposal_and_the_buttons(asha: Visitor, waiting: Left) -> None:
    page = asha.get(f"/incidents/{waiting.incident_id}").text
    order = ["<h1", "Proposed", "Saves", "Risks", "Why it asks", 'value="approve"', "Evidence", "Guardrails"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_every_form_that_changes_something_is_sent_by_post_with_our_seal(
    asha: Visitor, waiting: Left
) -> None:
    page = asha.get(f"/incidents/{waiting.incident_id}").text
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    assert len(forms) == 2
    for form in forms:
        assert 'method="post"' in form
        assert 'name="csrf"' in form


def test_enter_in_a_field_never_approves_what_was_not_changed(asha: Visitor, waiting: Left) -> None:
    page = asha.get(f"/incidents/{waiting.incident_id}").text
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if "/decide" in form]
    (plain,) = [form for form in forms if 'value="approve"' in form]
    assert not [given for given in Read(plain).named("input") if given.get("type") != "hidden"]
    (changing,) = [form for form in forms if form != plain]
    assert [given["value"] for given in Read(changing).named("button")] == ["edit"]


def test_the_page_shows_all_that_is_known(asha: Visitor, waiting: Left) -> None:
    page = asha.get(f"/incidents/{waiting.incident_id}").text
    for words in (
        "What it may be",
        "Who said what",
        "risk officer",
        "The proposal in full",
        "success rate by psp",
    ):
        assert words in page


def test_no_page_needs_an_inline_style_or_script(asha: Visitor, waiting: Left) -> None:
    for path in (f"/incidents/{waiting.incident_id}", "/incidents", "/report", "/audit"):
        page = Read(asha.get(path).text)
        assert not [
            given for _, given in page.tags if "style" in given or any(n.startswith("on") for n in given)
        ]
        assert all(given.get("src") for given in page.named("script"))


def test_htmx_may_neither_evaluate_text_nor_run_what_it_is_sent(asha: Visitor, waiting: Left) -> None:
    for path in (f"/incidents/{waiting.incident_id}", "/incidents"):
        given = [one for one in Read(asha.get(path).text).named("meta") if one.get("name") == "htmx-config"]
        rules = json.loads(given[0]["content"] or "")
        assert rules["selfRequestsOnly"]
        assert not any(rules[name] for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles"))
        assert rules["historyCacheSize"] == 0


def test_names_that_attack_the_page_stay_text(empty: Settings) -> None:
    visitor = keeping(empty, hostile())
    incident_id = hostile().id
    AuditLog(empty.state_dir / "audit.jsonl").append(
        AuditRecord(id=EVIL, at=NOON, incident_id=EVIL, event="refused", actor=EVIL, inputs={"note": EVIL})
    )
    for path in (
        f"/incidents/{incident_id}",
        f"/incidents/{incident_id}/report",
        "/incidents",
        "/audit",
        "/report",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        page = Read(answer.text)
        assert not page.named("img"), path
        assert all((given.get("src") or "").startswith("/static/") for given in page.named("script")), path
        assert not [given for _, given in page.tags if any(name.startswith("on") for name in given)], path
        assert "\u202e" not in answer.text, path
        assert "\x1b" not in answer.text, path


def test_what_a_person_wrote_comes_back_as_text(asha: Visitor, waiting: Left) -> None:
    form = {"type": "approve", "question": "7", "note": f"</textarea>{EVIL}"}
    answer = asha.post(f"/incidents/{waiting.incident_id}/decide", form)
    assert answer.status_code == 409
    assert not Read(answer.text).named("img")


def test_the_inbox_lists_what_waits_and_the_list_below_can_be_narrowed(empty: Settings) -> None:
    over = closed().model_copy(update={"id": "00000000-0000-5000-8000-000000000000"})
    visitor = keeping(empty, incident(), over)
    page = visitor.get("/incidents").text
    assert page.count("Look and decide") == 1
    assert "/incidents/00000000" in page
    assert "/incidents/00000000" not in visitor.get("/incidents?show=live").text
    assert visitor.get("/incidents?show=none").status_code == 422


def test_older_incidents_are_on_further_pages(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.web.incidents.pages.A_PAGE", 2)
    visitor = keeping(empty, *(closed().model_copy(update={"id": f"{number:08d}"}) for number in range(5)))
    shown, path = list[str](), "/incidents?show=closed"
    while path:
        text = visitor.get(path).text
        shown += re.findall(r'href="/incidents/(\d{8})"', text)
        older = re.search(r'href="([^"]*)#all" rel="next"', text)
        path = unescape(older[1]) if older else ""
    assert shown == [f"{number:08d}" for number in range(5)]
    assert "There are no more." in visitor.get("/incidents?page=4").text
    assert visitor.get("/incidents?page=0").status_code == 422


def test_empty_pages_say_so(empty: Settings) -> None:
    visitor = keeping(empty)
    assert "Nothing waits for you." in visitor.get("/incidents").text
    assert "Nothing to report" in visitor.get("/report").text
    assert "Nothing is on record yet." in visitor.get("/audit").text


def test_an_incident_that_was_just_found_can_be_looked_at(empty: Settings) -> None:
    bare = incident(Status.OPEN).model_copy(update={"diagnosis": None, "plan": None, "verdict": None})
    answer = keeping(empty, bare).get(f"/incidents/{bare.id}")
    assert answer.status_code == 200
    assert "not diagnosed yet" in answer.text


def test_what_happened_since_is_shown_step_by_step(acting: Left) -> None:
    page = Visitor(console_of(acting.settings)).get(f"/incidents/{acting.incident_id}").text
    assert "In force:" in page
    assert "Effect so far" in page
    assert page.count("went on") >= 1


def test_a_viewer_may_read_but_not_take_back(acting: Left) -> None:
    viewer = Visitor(console_of(acting.settings), "vera", Role.VIEWER)
    assert "Take it back now" not in viewer.get(f"/incidents/{acting.incident_id}").text


def test_the_report_is_a_page_and_a_file(asha: Visitor, waiting: Left) -> None:
    page = asha.get(f"/incidents/{waiting.incident_id}/report")
    assert page.status_code == 200
    file = asha.get(f"/incidents/{waiting.incident_id}/report.md")
    assert file.headers["content-type"] == "text/markdown; charset=utf-8"
    assert (
        file.headers["content-disposition"] == f'attachment; filename="incident-{waiting.incident_id[:8]}.md"'
    )
    assert file.text.startswith("# psp=swiftgate")


def test_the_record_shows_what_was_saved_and_how_sure_the_crew_was(acting: Left) -> None:
    page = Visitor(console_of(acting.settings)).get("/report").text
    assert "Payments saved in all" in page
    assert "sure: 1 of 1 helped" in page
    assert "autopilot" in page


def test_the_record_counts_the_newest_incidents_and_says_so(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = keeping(empty, *(closed().model_copy(update={"id": f"{number:08d}"}) for number in range(3)))
    assert "Only the newest" not in visitor.get("/report").text
    monkeypatch.setattr("console.web.record.pages.REPORTED_AT_MOST", 2)
    page = visitor.get("/report").text
    assert "Only the newest 2 incidents are counted here" in page
    assert re.search(r">incidents</th><td>2</td>", page)


def test_a_span_that_is_none_is_refused_in_words(asha: Visitor) -> None:
    answer = asha.get("/report?since=soon")
    assert answer.status_code == 422
    assert "is no length of time" in answer.text


def test_the_audit_page_says_that_the_log_is_sound_and_finds_one_incident(
    asha: Visitor, waiting: Left
) -> None:
    page = asha.get("/audit").text
    assert "Nothing was changed." in page
    assert "proposed" in page
    assert "Nothing is on record of that." in asha.get("/audit?incident=ffff").text
    only = asha.get("/audit?event=ruled").text
    assert '<th scope="row">ruled</th>' in only
    assert '<th scope="row">proposed</th>' not in only


def test_the_audit_page_says_where_somebody_changed_the_log(asha: Visitor, waiting: Left) -> None:
    log = waiting.settings.state_dir / "audit.jsonl"
    log.write_text(log.read_text().replace("planner", "nobody"))
    page = asha.get("/audit").text
    assert "Somebody changed the record." in page
    assert "Line 1 is not as it was written" in page


def page_with(opinion: Opinion, left: Left) -> str:
    """Show the incident that waits, with an opinion in its run."""
    config: RunnableConfig = {"configurable": {"thread_id": left.incident_id}}
    with deciding(left.feed, left.settings) as runs:
        runs.crew.update_state(config, {"opinion": opinion.model_dump(mode="json")}, as_node="second_opinion")
    return Visitor(console_of(left.settings)).get(f"/incidents/{left.incident_id}").text


def test_the_page_shows_the_words_of_a_language_model_as_words(waiting: Left) -> None:
    summary = "<script>alert(1)</script> {{7*7}} fails"
    usage = Usage(calls=1, tokens_in=912)
    page = page_with(Opinion(about="d", model=EVIL, prompt="p", summary=summary, usage=usage), waiting)
    assert "In the words of a language model, which decides nothing" in page
    assert "912 tokens in" in page
    assert "<script>alert" not in page
    assert unescape(page).count(summary) == 1  # as text, and never as a tag


def test_the_page_says_why_there_is_no_second_opinion(waiting: Left) -> None:
    page = page_with(without(Opinion(about="d", model="m", prompt="p"), Fallback.TIMED_OUT), waiting)
    assert "There is none: no answer in time" in page
    assert "In the words of a language model" not in page
