"""What holds for every evidence, however odd."""

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.window import Cells
from tests.agents.analyst.cases import CASES, on_calendar
from tests.agents.analyst.world import SINCE, diagnose, evidence

COLUMNS = (
    "attempts", "failures", "pending", "expected_attempts", "expected_failures", "expected_pending",
    "failures_by_code", "expected_by_code", "repeats", "expected_repeats", "slow", "expected_slow", "fast",
    "expected_fast",
)  # fmt: skip
HOSTILE = st.text(max_size=6) | st.sampled_from(["", "a&b=c", " | ", "ü\u202e", "\x00", "=", "'; --"])


@st.composite
def any_evidence(draw: st.DrawFn) -> Evidence:
    """Counts of any size, none included, over cells of any name; columns may be missing."""
    width = draw(st.integers(1, 10))
    names = draw(st.lists(HOSTILE, min_size=width, max_size=width, unique=True))
    keys = draw(st.lists(st.tuples(*[HOSTILE] * width), min_size=0, max_size=12, unique=True))
    size = len(keys)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    attempts = rng.integers(0, draw(st.sampled_from([1, 2, 50, 10_000])), size)
    failures = rng.binomial(attempts, draw(st.sampled_from([0.0, 0.1, 0.9, 1.0])))
    codes = tuple(
        draw(st.lists(st.sampled_from(["91", "51", "tls_error", "?", "", "U30|?", "\u202e91"]), unique=True))
    )
    columns: dict[str, Any] = {}
    if draw(st.booleans()) and codes:
        columns["codes"] = codes
        columns["failures_by_code"] = np.array([failures // len(codes)] * len(codes), dtype=np.int64).T
        columns["expected_by_code"] = rng.random((size, len(codes))) * 3
    for name in ("repeats", "slow", "fast"):
        if draw(st.booleans()):
            columns[name] = rng.binomial(attempts, 0.5)
            columns[f"expected_{name}"] = rng.random(size) * attempts * draw(st.sampled_from([0.0, 0.1, 2.0]))
    return Evidence(
        since=SINCE,
        until=SINCE + timedelta(seconds=draw(st.sampled_from([0, 5, 3600]))),
        tick_s=5.0,
        cells=Cells(attributes=tuple(names), keys=tuple(keys)),
        attempts=attempts,
        failures=failures,
        pending=attempts - failures,
        expected_attempts=rng.random(size) * draw(st.sampled_from([0.0, 1.0, 1e4])),
        expected_failures=rng.random(size) * attempts * draw(st.sampled_from([0.0, 0.2, 1.0])),
        expected_pending=rng.random(size),
        dispersion=draw(st.sampled_from([0.0, 0.01, 1.0])),
        onset_sharpness=draw(st.none() | st.floats(0, 1)),
        **columns,
    )


@settings(max_examples=150)
@given(any_evidence())
def test_any_evidence_gives_a_diagnosis_whose_probabilities_sum_to_one(given_evidence: Evidence) -> None:
    found = diagnose(given_evidence)
    assert sum(h.probability for h in found.hypotheses) == pytest.approx(1.0)
    assert math.isfinite(found.confidence)
    assert 0.0 <= found.confidence <= 0.99
    assert found.hypotheses[0].cause == found.cause
    Diagnosis.model_validate_json(found.model_dump_json())


@settings(max_examples=15)
@given(st.sampled_from(sorted(CASES)), st.integers(0, 2**32))
def test_the_order_of_the_cells_does_not_matter(cause: str, seed: int) -> None:
    first = evidence(CASES[cause])
    order = np.random.default_rng(seed).permutation(len(first.cells))
    keys = tuple(first.cells.keys[row] for row in order)
    cells = Cells(attributes=first.cells.attributes, keys=keys)
    moved = {name: getattr(first, name)[order] for name in COLUMNS}
    planned = on_calendar(cause)
    one, other = (
        diagnose(e, planned=planned) for e in (first, first.model_copy(update={"cells": cells, **moved}))
    )
    assert (one.cause, one.culprit) == (other.cause, other.culprit)
    assert one.confidence == pytest.approx(other.confidence)


@settings(max_examples=15)
@given(st.sampled_from(sorted(set(CASES) - {"planned_maintenance"})), HOSTILE)
def test_the_names_of_values_do_not_matter(cause: str, prefix: str) -> None:
    first = evidence(CASES[cause])
    keys = tuple(tuple(prefix + value[::-1] for value in key) for key in first.cells.keys)
    renamed = first.model_copy(update={"cells": Cells(attributes=first.cells.attributes, keys=keys)})
    one, other = diagnose(first), diagnose(renamed)
    assert other.cause == one.cause
    assert other.culprit.root == {name: prefix + value[::-1] for name, value in one.culprit.root.items()}


def test_when_every_cell_fails_alike_the_culprit_is_all_payments() -> None:
    everywhere = evidence(CASES["user_mix"], payments=30.0)
    assert len(diagnose(everywhere).culprit) == 0


def test_no_cells_at_all_are_no_incident() -> None:
    empty = evidence(CASES["noise"]).model_copy(
        update={"cells": Cells(attributes=("psp",), keys=()), **dict.fromkeys(COLUMNS[:6], np.zeros(0))},
    )
    gone = dict.fromkeys(COLUMNS[6:])
    assert diagnose(empty.model_copy(update=gone)).cause == "noise"
