"""The six lines and the JSON."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal.clean import one_line, short
from console.terminal.plain import as_json, confidence_words, plain, separator
from graph.report import CycleReport, RiskAssessment
from payments.action import Alert
from payments.diagnosis import EvidenceItem
from payments.segment import Segment
from payments.verdict import Ruling
from tests.console.examples import acting, hostile, quiet, waiting

QUIET = """\
Diagnosis: Traffic is as expected.
Evidence: none
Proposed Action: None: nothing is wrong
Risk Assessment: low risk, act: Nothing to do.
Confidence Score: 0.99"""

INCIDENT = """\
Diagnosis: Network or system failure: psp=northpay fails technically since 12:00:00.
Evidence: technical failures 231 payments, expected 4.2; success rate 12.3 %, expected 93.8 %
Proposed Action: Reroute 98 % of psp=northpay to swiftgate 60 %, unipay 40 %
Risk Assessment: medium risk, act: Every check passed.
Confidence Score: 0.93"""

WAITING = """\
Diagnosis: Network or system failure: psp=northpay fails technically since 12:00:00.
Evidence: technical failures 231 payments, expected 4.2; success rate 12.3 %, expected 93.8 %
Proposed Action: Reroute 98 % of psp=northpay to swiftgate 60 %, unipay 40 %
Risk Assessment: high risk, ask: A human decides. Failed checks: Confidence 0.79 is below the threshold 0.80.
Confidence Score: 0.79
Recommendation: Human approval required before acting."""


@pytest.mark.parametrize(
    ("report", "expected"), [(quiet(), QUIET), (acting(), INCIDENT), (waiting(), WAITING)]
)
def test_a_cycle_reads_exactly_like_this(report: CycleReport, expected: str) -> None:
    assert plain(report) == expected


def test_two_printed_cycles_are_separated_by_one_empty_line() -> None:
    printed = separator.join(plain(report) + "\n" for report in (quiet(), acting()))
    assert printed == f"{QUIET}\n\n{INCIDENT}\n"


NAMES = ["Diagnosis", "Evidence", "Proposed Action", "Risk Assessment", "Confidence Score", "Recommendation"]
texts = st.text()


@st.composite
def reports(draw: st.DrawFn) -> CycleReport:
    """Make reports whose texts and numbers may be anything that the types allow."""
    item = EvidenceItem(
        id="e", label=draw(texts), observed=draw(st.floats()), expected=draw(st.floats()), unit=draw(texts)
    )
    sentence = draw(texts)
    return CycleReport.model_validate(
        {
            **dict(quiet()),
            "diagnosis": draw(texts),
            "evidence": (item,),
            "proposed_action": Alert(scope=Segment({draw(texts): draw(texts)}), message=draw(texts)),
            "risk_assessment": RiskAssessment(
                ruling=Ruling.ASK, risk="low", sentence=sentence, failed_checks=(draw(texts),)
            ),
            "confidence_score": draw(st.floats(0, 1)),
            "recommendation": draw(st.none() | texts),
        }
    )


@given(reports())
def test_there_are_always_the_same_five_or_six_lines(report: CycleReport) -> None:
    lines = plain(report).splitlines()
    assert [line.split(":")[0] for line in lines] == NAMES[: 5 if report.recommendation is None else 6]
    assert all(character.isprintable() for line in lines for character in line)


@given(reports())
def test_json_is_one_line_of_ascii_that_gives_the_same_report_back(report: CycleReport) -> None:
    finite = EvidenceItem(id="e", label=report.diagnosis, observed=0.1)
    report = report.model_copy(update={"evidence": (finite,)})
    line = as_json(report)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert CycleReport.model_validate_json(line) == report


@given(reports())
def test_json_is_strict_json_even_for_numbers_that_json_does_not_know(report: CycleReport) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert set(json.loads(as_json(report), parse_constant=refuse)) == set(CycleReport.model_fields)


def test_hostile_names_reach_the_terminal_as_visible_characters() -> None:
    line = plain(hostile()).splitlines()[0]
    assert line == r"Diagnosis: [red]x[/red]\x1b[2J \u202eevil {boom} [/]"


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.8, "0.80"),
        (0.7999, "0.79"),
        (0.7999999999999999, "0.79"),
        (0.29, "0.29"),
        (1.0, "1.00"),
        (1e-9, "0.00"),
    ],
)
def test_a_confidence_is_cut_off_and_never_rounded_up(confidence: float, words: str) -> None:
    assert confidence_words(confidence) == words


@given(st.floats(0, 1))
def test_a_confidence_below_the_threshold_never_looks_like_it(confidence: float) -> None:
    assert (float(confidence_words(confidence)) >= 0.8) == (confidence >= 0.8)


def test_a_failed_check_that_the_sentence_says_already_is_not_said_twice() -> None:
    risk = RiskAssessment(
        ruling=Ruling.ASK, risk="high", sentence="Too many payments.", failed_checks=("Too many payments.",)
    )
    assert plain(waiting().model_copy(update={"risk_assessment": risk})).count("Too many payments.") == 1


def test_plain_and_json_start_without_the_drawing_library() -> None:
    program = "import sys, console.terminal.plain, console.terminal.lines; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(texts)
def test_cleaned_text_is_one_printable_line_and_stays_so(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert one_line(line) == line


@given(texts, st.integers(2, 40))
def test_shortened_text_keeps_within_the_limit(text: str, limit: int) -> None:
    assert len(short(text, limit)) <= limit


def test_letters_of_every_script_stay_as_they_are() -> None:
    assert one_line("Café 東京 दुकान") == "Café 東京 दुकान"
