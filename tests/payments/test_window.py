"""Counts that cannot be are refused with a sentence; those that can survive JSON."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.errors import InvalidWindow
from payments.segment import Segment
from payments.window import (
    LATENCY_BINS,
    LATENCY_EDGES_MS,
    Cells,
    Window,
    latency_bin,
    latency_quantile_ms,
)
from tests.payments.made import AT

CELLS = Cells(attributes=("psp", "method"), keys=(("alpha", "upi"), ("beta", "upi")))


def window(**changes: Any) -> Window:  # noqa: ANN401 - the fields of Window, right and wrong
    given: dict[str, Any] = {
        "start": AT,
        "duration_s": 60.0,
        "cells": CELLS,
        "attempts": [10, 20],
        "successes": [8, 15],
        "pending": [1, 0],
    }
    return Window.model_validate(given | changes)


def test_failures_are_what_neither_succeeded_nor_waits() -> None:
    assert window().failures.tolist() == [1, 5]


def test_a_window_ends_after_its_duration() -> None:
    assert window().end == AT + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"successes": [11, 0], "pending": [0, 0]},
            "successes and pending exceed attempts in cell method=upi & psp=alpha",
        ),
        (
            {"successes": [8, 15], "pending": [1, 6]},
            "successes and pending exceed attempts in cell method=upi & psp=beta",
        ),
        ({"payments": [11, 0]}, "unique payments exceed attempts"),
        ({"codes": ("91",), "failures_by_code": [[1], [6]]}, "failures by code exceed failures"),
        ({"latency": [[11] + [0] * 47, [0] * 48]}, "latency samples exceed attempts"),
        ({"latency": [[0] * 47, [0] * 47]}, r"latency has shape \(2, 47\), expected \(2, 48\)"),
        ({"attempts": [10]}, r"attempts has shape \(1,\), expected \(2,\)"),
        ({"attempts": 10}, r"attempts has shape \(\), expected \(2,\)"),
        ({"failures_by_code": [[1], [1]]}, r"failures_by_code has shape \(2, 1\), expected \(2, 0\)"),
        ({"attempts": [10, -1]}, "between 0 and 2.53, got -1 to 10"),
        ({"attempts": [10, 2**53 + 1]}, "between 0 and 2.53"),
        ({"attempts": [10, 2**63]}, "between 0 and 2.53"),
        ({"attempts": [10, 10**400]}, "whole numbers"),
        ({"attempts": [10.5, 20]}, "whole numbers, got float64 values such as"),
        ({"attempts": [float("nan"), 20]}, "whole numbers"),
        ({"attempts": [{}, 20]}, "whole numbers"),
        ({"attempts": ["many", "few"]}, "could not convert"),
        ({"duration_s": 0.0}, "greater than 0"),
        ({"duration_s": float("inf")}, "less than or equal"),
        ({"start": "9999-12-31T23:59:59Z"}, "leaves no room for 60.0 s before the year 10000"),
        ({"start": datetime(2026, 1, 1)}, "timezone"),  # noqa: DTZ001 - what is refused
        ({"currency": "euro"}, "pattern"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        window(**changes)


def test_counts_that_would_overflow_in_sum_are_refused() -> None:
    codes = tuple(str(number) for number in range(2048))
    with pytest.raises(ValidationError, match="failures by code exceed failures"):
        window(codes=codes, failures_by_code=[[2**53] * 2048] * 2)


def test_whole_floats_are_counts() -> None:
    assert window(attempts=[10.0, 20.0]).attempts.dtype == np.int64


# Cells


@pytest.mark.parametrize(
    ("attributes", "keys", "words"),
    [
        (("psp", "psp"), (("a", "b"),), "attribute named twice"),
        (("psp",), (("a", "b"),), "has 2 values for 1 attributes"),
        (("psp",), (("a",), ("b",), ("a",)), r"cell \('a',\) is listed twice"),
    ],
)
def test_cells_that_contradict_themselves_are_refused(
    attributes: tuple[str, ...], keys: tuple[tuple[str, ...], ...], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        Cells(attributes=attributes, keys=keys)


def test_a_mask_marks_the_cells_of_a_segment() -> None:
    assert CELLS.mask(Segment.of(psp="beta")).tolist() == [False, True]
    assert CELLS.mask(Segment.of(method="upi")).tolist() == [True, True]
    assert CELLS.mask(Segment({})).tolist() == [True, True]
    assert CELLS.mask(Segment.of(colour="red")).tolist() == [False, False]


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), min_size=1, max_size=8, unique=True))
def test_the_mask_of_a_cells_own_segment_marks_it_alone(keys: list[tuple[str, str]]) -> None:
    cells = Cells(attributes=("a", "b"), keys=tuple(keys))
    for row in range(len(cells)):
        assert np.flatnonzero(cells.mask(cells.segment(row))).tolist() == [row]


# What people paste


def pasted(**row: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a row, right and wrong
    first = {"attributes": {"psp": "alpha", "method": "upi"}, "attempts": 10, "successes": 8} | row
    second = {"attributes": {"method": "upi", "psp": "beta"}, "attempts": 5, "successes": 5, "codes": {}}
    return {"start": "2026-03-02T12:00:00Z", "rows": [first, second]}


def test_a_pasted_window_is_read() -> None:
    read = Window.parse(pasted(codes={"91": 1}, pending=1, payments=9))
    assert read.start == AT
    assert read.duration_s == 60.0
    assert read.cells.segment(1) == Segment.of(psp="beta", method="upi")
    assert read.attempts.tolist() == [10, 5]
    assert read.failures.tolist() == [1, 0]
    assert read.codes == ("91",)
    assert read.failures_by_code is not None
    assert read.failures_by_code.tolist() == [[1], [0]]
    assert read.payments is None, "not every row counts unique payments"


def test_unique_payments_are_kept_when_every_row_has_them() -> None:
    data = pasted(payments=9)
    data["rows"][1]["payments"] = 5
    read = Window.parse(data)
    assert read.payments is not None
    assert read.payments.tolist() == [9, 5]
    assert read.failures_by_code is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pasted(attempts=-1), r"rows\.0\.attempts: Input should be greater than or equal to 0, got -1"),
        (pasted(attempts=10**30), r"rows\.0\.attempts: .*9007199254740992"),
        (pasted(attempts=10.5), r"rows\.0\.attempts: .*got 10\.5"),
        (pasted(attempts="many"), r"rows\.0\.attempts: .*got 'many'"),
        (
            pasted(successes=11),
            r"successes and pending exceed attempts in cell method=upi & psp=alpha: attempts 10, ",
        ),
        (pasted(success=8), r"rows\.0\.success: Extra inputs are not permitted"),
        (pasted(attributes={"psp": "alpha"}), r"rows\.1: attributes .* differ from those of row 0"),
        (pasted(attributes={"psp": "beta", "method": "upi"}), "listed twice"),
        (pasted(codes={"91": 3}), "failures by code exceed failures"),
        (pasted(attributes={"psp": 7}), r"rows\.0\.attributes\.psp: .*string"),
        ({"start": "2026-03-02T12:00:00Z", "rows": []}, "at least one row"),
        ({"start": "2026-03-02T12:00:00Z"}, "rows: Field required"),
        ({"start": "yesterday", "rows": []}, "start: .*got 'yesterday'"),
        ({"start": "2026-03-02T12:00:00", "rows": []}, "start: .*timezone"),
        (pasted() | {"duration_s": -1}, "duration_s: .*greater than 0, got -1"),
        (pasted() | {"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({}, "start: Field required"),
        (17, "window cannot be read: TypeError"),
    ],
)
def test_a_pasted_window_that_cannot_be_is_refused_by_place_and_value(data: Any, words: str) -> None:  # noqa: ANN401 - anything
    with pytest.raises(InvalidWindow, match=words):
        Window.parse(data)


def test_a_huge_value_is_not_repeated_in_full() -> None:
    with pytest.raises(InvalidWindow) as raised:
        Window.parse(pasted(attempts="9" * 100_000))
    assert len(str(raised.value)) < 300


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ROW = st.fixed_dictionaries(
    {"attributes": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2) | ANYTHING},
    optional={
        name: st.integers() | ANYTHING
        for name in ("attempts", "successes", "pending", "payments", "codes", "x")
    },
)
PASTED = st.fixed_dictionaries(
    {},
    optional={
        "start": st.just("2026-03-02T12:00:00Z") | st.datetimes(timezones=st.just(UTC)) | ANYTHING,
        "duration_s": st.floats() | ANYTHING,
        "rows": st.lists(ROW, max_size=3) | ANYTHING,
    },
)


@given(PASTED | st.dictionaries(st.text(max_size=5), ANYTHING))
def test_whatever_is_pasted_is_a_window_or_a_sentence(data: dict[str, Any]) -> None:
    try:
        read = Window.parse(data)
    except InvalidWindow:
        return
    assert (read.failures >= 0).all()
    assert read.end > read.start


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(st.lists(st.text(max_size=4), min_size=1, max_size=3, unique=True))
    keys = draw(
        st.lists(st.tuples(*(st.text(max_size=4) for _ in names)), min_size=1, max_size=5, unique=True)
    )
    return [draw(row_of(dict(zip(names, key, strict=True)))) for key in keys]


@st.composite
def row_of(draw: st.DrawFn, attributes: dict[str, str]) -> dict[str, Any]:
    attempts = draw(st.integers(0, 2**53))
    successes = draw(st.integers(0, attempts))
    pending = draw(st.integers(0, attempts - successes))
    failures = attempts - successes - pending
    return {
        "attributes": attributes,
        "attempts": attempts,
        "successes": successes,
        "pending": pending,
        "codes": draw(st.dictionaries(st.text(max_size=2), st.integers(0, failures // 3), max_size=3)),
    }


@given(rows(), st.floats(0.001, 86_400.0))
def test_every_possible_window_is_read_and_survives_json(
    given_rows: list[dict[str, Any]], duration_s: float
) -> None:
    read = Window.parse({"start": AT, "duration_s": duration_s, "rows": given_rows})
    assert read.attempts.tolist() == [row["attempts"] for row in given_rows]
    assert read.failures.tolist() == [
        row["attempts"] - row["successes"] - row["pending"] for row in given_rows
    ]
    text = read.model_dump_json()
    assert Window.model_validate_json(text).model_dump_json() == text
    assert json.loads(text)["attempts"] == read.attempts.tolist()


# Latency


def test_each_latency_lies_between_the_edges_of_its_bin() -> None:
    assert latency_bin([0.0, 9.99, 10.0, 11.99, 12.0, 1e9]).tolist() == [0, 0, 1, 1, 2, LATENCY_BINS - 1]


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=50), st.floats(0.0, 1.0))
def test_the_quantile_is_the_upper_edge_of_the_bin_that_holds_it(latencies: list[float], q: float) -> None:
    histogram = np.bincount(latency_bin(latencies), minlength=LATENCY_BINS)
    quantile = latency_quantile_ms(histogram, q)
    exact = float(np.quantile(latencies, q, method="inverted_cdf"))
    assert quantile is not None
    assert quantile > exact or exact >= LATENCY_EDGES_MS[-1]
    assert quantile <= max(exact, 10.0) * 1.2 * (1 + 1e-9)


def test_an_empty_histogram_has_no_quantile() -> None:
    assert latency_quantile_ms([0] * LATENCY_BINS, 0.5) is None


@given(st.lists(st.floats(0.0, 1e5), max_size=20), st.lists(st.floats(0.0, 1e5), max_size=20))
def test_histograms_merge_by_addition(one: list[float], other: list[float]) -> None:
    together = np.bincount(latency_bin(one + other), minlength=LATENCY_BINS)
    apart = [np.bincount(latency_bin(part), minlength=LATENCY_BINS) for part in (one, other)]
    assert together.tolist() == (apart[0] + apart[1]).tolist()
