"""The evidence as bars: the culprit against the rest, against its siblings, by code."""

from datetime import timedelta

import numpy as np
import pytest

from console.web.incidents.evidence import Bar, Chart, charts_of
from payments.evidence import Evidence
from payments.segment import Segment
from payments.window import Cells
from tests.console.examples import NOON, diagnosis

CELLS = Cells(
    attributes=("issuer", "psp"),
    keys=(("elm", "north"), ("elm", "swift"), ("oak", "north"), ("oak", "swift")),
)
ATTEMPTS = np.asarray([100, 200, 300, 400])


def evidence(**changes: object) -> Evidence:
    """Make evidence in which psp=north fails for everybody."""
    given: dict[str, object] = {
        "since": NOON,
        "until": NOON + timedelta(seconds=120),
        "tick_s": 5.0,
        "cells": CELLS,
        "attempts": ATTEMPTS,
        "failures": np.asarray([80, 10, 240, 20]),
        "pending": np.asarray([10, 0, 30, 0]),
        "expected_attempts": ATTEMPTS.astype(float),
        "expected_failures": 0.05 * ATTEMPTS,
        "expected_pending": 0.0 * ATTEMPTS,
        "codes": ("91", "51", "odd"),
        "failures_by_code": np.asarray([[70, 5, 5], [5, 5, 0], [200, 10, 30], [10, 10, 0]]),
        "expected_by_code": np.asarray(
            [[1.0, 4.0, 0.0], [5.0, 5.0, 0.0], [4.0, 11.0, 0.0], [10.0, 10.0, 0.0]]
        ),
    }
    return Evidence.model_validate({**given, **changes})


def drawn(culprit: Segment, **changes: object) -> dict[str, Chart]:
    charts = charts_of(evidence(**changes), diagnosis(culprit))
    return {chart.title: chart for chart in charts}


NORTH = Segment.of(psp="north")


def test_the_culprit_stands_against_the_rest() -> None:
    chart = drawn(NORTH)["success rate, the culprit against the rest"]
    assert [(bar.name, bar.at_fault) for bar in chart.bars] == [
        ("in the culprit", True),
        ("everywhere else", False),
    ]
    assert chart.bars[0].observed == pytest.approx(1 - 360 / 400)
    assert chart.bars[0].expected == pytest.approx(0.95)
    assert chart.bars[1].observed == pytest.approx(0.95)


def test_the_culprit_stands_first_among_its_siblings() -> None:
    chart = drawn(NORTH)["success rate by psp"]
    assert [(bar.name, bar.at_fault) for bar in chart.bars] == [("north", True), ("swift", False)]


def test_each_attribute_of_a_culprit_is_compared_within_the_others() -> None:
    charts = drawn(Segment.of(issuer="elm", psp="north"))
    within = charts["success rate by issuer, within psp=north"]
    assert [bar.name for bar in within.bars] == ["elm", "oak"]
    assert within.bars[1].observed == pytest.approx(1 - 270 / 300)
    assert [bar.name for bar in charts["success rate by psp, within issuer=elm"].bars] == ["north", "swift"]


def test_codes_that_are_not_in_excess_are_left_out() -> None:
    chart = drawn(NORTH)["failures in the culprit by code"]
    assert [(bar.name, bar.observed) for bar in chart.bars] == [
        ("91: issuer or switch inoperative", 270.0),
        ("odd", 35.0),
    ]


def test_a_surge_is_drawn_as_attempts_a_minute() -> None:
    quiet = {"failures": np.asarray([5, 10, 15, 20]), "pending": np.zeros(4, dtype=int)}
    charts = drawn(NORTH, **quiet, expected_attempts=np.asarray([20.0, 200.0, 60.0, 400.0]))
    chart = charts["attempts a minute, the culprit against the rest"]
    assert (chart.bars[0].observed, chart.bars[0].expected) == (200.0, 40.0)
    assert "success rate, the culprit against the rest" not in charts


def test_what_nobody_counts_is_not_drawn() -> None:
    titles = drawn(NORTH, failures_by_code=None, expected_by_code=None)
    assert not [title for title in titles if "code" in title or "slow" in title or "repeated" in title]


def test_slow_attempts_are_drawn_when_they_tell() -> None:
    slow = {"slow": np.asarray([90, 20, 290, 40]), "expected_slow": 0.1 * ATTEMPTS}
    assert "slow attempts, the culprit against the rest" in drawn(NORTH, **slow)
    usual = {"slow": np.asarray([10, 20, 30, 40]), "expected_slow": 0.1 * ATTEMPTS}
    assert "slow attempts, the culprit against the rest" not in drawn(NORTH, **usual)


def test_all_payments_have_no_rest_and_no_siblings() -> None:
    charts = charts_of(evidence(), diagnosis(Segment.of()))
    assert [bar.name for bar in charts[0].bars] == ["in the culprit"]


@pytest.mark.parametrize("culprit", [Segment.of(psp="gone"), Segment.of(shop="x")])
def test_a_culprit_that_the_evidence_does_not_know_breaks_nothing(culprit: Segment) -> None:
    charts = charts_of(evidence(), diagnosis(culprit))
    assert [bar.name for bar in charts[0].bars] == ["everywhere else"]


def test_many_siblings_are_cut_and_counted() -> None:
    keys = tuple((f"bank{number:02}", "north") for number in range(20))
    many = np.full(20, 50)
    counts = {
        "cells": Cells(attributes=("issuer", "psp"), keys=keys),
        "attempts": many,
        "failures": np.asarray([45, *([2] * 19)]),
        "pending": 0 * many,
        "expected_attempts": many.astype(float),
        "expected_failures": 0.04 * many,
        "expected_pending": 0.0 * many,
        "codes": (),
        "failures_by_code": None,
        "expected_by_code": None,
    }
    chart = drawn(Segment.of(issuer="bank00"), **counts)["success rate by issuer"]
    assert (chart.bars[0].name, len(chart.bars), chart.left_out) == ("bank00", 8, 12)


BAR = Bar("b", observed=20.0, expected=40.0, at_fault=True)
LARGE = Bar("l", observed=800.0, expected=400.0, at_fault=False)


@pytest.mark.parametrize(
    ("value", "place"), [(0.0, "2.00%"), (0.5, "50.00%"), (1.0, "98.00%"), (7.0, "98.00%")]
)
def test_a_share_is_placed_on_a_scale_from_0_to_1(value: float, place: str) -> None:
    assert Chart("", "fraction", (BAR,)).place(value, BAR) == place


def test_counts_have_one_scale_and_volumes_each_their_own() -> None:
    assert Chart("", "failures", (BAR, LARGE)).place(40.0, BAR) == "6.80%"
    assert Chart("", "a minute", (BAR, LARGE)).place(40.0, BAR) == "98.00%"


@pytest.mark.parametrize("unit", ["fraction", "failures", "a minute"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 0.0])
def test_no_number_is_placed_outside(unit: str, value: float) -> None:
    odd = Bar("o", observed=value, expected=0.0, at_fault=True)
    assert Chart("", unit, (odd,)).place(value, odd) == "2.00%"
