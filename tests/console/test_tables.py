"""Lists and the page of one incident."""

import io
from datetime import timedelta

import pytest
from rich.console import Console, RenderableType

from console.terminal.tables import ScenarioRow, inbox_table, incident_page, lessons_table, scenarios_table
from payments.incident import Status
from payments.segment import Segment
from tests.console.examples import HOSTILE, NOON, closed, incident, lesson

LITERAL = r"[red]x[/red]\x1b[2J"


def text_of(content: RenderableType, width: int = 200) -> str:
    """Give what a console would print, without colours."""
    console = Console(file=io.StringIO(), record=True, width=width)
    console.print(content)
    return console.export_text()


def test_scenarios_are_listed_with_their_right_action() -> None:
    row = ScenarioRow("psp_outage", "network_or_system", "reroute", "One route [bold]fails[/bold].")
    text = text_of(scenarios_table([row]))
    for words in row:
        assert words in text


def test_the_inbox_says_who_waits_since_when_and_why() -> None:
    text = text_of(inbox_table([incident()], NOON + timedelta(minutes=90)))
    for words in (
        "3f2a91c0",
        "1.5 h",
        "psp=northpay",
        "psp outage",
        "0.79",
        "Reroute 98 %",
        "run.py approve ID",
    ):
        assert words in text
    assert "Confidence 0.79 is below 0.80." in " ".join(text.split())


def test_an_inbox_without_the_time_says_since_when_an_incident_waits() -> None:
    assert "05 Jan 12:00" in text_of(inbox_table([incident()]))


def test_an_empty_inbox_says_so() -> None:
    assert text_of(inbox_table([], NOON)).strip() == "No incident waits for a human."


@pytest.mark.parametrize("width", [80, 140])
def test_the_id_to_type_is_never_broken(width: int) -> None:
    assert "3f2a91c0" in text_of(inbox_table([incident()], NOON), width)


def test_the_page_tells_the_whole_story_in_order() -> None:
    text = " ".join(text_of(incident_page(closed(), [lesson()])).split())
    story = (
        "simulator:psp_outage:7", "closed because the rate is back to normal", "technical psp=northpay",
        "psp=northpay fails technically.", "network or system failure", "96 % of all that is in excess",
        "technical failures", "93 % psp_outage", "+ Only this route fails.", "4 % issuer_outage",
        "- Every issuer fails alike.", "91 % alike", "A reroute helped.", "Reroute 98 %",
        "120 payments (80 to 160)", "15 min", "Saves nothing.", "FAILED, ask", "0.7999", "0.8", "volume",
        "passed", "1,234", "5,000",
        "edit by asha", "gently", "Reroute 10 %", "helped", "12 payments (8 to 16)", "it expired",
    )  # fmt: skip
    place = 0
    for words in story:
        assert words in text[place:], words
        place = text.index(words, place)


def test_a_closed_incident_offers_no_decision() -> None:
    assert "run.py" not in text_of(incident_page(closed()))


def test_a_waiting_incident_offers_every_decision() -> None:
    text = text_of(incident_page(incident()))
    assert all(f"run.py {verb} 3f2a91c0" in text for verb in ("approve", "edit", "reject"))


def test_an_incident_before_its_diagnosis_has_a_page_and_a_row() -> None:
    early = incident(Status.OPEN).model_copy(update={"diagnosis": None, "plan": None, "verdict": None})
    assert "psp=northpay" in text_of(incident_page(early))
    assert "psp=northpay" in text_of(inbox_table([early], NOON))


def test_lessons_are_listed_with_what_came_of_them() -> None:
    text = text_of(lessons_table([lesson()]))
    for words in ("2026-01-05", "aa11bb22", "psp outage", "reroute", "helped", "42", "crew", "91 %"):
        assert words in text


def test_no_lessons_is_said_in_words() -> None:
    assert text_of(lessons_table([])).strip() == "No lesson is remembered yet."


@pytest.mark.parametrize(
    "content",
    [
        incident_page(incident(culprit=Segment({"merchant": HOSTILE})), [lesson(text=HOSTILE)]),
        inbox_table([incident(culprit=Segment({"merchant": HOSTILE}))], NOON),
        lessons_table([lesson(culprit=Segment({"merchant": HOSTILE}))]),
        scenarios_table([ScenarioRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE)]),
    ],
)
def test_hostile_names_stay_literal_in_every_table(content: RenderableType) -> None:
    text = text_of(content, 400)
    assert LITERAL in text
    assert "\x1b" not in text
    assert "\u202e" not in text
