"""The post-incident report, and that nothing others named becomes more than text in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.standing import History, Step
from console.web.incidents.report import Report, Section, Table, markdown_of, report_of
from payments.decision import Decision
from payments.incident import Status
from payments.segment import Segment
from tests.console.examples import HOSTILE, NOON, closed, diagnosis, incident, lesson

HISTORY = History(
    now=NOON,
    decisions=(Decision(type="approve", by="asha", at=NOON, note="go"),),
    path=(Step(agent="risk_officer", at=NOON, said="A human decides."),),
    lessons=(lesson(),),
)


def titles(report: Report) -> list[str]:
    return [section.title for section in report.sections]


def test_a_report_tells_the_incident_from_its_finding_to_what_was_learned() -> None:
    assert titles(report_of(closed(), HISTORY)) == [
        "Summary", "Evidence", "What it may be", "What was proposed", "What the guardrails said",
        "Who decided what", "What came of it", "Who said what", "Similar incidents before",
    ]  # fmt: skip


def test_what_has_not_happened_is_left_out() -> None:
    bare = incident(Status.OPEN).model_copy(update={"diagnosis": None, "plan": None, "verdict": None})
    assert titles(report_of(bare, History())) == ["Summary"]


def test_markdown_has_a_title_sections_and_tables() -> None:
    text = markdown_of(report_of(closed(), HISTORY))
    assert text.startswith(
        "# psp=northpay fails technically.\n\n## Summary\n\n|  |  |\n| --- | --- |\n| incident |"
    )
    assert "* Question 1: asha chose to approve at 2026-01-05 12:00:00 UTC: go" in text
    assert "| technical failures | 231 | 4.2 | payments |" in text


def test_each_row_of_a_table_has_as_many_cells_as_its_header() -> None:
    for section in report_of(closed(), HISTORY).sections:
        if section.table:
            assert {len(row) for row in section.table.rows} == {len(section.table.header)}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a | b", r"a \| b"),
        ("<script>", r"\<script\>"),
        ("[x](http://evil)", r"\[x\](http\://evil)"),
        ("www.evil.example", r"www\.evil.example"),
        ("a@b.example", r"a\@b.example"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("--- rule", r"\--- rule"),
        ("4.2 %", "4.2 %"),
        ("# title", r"\# title"),
        ("`code` *bold* ~~gone~~", r"\`code\` \*bold\* \~\~gone\~\~"),
        ("two\n\nlines", "two lines"),
        ("2026-03-02 98.1 %", "2026-03-02 98.1 %"),
    ],
)
def test_foreign_text_stays_text(given: str, written: str) -> None:
    assert markdown_of(Report("t", (Section("s", (given,)),))).split("\n\n")[2].rstrip("\n") == written


@given(st.text(max_size=60))
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    written = markdown_of(Report("t", (Section("s", table=Table(("a", "b"), ((text, text),))),)))
    *_, row = written.rstrip("\n").split("\n")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>`\[\]]", row)


def test_a_hostile_incident_is_reported_in_lines_of_our_own() -> None:
    culprit = Segment({"merchant": HOSTILE})
    hostile = incident(culprit=culprit).model_copy(update={"diagnosis": diagnosis(culprit, HOSTILE)})
    text = markdown_of(report_of(hostile, HISTORY))
    assert text.replace("\n", "").isprintable()
    assert "[red]" not in text
