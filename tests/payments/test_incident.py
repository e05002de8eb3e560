from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.action import Check, Effect, Outcome, Ruling, Verdict
from payments.incident import (
    Category,
    Decision,
    Evidence,
    Finding,
    Incident,
    Lesson,
    Signal,
    Status,
    Tally,
)
from payments.segment import Segment
from payments.window import Cells
from tests.payments.made import ALPHA, AT, LINK, diagnosis, plan, reroute

COUNTS = st.integers(0, 10**9)
TALLIES = st.builds(
    Tally,
    attempts=COUNTS,
    failures=COUNTS,
    pending=COUNTS,
    expected_attempts=COUNTS.map(float),
    expected_failures=COUNTS.map(float),
    expected_pending=COUNTS.map(float),
    payments=st.none() | COUNTS,
    ticks=st.integers(1, 10**9),
)


def finding() -> Finding:
    signal = Signal(
        kind="failures", segment=ALPHA, onset=AT, observed=90.0, expected=9.5, attempts=100, log_evidence=40.0
    )
    return Finding(at=AT, since=AT, signals=(signal,), threshold=9.2, ticks_learned=720)


def incident(**changes: Any) -> Incident:  # noqa: ANN401 - the fields of Incident
    given: dict[str, Any] = {
        "id": "i-1",
        "feed": "test",
        "status": Status.OPEN,
        "opened_at": AT,
        "updated_at": AT,
        "finding": finding(),
    }
    return Incident.model_validate(given | changes)


def evidence(**changes: Any) -> Evidence:  # noqa: ANN401 - the fields of Evidence
    given: dict[str, Any] = {
        "since": AT,
        "until": AT + timedelta(seconds=60),
        "tick_s": 5.0,
        "cells": Cells(attributes=("psp",), keys=(("alpha",), ("beta",))),
        "attempts": [10, 20],
        "failures": [9, 2],
        "pending": [0, 0],
        "expected_attempts": [9.5, 20.5],
        "expected_failures": [1.0, 2.0],
        "expected_pending": [0.1, 0.2],
        "codes": ("91",),
        "failures_by_code": [[9], [1]],
        "expected_by_code": [[0.5], [1.0]],
    }
    return Evidence.model_validate(given | changes)


@given(TALLIES, TALLIES, TALLIES)
def test_tallies_add_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)


@given(TALLIES)
def test_a_tally_of_no_ticks_adds_nothing(tally: Tally) -> None:
    assert tally + Tally() == Tally() + tally == tally


def test_unique_payments_are_unknown_as_soon_as_one_part_is() -> None:
    assert (Tally(payments=3, ticks=1) + Tally(payments=4, ticks=1)).payments == 7
    assert (Tally(payments=3, ticks=1) + Tally(ticks=1)).payments is None


@given(TALLIES)
def test_the_success_rate_is_a_fraction(tally: Tally) -> None:
    rate = tally.success_rate
    assert (rate is None) == (tally.attempts == 0)
    assert rate is None or 0.0 <= rate <= 1.0


def test_the_success_rate_counts_neither_failures_nor_unknown_outcomes() -> None:
    assert Tally(attempts=10, failures=3, pending=2).success_rate == 0.5


def test_evidence_survives_json() -> None:
    before = evidence()
    after = Evidence.model_validate_json(before.model_dump_json())
    assert after.model_dump() == before.model_dump()
    assert after.attempts.dtype == np.int64
    assert after.expected_by_code is not None
    assert after.expected_by_code.shape == (2, 1)
    assert after.duration_s == 60.0


@pytest.mark.parametrize("wrong", [{"failures": [1]}, {"expected_failures": [1.0, 2.0, 3.0]}, {"pending": 3}])
def test_evidence_with_columns_of_another_length_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="for 2 cells"):
        evidence(**wrong)


def test_an_incident_survives_json_at_every_stage() -> None:
    check = Check(name="confidence", passed=True, sentence="Sure.", on_failure="ask", measured=0.9, limit=0.8)
    verdict = Verdict(ruling=Ruling.ACT, risk="low", confidence=0.9, checks=(check,), sentence="Go.")
    whole = incident(
        diagnosis=diagnosis(),
        plan=plan(reroute()),
        verdict=verdict,
        decision=Decision(type="edit", by="ada", at=AT, action=reroute(0.1)),
        outcome=Outcome(effect=Effect.HELPED, payments_saved=None, sentence="Better."),
        status=Status.CLOSED,
        closed_because="recovered",
    )
    for stage in (incident(), incident(diagnosis=diagnosis()), whole):
        assert Incident.model_validate_json(stage.model_dump_json()) == stage


def test_the_culprit_is_the_strongest_signal_until_there_is_a_diagnosis() -> None:
    assert incident().culprit == ALPHA
    assert incident(diagnosis=diagnosis(culprit=LINK)).culprit == LINK


@pytest.mark.parametrize(("kind", "action"), [("edit", None), ("approve", reroute()), ("reject", reroute())])
def test_an_edit_carries_an_action_and_nothing_else_does(kind: str, action: object) -> None:
    with pytest.raises(ValidationError, match="an edit carries an action, and nothing else does"):
        Decision.model_validate({"type": kind, "by": "ada", "at": AT, "action": action})


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Decision.model_validate({"type": "approve", "by": "ada", "at": "2026-03-02T12:00:00"})


@pytest.mark.parametrize("note", ["", " \n"])
def test_a_response_without_words_is_none(note: str) -> None:
    with pytest.raises(ValidationError, match="a response carries words"):
        Decision(type="respond", by="ada", at=AT, note=note)


def test_a_decision_says_who_chose_what_and_when() -> None:
    said = Decision(type="respond", by="ada", at=AT, note="Look again.", question=2)
    assert said.words == "ada chose to respond at 2026-03-02 12:00:00 UTC"


def test_every_category_has_words() -> None:
    assert len({category.words for category in Category}) == len(Category)


@given(st.text(), st.text())
def test_hostile_names_survive_in_a_lesson(name: str, value: str) -> None:
    lesson = Lesson(
        incident_id="i-1",
        at=AT,
        cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM,
        culprit=Segment({name: value}),
        shape={},
        action=reroute().kind,
        effect=Effect.HELPED,
        payments_saved=None,
        decided_by="crew",
        text=value,
    )
    assert Lesson.model_validate_json(lesson.model_dump_json()) == lesson
