from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from payments.evidence import Evidence
from payments.window import Cells
from tests.payments.made import AT


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
